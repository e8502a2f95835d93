"""The feed: files that say which account took which item, and when.

The judge writes one file after each fold. The process that answers gateways reads the files in
their order. A file is written whole or not at all, and never changes. The same file may be written
twice after a crash: then it has the same number and the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ringfence.errors import OutputError
from ringfence.private_files import make_folder, new_file
from ringfence.service.files import ServiceFolder

FEED_TYPE: Final = np.dtype([("account", "<u8"), ("item", "<u8"), ("moment", "<i8")])
"""A row: keyed numbers of the account and of the item, and the moment in milliseconds since 1970.

The moment is that of the first take of the pair in the fold."""

FeedRows = NDArray[np.void]
"""Rows of :data:`FEED_TYPE`."""


class FeedError(OutputError):
    """A file of the feed is damaged.

    Args:
        path: of the file.
        number: of the file.
    """

    def __init__(self, path: Path, number: int) -> None:
        self.number = number
        super().__init__(
            "this is not a file of the feed",
            where=str(path),
            hint="it is put aside; the takes in it are not charged to any account",
        )


_NAME: Final = re.compile(r"(\d{20})\.npy")


def write_feed(folder: ServiceFolder, number: int, rows: NDArray[Any]) -> Path:
    """Write one file of the feed, whole or not at all, and return its path.

    Args:
        folder: of the service.
        number: of the file. Numbers rise; gaps are allowed.
        rows: of :data:`FEED_TYPE`.

    Raises:
        OSError: the file cannot be written.
    """
    make_folder(folder.feed)
    path = folder.feed / f"{number:020d}.npy"
    with new_file(path) as file:
        np.save(file, np.ascontiguousarray(rows, FEED_TYPE), allow_pickle=False)
    return path


def feed_numbers(folder: ServiceFolder, after: int = -1) -> list[int]:
    """Return the numbers of the files that follow a number, in order."""
    if not folder.feed.is_dir():
        return []
    found = (_NAME.fullmatch(path.name) for path in folder.feed.iterdir())
    return sorted(number for one in found if one and (number := int(one[1])) > after)


def read_feed(folder: ServiceFolder, after: int) -> Iterator[tuple[int, FeedRows]]:
    """Yield the number and the rows of each file that follows a number, in order.

    Args:
        folder: of the service.
        after: number of the last file that was read; -1 for none.

    Raises:
        OSError: a file cannot be read.
        FeedError: a file is not part of a feed.
    """
    for number in feed_numbers(folder, after):
        path = folder.feed / f"{number:020d}.npy"
        try:
            rows = np.load(path, allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise FeedError(path, number) from error
        if rows.dtype != FEED_TYPE or rows.ndim != 1:
            raise FeedError(path, number)
        yield number, rows


def put_feed_aside(folder: ServiceFolder, number: int) -> None:
    """Give a damaged file another name, so that the files behind it are read.

    Raises:
        OSError: it cannot be renamed.
    """
    path = folder.feed / f"{number:020d}.npy"
    path.rename(path.with_suffix(".damaged"))


def remove_feed(folder: ServiceFolder, until: int) -> None:
    """Remove the files up to a number, which is removed too. Files that are gone count as removed.

    Raises:
        OSError: a file cannot be removed.
    """
    for number in feed_numbers(folder):
        if number <= until:
            with suppress(FileNotFoundError):
                (folder.feed / f"{number:020d}.npy").unlink()
