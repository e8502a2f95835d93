"""nginx: a file for the ``map`` directive, and a reload.

The file has one line per account, ``"account" suspend;``, and is included in a ``map`` block. See
https://nginx.org/en/docs/http/ngx_http_map_module.html and docs/how-to/connect-a-sink.md.

nginx compares the keys of a map without case, so ``"bob"`` would also be the key of another person,
``Bob``. A name with an ASCII letter is therefore written as a regular expression, which nginx
compares exactly. It goes through these one by one, so names without letters stay plain keys.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.enforcement.file_errors import file_errors
from ringfence.enforcement.owner_mark import check_owner, owner_mark
from ringfence.enforcement.running import run_command
from ringfence.enforcement.sink import SinkError, Standing
from ringfence.private_files import new_file
from ringfence.visible import visible

LONGEST_NAME: Final = 512
"""The longest account name in bytes. A longer one does not fit into a bucket of nginx's hash table,
and nginx would refuse the whole file."""

RELOAD_SECONDS: Final = 20
"""Time-out of the reload command."""

_PLAIN: Final = frozenset((string.ascii_letters + string.digits).encode())
"""Bytes that mean themselves in a regular expression."""

_HEAD: Final = b"# Written by ringfence outbox deliver; changes are lost.\n"


@dataclass(frozen=True)
class NginxSink:
    """A file for nginx's ``map``.

    Attributes:
        name: name of the sink in the settings.
        file: the file that the map includes.
        reload: the command after which nginx uses the new file; empty if something else reloads
            nginx.
        store: id of the case store that writes the file.
    """

    name: str
    file: Path
    reload: tuple[str, ...]
    store: str = ""

    def replace(self, accounts: Iterator[Standing]) -> Mapping[str, str]:
        """Write the file and reload nginx; if that fails, put the earlier file back.

        Raises:
            SinkError: the file cannot be written, is of another store, or the reload fails.
        """
        refused: dict[str, str] = {}
        new = _HEAD + owner_mark(self.store) + _lines(accounts, refused)
        with file_errors(self.name):
            before = self.file.read_bytes() if self.file.exists() else _HEAD
            check_owner(before, self.store, self.name)
            # Also if nothing has changed: a run may have ended between the file and the reload.
            self._write(new)
            try:
                self._reload()
            except SinkError:
                # With a file that nginx refuses, it could not start again.
                self._write(before)
                raise
        return refused

    def _write(self, content: bytes) -> None:
        with new_file(self.file) as file:
            file.write(content)

    def _reload(self) -> None:
        if not self.reload:
            return
        status = run_command(self.reload, b"", RELOAD_SECONDS, self.name)
        if status:
            raise SinkError(
                f"{visible(' '.join(self.reload), 100)} ended with status {status}; the earlier "
                "file is back",
                retry=True,
                where=self.name,
            )


def _lines(accounts: Iterator[Standing], refused: dict[str, str]) -> bytes:
    """Return one line per account."""
    lines: list[bytes] = []
    for one in accounts:
        why = _fault(one.account)
        if why:
            refused[one.account] = why
        else:
            lines.append(b'"%s" %s;\n' % (_key(one.account.encode()), one.name.encode()))
    return b"".join(sorted(lines))


def _fault(account: str) -> str:
    """Return why a name cannot be a key of a map; empty if it can."""
    if not account:
        return "an empty name would match every request without an account"
    if any(ord(character) < 32 or ord(character) == 127 for character in account):
        return "the name contains a control character"
    try:
        size = len(account.encode())
    except UnicodeEncodeError:
        return "the name is not valid Unicode"
    return "" if size <= LONGEST_NAME else f"the name is longer than {LONGEST_NAME} bytes"


def _key(name: bytes) -> bytes:
    r"""Return a key of a map that is a name and nothing else, as the configuration writes it.

    A map removes one backslash at the beginning of a plain key, and takes the rest literally: so
    neither ``default`` nor ``include`` nor a leading ``~`` has a meaning of its own. In a regular
    expression, every byte that is not a letter or digit is written as its number. ``\z`` is the
    end, because ``$`` would also match before a line break.
    """
    if name.lower() == name.upper():
        return (b"\\" + name).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    escaped = (b"%c" % byte if byte in _PLAIN else b"\\\\x%02x" % byte for byte in name)
    return b"~^%s\\\\z" % b"".join(escaped)
