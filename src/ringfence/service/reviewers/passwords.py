"""Hash passwords with argon2id, and check them.

The parameters are the low-memory profile of RFC 9106: 64 MiB, three passes, four lanes. A check
takes some 100 milliseconds of a core, so callers limit how many run at once.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.profiles import RFC_9106_LOW_MEMORY

from ringfence.errors import SettingsError

SHORTEST_PASSWORD: Final = 12
"""Characters that a password must have at least."""

_LONGEST: Final = 1024
_HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def hash_password(password: str) -> str:
    """Return the hash of a new password.

    Raises:
        SettingsError: it is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST:
        raise SettingsError(
            f"a password needs at least {SHORTEST_PASSWORD} characters",
            hint="several words make a good one",
        )
    return _HASHER.hash(password)


def check_password(password: str, password_hash: str | None) -> bool:
    """Return whether a password has this hash.

    Args:
        password: what somebody typed.
        password_hash: of the reviewer; None or empty for somebody without a password. The check
            then takes the same time, so that nobody can find out which names exist.
    """
    if len(password) > _LONGEST:
        return False
    try:
        _HASHER.verify(password_hash or _nobody(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return bool(password_hash)


@cache
def _nobody() -> str:
    return _HASHER.hash("the password of nobody")
