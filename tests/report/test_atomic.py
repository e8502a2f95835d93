"""A file appears whole or not at all."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.errors import OutputError
from ringfence.report.atomic import write_text


def test_a_failure_leaves_what_was_there_and_no_litter(tmp_path: Path) -> None:
    """When the text cannot be made, the old file stands and nothing half-written lies about."""
    path = tmp_path / "report.html"
    path.write_text("old")

    def broken() -> Iterator[str]:
        yield "new"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_text(path, broken())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills while writing is said with the file and what to do, and leaves nothing."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError) as caught:
        write_text(tmp_path / "report.html", ["text"])
    assert str(caught.value) == (
        f"{tmp_path}/report.html: cannot be written: No space left on device "
        "(free some space or name another directory with --out)"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_really_full_device_is_one_clear_line() -> None:
    """The error the system itself raises on a full device is understood too."""
    with pytest.raises(OutputError, match=r"No space left on device \(free some space"):
        write_text(Path("/dev/full"), ["text"])


def test_a_missing_directory_is_named_with_a_hint(tmp_path: Path) -> None:
    """A directory that is not there is an OutputError, not a traceback."""
    with pytest.raises(OutputError, match=r"nowhere/report\.html: cannot be .* \(create the direc"):
        write_text(tmp_path / "nowhere" / "report.html", ["text"])
