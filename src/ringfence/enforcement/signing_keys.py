"""The keys that sign security event tokens, and the public ones that receivers check them with.

All keys are in one JSON Web Key Set (RFC 7517). The first one signs, and all are published. A new
key is appended first, so that receivers learn it, and moves to the front later. The old one is
removed when no token that it signed is on its way any more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc.jwk import ECKey, KeySet, RSAKey

from ringfence.errors import SettingsError

_ALGORITHMS: Final = {"EC": "ES256", "RSA": "RS256"}
"""The algorithm of each type of key. Receivers must know both (RFC 7518)."""

_PUBLISHED: Final = frozenset({"kty", "kid", "crv", "x", "y", "n", "e"})
"""Members of a key that are published (RFC 7518, section 6). A key may have notes of its owner."""

_HINT: Final = "give a JSON Web Key Set with private keys of the types EC (P-256) or RSA"


@dataclass(frozen=True)
class SigningKeys:
    """Private keys, of which the first one signs.

    Attributes:
        keys: the keys, each with an identity.
    """

    keys: tuple[ECKey | RSAKey, ...] = field(repr=False)

    @property
    def algorithm(self) -> str:
        """The algorithm of the key that signs."""
        return _ALGORITHMS[self.keys[0].key_type]

    def public(self) -> dict[str, Any]:
        """Return the JSON Web Key Set that receivers read, without any private part."""
        shown = [
            {
                **{
                    name: value
                    for name, value in key.as_dict(private=False).items()
                    if name in _PUBLISHED
                },
                "use": "sig",
                "alg": _ALGORITHMS[key.key_type],
            }
            for key in self.keys
        ]
        return {"keys": shown}


def read_signing_keys(text: str, where: str) -> SigningKeys:
    """Return the keys of a JSON Web Key Set.

    Args:
        text: the set, with private keys.
        where: the sink, for errors.

    Raises:
        SettingsError: it is not such a set. The text is not repeated, because it is secret.
    """
    try:
        keys = KeySet.import_key_set(json.loads(text)).keys
        chosen = tuple(key for key in keys if isinstance(key, ECKey | RSAKey) and key.is_private)
        usable = bool(chosen) and len(chosen) == len(keys) and all(map(_is_strong, chosen))
    except Exception:  # noqa: BLE001 - of several libraries, and with the text in some of them
        usable = False
    if not usable:
        raise SettingsError("its signing keys cannot be read", where=where, hint=_HINT) from None
    for key in chosen:
        key.ensure_kid()
    if len({key.kid for key in chosen}) < len(chosen):
        raise SettingsError(
            "two of its signing keys have the same kid", where=where, hint="give each its own"
        )
    return SigningKeys(chosen)


def _is_strong(key: ECKey | RSAKey) -> bool:
    shown = key.as_dict(private=False)
    if isinstance(key, ECKey):
        return shown["crv"] == "P-256"
    # Two characters of text stand for 12 bits.
    return len(str(shown["n"])) * 6 >= 2048
