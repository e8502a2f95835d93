"""The key that turns names into pseudonyms: it is read from a file, and is never shown.

A pseudonym is HMAC-SHA256 (RFC 2104) of the name, cut to 80 bits. A program with the key can
compute the pseudonym of a name. Without the key, nobody can do that, or test a guess. Accounts,
devices and means of payment have keys of their own, which are derived from the one in the file.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
import stat
from dataclasses import dataclass, field
from typing import Final, Literal

from ringfence.errors import SettingsError

PseudonymKind = Literal["account", "device", "payment"]
"""The kind of thing that a name stands for."""

PSEUDONYM_MARKS: Final[dict[PseudonymKind, str]] = {
    "account": "pseudonym-",
    "device": "device-",
    "payment": "payment-",
}
"""The beginning of the pseudonyms of each kind."""

PSEUDONYM_DIGITS: Final = 20
"""Hexadecimal digits of a pseudonym: 80 bits. Among 10 million names, the chance that any two have
the same pseudonym is 4e-11 (birthday bound n² / 2⁸¹)."""

_SETTING: Final = "privacy.pseudonym_key"
_HINT: Final = "make one: (umask 077 && head -c 32 /dev/urandom > FILE)"
_LEAST_BYTES: Final = 32
_MOST_BYTES: Final = 4_096
_LEAST_DIFFERENT: Final = 8
"""Different bytes of a key. 32 random bytes have fewer with a chance below 1e-45."""

_BLOCK: Final = 64
"""Bytes of a block of SHA-256."""

_PSEUDONYM: Final = re.compile(rf"pseudonym-[0-9a-f]{{{PSEUDONYM_DIGITS}}}")


@dataclass(frozen=True)
class PseudonymKey:
    """A secret key for pseudonyms.

    Attributes:
        secret: at least 32 random bytes. No text form of this object shows them.
    """

    secret: bytes = field(repr=False)

    def pseudonym(self, name: str) -> str:
        """Return the pseudonym of an account: ``pseudonym-`` and 20 hexadecimal digits.

        Args:
            name: the account as the logs name it. A lone surrogate, which no log can have, counts
                as a question mark.
        """
        digest = hmac.new(self._derived("account"), name.encode("utf-8", "replace"), "sha256")
        return PSEUDONYM_MARKS["account"] + digest.hexdigest()[:PSEUDONYM_DIGITS]

    def pads(self, kind: PseudonymKind) -> tuple[bytes, bytes]:
        """Return the inner and the outer block of HMAC, as secret as the key itself."""
        block = self._derived(kind).ljust(_BLOCK, b"\0")
        return bytes(one ^ 0x36 for one in block), bytes(one ^ 0x5C for one in block)

    @property
    def check_value(self) -> str:
        """A text that tells two keys apart and says nothing else about them."""
        return self._derived("check").hex()[:PSEUDONYM_DIGITS]

    def _derived(self, purpose: str) -> bytes:
        return hmac.digest(self.secret, f"ringfence {purpose}".encode(), "sha256")


def is_pseudonym(name: str) -> bool:
    """Return whether a name has the form of an account's pseudonym."""
    return _PSEUDONYM.fullmatch(name) is not None


def open_key(path: str) -> PseudonymKey | None:
    """Return the key in a file; None for an empty path.

    The file has at least 32 random bytes, or these in hexadecimal digits or in base64. A password
    is refused, because it can be guessed.

    Args:
        path: as in ``privacy.pseudonym_key``.

    Raises:
        SettingsError: the file cannot be read, another user may read it, or it has no such key. The
            text does not repeat the content.
    """
    return PseudonymKey(_secret(_content(path), path)) if path else None


def name_in_use(typed: str, path: str) -> str:
    """Return the name that the ledger and the case store have for an account.

    Args:
        typed: its real name or its pseudonym, as a person typed it.
        path: as in ``privacy.pseudonym_key``. If it is empty, names are used as they are.

    Raises:
        SettingsError: the key cannot be used.
    """
    key = open_key(path)
    return typed if key is None or is_pseudonym(typed) else key.pseudonym(typed)


def _content(path: str) -> bytes:
    """Read the file, if only its owner may.

    Raises:
        SettingsError: it cannot be read, is a folder or a pipe, or others may read it.
    """
    try:
        # Without O_NONBLOCK, a pipe into which nobody writes could not even be opened.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise _refused(path, "is not a file")
            if found.st_mode & 0o077:
                raise _refused(
                    path, "may be used by other users of this machine", f"chmod 600 {path}"
                )
            return file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or "it is not the name of a file"
        raise _refused(path, f"cannot be read: {said}") from error


def _secret(content: bytes, path: str) -> bytes:
    """Return the bytes of a key.

    Raises:
        SettingsError: they are too few, too many, or not random.
    """
    if len(content) > _MOST_BYTES:
        raise _refused(path, f"is too long: it has more than {_MOST_BYTES} bytes")
    secret = _decoded(content)
    if secret is None:
        raise _refused(path, "is a text, and neither hexadecimal digits nor base64")
    if len(secret) < _LEAST_BYTES:
        raise _refused(path, f"is too short: it has fewer than {_LEAST_BYTES} bytes")
    if len(set(secret)) < _LEAST_DIFFERENT:
        raise _refused(path, "is not random")
    return secret


def _decoded(content: bytes) -> bytes | None:
    """Return the bytes that a file stands for; None if it is another text."""
    text = b"".join(content.split())
    if re.fullmatch(rb"(?:[0-9A-Fa-f]{2})+", text):
        return bytes.fromhex(text.decode())
    try:
        return base64.b64decode(text.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except binascii.Error:
        return None if _is_text(content) else content


def _is_text(content: bytes) -> bool:
    """Return whether bytes are UTF-8. 32 random bytes are with a chance below 1e-7."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _refused(path: str, what: str, hint: str = _HINT) -> SettingsError:
    return SettingsError(f"the key {what}", where=f"{_SETTING} {path}", hint=hint)
