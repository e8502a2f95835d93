"""A token: a random text for the client, and its hash for the service.

The text is ``ringfence_ID_SECRET``. The secret has 256 random bits, so a fast hash is enough:
nobody can try all secrets. The ID finds the hash, and is public.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ringfence.errors import SettingsError

TokenScope = Literal["ingest", "authorize", "decisions", "signals", "review", "metrics", "admin"]
"""A permission: to send events, to ask what an account may do, to read all decisions as a bouncer
does, to poll Shared Signals, to work on cases, to read the metrics, or all of it."""

SCOPES: Final[tuple[TokenScope, ...]] = get_args(TokenScope)
"""All scopes."""

_TEXT: Final = re.compile(r"ringfence_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_ID_BYTES: Final = 6
_SECRET_BYTES: Final = 32


@dataclass(frozen=True)
class Token:
    """A token as the service knows it.

    Attributes:
        name: given by the operator; no two tokens have the same one.
        id: part of the text that finds the token.
        digest: SHA-256 of the secret, in hexadecimal digits.
        scopes: what it permits.
        created: when it was made, as ISO 8601 in UTC.
    """

    name: str
    id: str
    digest: str
    scopes: tuple[TokenScope, ...]
    created: str

    def permits(self, scope: TokenScope) -> bool:
        """Return whether the token permits this. The scope ``admin`` permits everything."""
        return scope in self.scopes or "admin" in self.scopes

    def has_secret(self, secret: str) -> bool:
        """Return whether this is the token's secret. It takes the same time for any other one."""
        return hmac.compare_digest(_digest(secret).encode(), self.digest.encode())


def new_token(name: str, scopes: tuple[TokenScope, ...], created: str) -> tuple[Token, str]:
    """Make a token, and return it with its text, which is stored nowhere.

    Args:
        name: letters, digits, dots, hyphens and underscores; at most 63.
        scopes: at least one.
        created: the time, as ISO 8601 in UTC.

    Raises:
        SettingsError: the name is empty or has other signs.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name[:80]!r} cannot be the name of a token",
            hint="use at most 63 letters, digits, dots, hyphens and underscores",
        )
    number, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    token = Token(name, number, _digest(secret), scopes, created)
    return token, f"ringfence_{number}_{secret}"


def split_token(text: str) -> tuple[str, str] | None:
    """Return the ID and the secret in the text of a token; None if it is not one."""
    match = _TEXT.fullmatch(text)
    return (match[1], match[2]) if match else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
