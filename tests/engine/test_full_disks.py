"""The database's messages about memory, full disks and names become the right advice."""

from __future__ import annotations

import errno
from pathlib import Path

import duckdb
import pytest

from ringfence.engine import open_engine
from ringfence.engine.database_errors import engine_error
from ringfence.errors import EngineError, output_hint

SCRATCH = "/scratch/ringfence-mg8rk79_/spill/duckdb_temp_storage-0.tmp"
NO_SPACE = "No space left on device"
IN_JSON = rf'Async write failed: {{"message":"Could not write file \"/o/a.parquet\": {NO_SPACE}"}}'


@pytest.mark.parametrize(
    ("message", "file", "advice"),
    [
        (f'Could not write file "/data/l.db.wal": {NO_SPACE}', "/data/l.db.wal", "free some"),
        (IN_JSON, "/o/a.parquet", "free some space"),
        (f'Could not write file "{SCRATCH}": {NO_SPACE}', SCRATCH, "temp_directory"),
        (f'Cannot open file "ringfence-demo/x": {NO_SPACE}', "ringfence-demo/x", "free some"),
    ],
)
def test_the_full_disk_is_the_one_of_the_file(message: str, file: str, advice: str) -> None:
    """The error names the file that could not be written; only scratch advises another folder."""
    error = engine_error(duckdb.IOException(message))
    assert (error.fault, error.what) == ("disk", f"no space is left for {file}")
    assert advice in error.hint
    assert ("temp_directory" in error.hint) == (file == SCRATCH)


@pytest.mark.parametrize(
    ("message", "setting", "other"),
    [
        ("failed to offload data block of size 128.0 KiB", "temp_directory", "threads"),
        ("could not allocate block of size 16.9 MiB", "memory_limit", "temp_directory"),
    ],
)
def test_memory_and_scratch_have_their_own_advice(message: str, setting: str, other: str) -> None:
    """A full scratch folder needs another folder, and a small limit a larger one."""
    error = engine_error(duckdb.OutOfMemoryException(message))
    assert error.fault == "memory"
    assert setting in error.hint
    assert other not in error.hint


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """A database file and an output whose names the database cannot take are named as such."""
    name = tmp_path / "l\udcff.db"
    with pytest.raises(EngineError, match=r"not UTF-8.*\(rename"):
        open_engine(path=name)
    with open_engine() as engine, pytest.raises(EngineError, match=r"not UTF-8.*\(rename"):
        engine.copy("SELECT 1 AS n", name)


@pytest.mark.parametrize(
    ("error", "free"),
    [
        (OSError(errno.ENOSPC, "full"), True),
        (OSError(errno.EFBIG, "large"), True),
        (OSError(errno.EACCES, "denied"), False),
        (EngineError("no space is left for x", fault="disk"), True),
    ],
)
def test_an_output_advises_space_only_if_it_is_missing(
    error: OSError | EngineError, free: bool
) -> None:
    """A folder without permission needs another folder, not more space."""
    assert ("free some space" in output_hint(error)) is free
    assert "--out" in output_hint(error)
