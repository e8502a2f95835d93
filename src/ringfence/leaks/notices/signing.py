"""The key that signs evidence packs: Ed25519 (RFC 8032), in a file that only its owner may read.

The signature of the same bytes by the same key is always the same, so a pack can be made again.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from ringfence.errors import OutputError, SettingsError, reason
from ringfence.private_files import new_place, read_private

_LARGEST_FILE: Final = 100_000
_HINT: Final = "make one with: ringfence leak notice-key FILE"


@dataclass(frozen=True)
class NoticeKey:
    """A key that signs packs.

    Attributes:
        public: the public key, as PEM.
        fingerprint: SHA-256 of the public key (DER), 64 hexadecimal digits.
    """

    public: bytes
    fingerprint: str
    _private: Ed25519PrivateKey = field(repr=False)

    def sign(self, content: bytes | memoryview) -> bytes:
        """Return the signature, 64 bytes."""
        return self._private.sign(content)


def create_notice_key(path: Path) -> NoticeKey:
    """Write a file with a new key, which only its owner may read.

    Raises:
        SettingsError: the file exists already.
        OutputError: the file cannot be written.
    """
    if os.path.lexists(path):
        raise SettingsError("exists already", where=str(path), hint="name another file")
    private = Ed25519PrivateKey.generate()
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with new_place(path, keeps_other=True) as place:
            place.touch(mode=0o600)
            place.write_bytes(content)
    except OSError as error:
        raise OutputError(f"cannot be written: {reason(error)}", where=str(path)) from error
    return open_notice_key(path)


def open_notice_key(path: Path) -> NoticeKey:
    """Return the key of a file.

    Raises:
        SettingsError: the file cannot be read, another user may read it, or it has no such key. The
            text does not repeat the content.
    """
    try:
        content = read_private(path, _LARGEST_FILE)
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {reason(error)}", where=str(path), hint=_HINT
        ) from error
    try:
        private = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise SettingsError("is not a key for notices", where=str(path), hint=_HINT)
    public = private.public_key()
    return NoticeKey(_pem(public), _fingerprint(public), private)


def signer_of(public: bytes, signature: bytes, content: bytes | memoryview) -> str | None:
    """Return the fingerprint of a public key if it has signed some content, else None.

    Args:
        public: the key, as PEM.
        signature: 64 bytes.
        content: the signed bytes.
    """
    try:
        key = load_pem_public_key(public)
        if not isinstance(key, Ed25519PublicKey):
            return None
        key.verify(signature, content)
    except (ValueError, InvalidSignature, UnsupportedAlgorithm):
        return None
    return _fingerprint(key)


def _pem(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _fingerprint(public: Ed25519PublicKey) -> str:
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()
