"""A mark in a file of a connected system: which case store writes it.

Two stores that write one file would free each other's accounts without a word.
"""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from ringfence.enforcement.sink import SinkError

_MARK: Final = re.compile(rb"^# case store ([0-9a-f-]{36})\r?$", re.MULTILINE)

_NO_CASES_YET: Final = str(UUID(int=0))
"""A store has an id from its first case on."""


def owner_mark(store: str) -> bytes:
    """Return the line that names a store; nothing for a store without an id."""
    return f"# case store {store}\n".encode() if store else b""


def check_owner(content: bytes, store: str, sink: str) -> None:
    """Refuse to replace what another store has written.

    A file without a mark, which an earlier version has written, is taken over.

    Args:
        content: of the file, or of the part that is replaced.
        store: id of the store that wants to write it; empty if it is not known.
        sink: name of the sink, for the error.

    Raises:
        SinkError: it is of another store.
    """
    found = _MARK.search(content)
    if store and found and found[1].decode() not in {store, _NO_CASES_YET}:
        raise SinkError(
            "its file belongs to another case store; give each store a file of its own, or remove "
            "the line “# case store …” from the file",
            retry=True,
            where=sink,
        )
