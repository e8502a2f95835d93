"""Files of the feed are written whole, read in order, and removed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ringfence.errors import OutputError
from ringfence.service.exposure.feed import (
    FEED_TYPE,
    feed_numbers,
    put_feed_aside,
    read_feed,
    remove_feed,
    write_feed,
)
from ringfence.service.files import ServiceFolder

ROWS = np.array([(1, 2, 3), (2**64 - 1, 5, -6)], FEED_TYPE)


def test_files_are_read_in_order_after_a_number(tmp_path: Path) -> None:
    """Only files with higher numbers are read, the lowest first; gaps do not matter."""
    folder = ServiceFolder(tmp_path)
    assert list(read_feed(folder, -1)) == []
    for number in (10, 2, 7):
        write_feed(folder, number, ROWS[: number % 3])
    assert [number for number, _ in read_feed(folder, -1)] == [2, 7, 10]
    assert [(n, rows.tolist()) for n, rows in read_feed(folder, 2)] == [
        (7, ROWS[:1].tolist()),
        (10, ROWS[:1].tolist()),
    ]


def test_a_file_is_private_and_may_be_written_again(tmp_path: Path) -> None:
    """After a crash the judge writes the same file again, and one file is there."""
    folder = ServiceFolder(tmp_path)
    path = write_feed(folder, 3, ROWS)
    assert write_feed(folder, 3, ROWS) == path
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in folder.feed.iterdir()] == ["00000000000000000003.npy"]


def test_read_files_are_removed(tmp_path: Path) -> None:
    """Files up to a number go, the others stay, and unknown files are left alone."""
    folder = ServiceFolder(tmp_path)
    for number in range(4):
        write_feed(folder, number, ROWS)
    (folder.feed / "notes.txt").write_text("mine")
    remove_feed(folder, 2)
    remove_feed(folder, 2)
    assert feed_numbers(folder) == [3]
    assert (folder.feed / "notes.txt").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x93NUMPY", b"text", b"\x80\x04N."],
    ids=["empty", "cut", "text", "pickle"],
)
def test_a_damaged_file_is_named_and_put_aside(tmp_path: Path, content: bytes) -> None:
    """A file of another kind raises an error with its path; nothing in it is executed."""
    folder = ServiceFolder(tmp_path)
    path = write_feed(folder, 1, ROWS)
    path.write_bytes(content)
    with pytest.raises(OutputError, match=r"0001\.npy: this is not a file of the feed"):
        list(read_feed(folder, -1))
    put_feed_aside(folder, 1)
    assert list(read_feed(folder, -1)) == []
    assert path.with_suffix(".damaged").read_bytes() == content


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    """An array of another type is not read as a feed."""
    folder = ServiceFolder(tmp_path)
    with write_feed(folder, 1, ROWS).open("wb") as file:
        np.save(file, np.arange(3))
    with pytest.raises(OutputError, match="not a file of the feed"):
        list(read_feed(folder, -1))
