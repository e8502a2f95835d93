"""Read the file list of a torrent's metainfo, BEP 3 and BEP 52. Nothing is ever fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from fastbencode import bdecode  # type: ignore[attr-defined]

from ringfence.engine import Engine
from ringfence.errors import SourceError
from ringfence.events.sources import shown_name
from ringfence.leaks.dumps.dump_table import DumpTable
from ringfence.leaks.dumps.listings import listing_relation

METAINFO_START: Final = re.compile(rb"d\d{1,3}:[A-Za-z0-9 ._-]+")
"""The first bytes of a metainfo file: a dictionary and its first key."""

LARGEST_METAINFO: Final = 512 << 20
"""Bytes of a metainfo file that is read. It is held in memory."""

_DEEPEST: Final = 100
"""Folders within folders. A deeper tree would exhaust the stack."""


def torrent_table(engine: Engine, path: Path, number: int) -> DumpTable:
    """Return the file list of a metainfo file, as the engine's table.

    Args:
        engine: gets a temporary table.
        path: the file.
        number: distinguishes the dumps of a run.

    Raises:
        SourceError: the file is damaged, too large, or lists no file.
    """
    info = _info(path)
    try:
        files = list(_version_2(info) if b"file tree" in info else _version_1(info))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path, "its list of files is not as BEP 3 or BEP 52 says") from error
    if not files:
        raise SourceError("is a torrent's metainfo without a file", where=str(path))
    table = f"leak_torrent_{number:d}"
    engine.table(
        table,
        {
            "path": np.array([name for name, _, _ in files], object),
            "size": np.array([size for _, size, _ in files], np.int64),
            "hash": np.array([digest for _, _, digest in files], object),
        },
    )
    relation = f"(SELECT path, CAST(size AS VARCHAR) AS size, hash FROM {table})"  # noqa: S608 - own
    return listing_relation(shown_name(Path(path.name)), "torrent", relation)


def _info(path: Path) -> dict[bytes, Any]:
    if path.stat().st_size > LARGEST_METAINFO:
        raise SourceError(
            f"is a torrent's metainfo of more than {LARGEST_METAINFO >> 20} MiB",
            where=str(path),
            hint="write its list of files to a text file with another tool",
        )
    data = path.read_bytes()
    _check_depth(data, path)
    try:
        content = bdecode(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error
    info = content.get(b"info") if isinstance(content, dict) else None
    if not isinstance(info, dict):
        raise _damaged(path, "it has no info dictionary")
    return info


def _check_depth(data: bytes, path: Path) -> None:
    """Refuse a file with lists and dictionaries nested deeper than any folder.

    Raises:
        SourceError: it has.
    """
    place = depth = 0
    token = re.compile(rb"(\d+):|i-?\d+e|[lde]")
    while place < len(data) and (found := token.match(data, place)):
        place = found.end()
        if found[1]:
            place += int(found[1][:12])
        elif found[0] in {b"l", b"d"}:
            depth += 1
        elif found[0] == b"e":
            depth -= 1
        if depth > _DEEPEST:
            raise _damaged(path, f"it has more than {_DEEPEST} levels of folders")


def _version_1(info: dict[bytes, Any]) -> Iterator[tuple[str, int, str]]:
    name = _text(info.get(b"name.utf-8") or info[b"name"])
    if b"files" not in info:
        yield name, int(info[b"length"]), ""
        return
    for one in info[b"files"]:
        if b"p" in one.get(b"attr", b""):
            continue  # padding, BEP 47
        steps = one.get(b"path.utf-8") or one[b"path"]
        yield "/".join(map(_text, steps)), int(one[b"length"]), ""


def _version_2(info: dict[bytes, Any]) -> Iterator[tuple[str, int, str]]:
    waiting = [("", info[b"file tree"])]
    while waiting:
        folder, tree = waiting.pop()
        folders = []
        for step, below in tree.items():
            name = f"{folder}/{_text(step)}" if folder else _text(step)
            if b"" in below:
                one = below[b""]
                if b"p" not in one.get(b"attr", b""):
                    yield name, int(one[b"length"]), one.get(b"pieces root", b"").hex()
            else:
                folders.append((name, below))
        waiting += reversed(folders)


def _text(value: bytes) -> str:
    return value.decode(errors="replace")


def _damaged(path: Path, said: str) -> SourceError:
    return SourceError(
        f"is a damaged torrent metainfo file: {said}", where=str(path), hint="copy it again"
    )
