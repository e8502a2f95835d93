"""Compressed sources, whole and broken, and mixed line ends."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.errors import SourceError
from ringfence.events import Quarantine, Source, open_source
from ringfence.settings import Settings

zstandard = pytest.importorskip("zstandard")


def lines(count: int, first: int = 0) -> bytes:
    """Good lines; the agent differs, so that they do not compress to nothing."""
    return b"".join(
        b'10.0.0.1 - u%d [01/Jun/2025:10:00:00 +0000] "GET /stream/%d HTTP/1.1" 200 12 "-" "%x"\n'
        % (n, n, n * 2654435761 % 2**61)
        for n in range(first, first + count)
    )


@pytest.mark.parametrize("name", ["x.log.gz", "x.log", "x [1]*.log"])
@pytest.mark.parametrize("packed", [gzip.compress, zstandard.compress, bytes])
def test_content_counts_not_the_name(
    read: Callable[..., Any], name: str, packed: Callable[[bytes], bytes]
) -> None:
    """Packed and plain files are read whatever their names say."""
    assert len(read(packed(lines(50)), name=name).takes) == 50


@pytest.mark.parametrize("packed", [gzip.compress, zstandard.compress])
def test_concatenated_files_are_read_whole(
    read: Callable[..., Any], packed: Callable[[bytes], bytes]
) -> None:
    """Two packed files one after the other are one source."""
    outcome = read(packed(lines(30)) + packed(lines(20, 30)))
    assert len(outcome.takes) == 50
    assert not outcome.counts


@pytest.mark.parametrize("packed", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_truncated_file_gives_what_is_readable(
    read: Callable[..., Any], kept: float, packed: Callable[[bytes], bytes]
) -> None:
    """The lines before the cut are events, and one record says where the file broke off."""
    data = packed(lines(40_000))
    outcome = read(data[: int(len(data) * kept)])
    taken = len(outcome.takes)
    assert 40_000 * kept * 0.7 < taken < 40_000
    assert [take["item"] for take in sorted(outcome.takes, key=lambda t: int(t["item"]))] == [
        str(n) for n in range(taken)
    ]
    assert outcome.counts == {"truncated-file": 1}
    assert outcome.quarantined[0]["line"] == taken + 1


def test_a_damaged_file_gives_what_is_readable(read: Callable[..., Any]) -> None:
    """A checksum that does not fit is told, and costs no line before it."""
    data = bytearray(gzip.compress(lines(100)))
    data[-6] ^= 1
    outcome = read(bytes(data))
    assert outcome.counts == {"truncated-file": 1}
    assert len(outcome.takes) == 100


def test_line_numbers_are_true_in_packed_files(read: Callable[..., Any]) -> None:
    """A bad line in a packed file is found under its number in the unpacked one."""
    outcome = read(gzip.compress(lines(3000) + b"garbage\n" + lines(3000, 3000) + b"rubbish\n"))
    assert [bad["line"] for bad in outcome.quarantined] == [3001, 6002]
    assert len(outcome.takes) == 6000


def test_mixed_line_ends_lose_nothing(read: Callable[..., Any]) -> None:
    """Files put together from Windows and Unix parts, with a lone return, are read whole."""
    content = (
        lines(5)
        + lines(5, 5).replace(b"\n", b"\r\n")
        + b"\r\n"
        + lines(1, 10)
        + b"gar\rbage\n"
        + lines(1, 11)
    )
    outcome = read(content)
    assert len(outcome.takes) == 12
    assert [(bad["line"], bad["text"]) for bad in outcome.quarantined] == [(13, "gar bage")]


def test_a_file_that_cannot_be_read_is_an_error(engine: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """A folder or a missing file is refused in one line."""
    with pytest.raises(SourceError, match="cannot be read"):
        open_source(engine, Source(tmp_path, "folder"), Settings(), Quarantine(tmp_path))
