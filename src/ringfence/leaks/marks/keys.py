"""The keys of the marks: a private file with the key in use and those before it."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ringfence.errors import OutputError, SettingsError, reason
from ringfence.private_files import new_file, new_place, read_private

MOST_KEYS: Final = 1_000
"""Keys of a file. One per week lasts for nineteen years."""

_SECRET_BYTES: Final = 32
_LARGEST_FILE: Final = 1_000_000


@dataclass(frozen=True)
class MarkKey:
    """A secret key of marks.

    Attributes:
        id: eight hexadecimal digits, which reports show.
        created: since when it is in use, UTC.
        secret: 32 random bytes. No text form of this object shows them.
    """

    id: str
    created: datetime
    secret: bytes = field(repr=False)

    def digest(self, kind: str, field: str, name: str) -> bytes:
        """Return HMAC-SHA256 of a name, 32 bytes.

        Args:
            kind: ``account`` or ``item``.
            field: name of the marked value; empty for an account.
            name: the name. A lone surrogate counts as a question mark.
        """
        # The length keeps a field and a name apart, whatever signs they have.
        text = f"ringfence mark {kind} {len(field)} {field} {name}"
        return hmac.digest(self.secret, text.encode("utf-8", "replace"), "sha256")


@dataclass(frozen=True)
class MarkKeys:
    """The keys of a file, oldest first; the newest is in use."""

    keys: tuple[MarkKey, ...]

    @property
    def current(self) -> MarkKey:
        """The key in use."""
        return self.keys[-1]


def new_mark_key(now: datetime | None = None) -> MarkKey:
    """Return a new random key."""
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    return MarkKey(secrets.token_hex(4), moment, secrets.token_bytes(_SECRET_BYTES))


def create_mark_keys(path: Path) -> MarkKeys:
    """Write a file with one new key, which only its owner may read.

    Raises:
        SettingsError: the file exists already.
        OutputError: the file cannot be written.
    """
    if os.path.lexists(path):
        raise _refused(path, "exists already", "add a key to it with: ringfence leak mark-key")
    keys = MarkKeys((new_mark_key(),))
    try:
        with new_place(path, keeps_other=True) as place:
            place.touch(mode=0o600)
            place.write_bytes(_content(keys))
    except OSError as error:
        raise OutputError(f"cannot be written: {reason(error)}", where=str(path)) from error
    return keys


def rotate_mark_keys(path: Path) -> MarkKeys:
    """Add a new key to a file. Marks are made with it from now on, and the others still detect.

    Raises:
        SettingsError: the file is not one of keys, or has :data:`MOST_KEYS` already.
        OutputError: the file cannot be written. The earlier one stays.
    """
    before = open_mark_keys(path)
    if len(before.keys) >= MOST_KEYS:
        raise _refused(path, f"has {MOST_KEYS:,} keys already", "begin a new file")
    keys = MarkKeys((*before.keys, new_mark_key()))
    try:
        with new_file(path) as file:
            file.write(_content(keys))
    except OSError as error:
        raise OutputError(f"cannot be written: {reason(error)}", where=str(path)) from error
    return keys


def open_mark_keys(path: str | Path) -> MarkKeys:
    """Return the keys of a file.

    Raises:
        SettingsError: the file cannot be read, another user may read it, or it has no keys. The
            text does not repeat the content.
    """
    path = Path(path)
    try:
        record = json.loads(_read(path))
        keys = tuple(_key(one) for one in record["keys"])
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        raise _refused(path, "is not a file of keys for marks") from error
    if not 0 < len(keys) <= MOST_KEYS or len({key.id for key in keys}) < len(keys):
        raise _refused(path, "is not a file of keys for marks")
    return MarkKeys(keys)


def _key(record: dict[str, Any]) -> MarkKey:
    secret = base64.b64decode(record["secret"], validate=True)
    identity, created = record["id"], datetime.fromisoformat(record["created"])
    if len(secret) < _SECRET_BYTES or not isinstance(identity, str) or not identity.isalnum():
        raise ValueError("not a key")
    return MarkKey(identity[:64], created, secret)


def _content(keys: MarkKeys) -> bytes:
    records = [
        {
            "id": key.id,
            "created": key.created.isoformat(),
            "secret": base64.b64encode(key.secret).decode(),
        }
        for key in keys.keys
    ]
    return (json.dumps({"keys": records}, indent=2) + "\n").encode()


def _read(path: Path) -> bytes:
    """Read the file, if only its owner may.

    Raises:
        SettingsError: it cannot be read, is a folder or a pipe, or others may read it.
    """
    try:
        return read_private(path, _LARGEST_FILE)
    except OSError as error:
        raise _refused(path, f"cannot be read: {reason(error)}") from error


def _refused(path: Path, what: str, hint: str = "") -> SettingsError:
    return SettingsError(
        what, where=str(path), hint=hint or "make one with: ringfence leak mark-key"
    )
