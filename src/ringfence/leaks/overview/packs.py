"""The packs of notices that were written to folders."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from ringfence.errors import LeakError, reason
from ringfence.leaks.overview.folders import (
    FoundFolder,
    StoredDocument,
    UnreadableFolder,
    folders_with,
    read_document,
    read_folders,
)

PACK_FILE: Final = "pack.json"
"""The numbers of a pack."""

# The package of notices loads what makes them, which the pages do not need.
_MANIFEST: Final = "manifest.sha256"
_SIGNATURE: Final = "manifest.sig"

MOST_HOSTS: Final = 200
"""Hosts of a pack that are listed, the first ones by name."""

_MOST_ENTRIES: Final = 1_000_000
"""Hosts, and files of a host, that are looked at. A billion links have fewer hosts."""

_Count = Annotated[int, Field(ge=0, le=2**63)]


class StoredPack(StoredDocument):
    """The numbers of a pack; see :class:`ringfence.leaks.notices.NoticePack`."""

    day: date
    laws: tuple[str, ...]
    links: _Count
    hosts: _Count
    refused: _Count
    notices: dict[str, _Count]
    fingerprint: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class WrittenPack:
    """A folder with a pack of notices.

    Attributes:
        key: stands in addresses of pages.
        path: the folder.
        written: when it was written.
        pack: its numbers; None if it was not completed.
        signed: whether it has a signature. Only ``ringfence leak notice-check`` checks it.
    """

    key: str
    path: Path
    written: datetime
    pack: StoredPack | None
    signed: bool


@dataclass(frozen=True)
class HostNotices:
    """The notices to one host.

    Attributes:
        host: its name, with ``_`` for a colon.
        batches: number of its batches of links. Each law has one text per batch.
    """

    host: str
    batches: int


def written_packs(parent: Path) -> tuple[list[WrittenPack], list[UnreadableFolder]]:
    """Return the newest packs in a folder, at most 200, and the folders that cannot be read.

    Raises:
        LeakError: the folder cannot be read.
    """
    return read_folders(folders_with(parent, PACK_FILE, _MANIFEST), _pack)


def written_pack(parent: Path, key: str) -> WrittenPack | None:
    """Return the pack with a key; None if there is none.

    Raises:
        LeakError: the folder, or the pack in it, cannot be read.
    """
    folders = folders_with(parent, PACK_FILE, _MANIFEST)
    return next((_pack(one) for one in folders if one.key == key), None)


def hosts_of(pack: WrittenPack) -> list[HostNotices]:
    """Return the first hosts of a pack by name, at most 200, with their batches.

    Raises:
        LeakError: a folder of the pack cannot be read.
    """
    folder = pack.path / "notices" / "hosts"
    try:
        if not folder.is_dir():
            return []
        names = heapq.nsmallest(MOST_HOSTS, _names(folder))
        return [HostNotices(name, _batches(folder / name)) for name in names]
    except OSError as error:
        raise LeakError(f"cannot be read: {reason(error)}", where=str(folder)) from error


def _batches(folder: Path) -> int:
    # Files are named 0001.dmca.en.txt: the number of the batch stands first.
    return len({name.partition(".")[0] for name in _names(folder)}) if folder.is_dir() else 0


def _names(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        yield from (entry.name for entry in islice(entries, _MOST_ENTRIES))


def _pack(found: FoundFolder) -> WrittenPack:
    path = found.path / PACK_FILE
    return WrittenPack(
        found.key,
        found.path,
        found.written,
        read_document(path, StoredPack) if path.exists() else None,
        (found.path / _SIGNATURE).is_file(),
    )
