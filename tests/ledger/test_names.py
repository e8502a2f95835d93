"""Names of ledgers that the database would take for something else than a file."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from tests.ledger.sample import SETTINGS

from ringfence.engine import ENGINE_ENDINGS
from ringfence.errors import LedgerError
from ringfence.ledger import open_ledger, open_writable

NAMES = (
    "md:x",
    "sqlite:x",
    "duckdb:x",
    "s3:x",
    "file:x",
    ":memory:x",
    "-x",
    "a\nb\x1b",
    "a'\"b",
    "*[a].csv",
)
"""Prefixes of extensions and networks, an option, control signs, quotes and a pattern."""


@pytest.mark.slow
def test_any_name_is_a_file_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name makes exactly this file, which can be written and read again by it."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        open_writable(Path(name), SETTINGS).engine.close()
        with open_ledger(name, SETTINGS) as ledger:
            assert ledger.sql("SELECT count(*) AS n FROM holdings").rows() == [(0,)]
    assert {path.name for path in tmp_path.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", ["x.db?y", "file:x?mode=ro", "\udcff", "x" * 300, "x/" * 3_000])
def test_an_impossible_name_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The error says what is wrong with the name, and nothing is left behind."""
    monkeypatch.chdir(tmp_path)
    for use in (lambda: open_writable(Path(name), SETTINGS), lambda: open_ledger(name)):
        with pytest.raises(LedgerError) as caught:
            use()
        assert str(caught.value).isprintable()
    assert list(tmp_path.iterdir()) == []


def test_readers_spill_in_the_folder_for_temporary_data(tmp_path: Path) -> None:
    """Two readers of a ledger share one folder, which is not beside it and is removed."""
    ledger = tmp_path / "book"
    open_writable(ledger, SETTINGS).engine.close()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    settings = SETTINGS.model_copy(
        update={"engine": SETTINGS.engine.model_copy(update={"temp_directory": str(scratch)})}
    )
    with open_ledger(ledger, settings) as one, open_ledger(ledger, settings) as two:
        asked = "SELECT current_setting('temp_directory') AS place"
        places = {str(of.sql(asked).rows()[0][0]) for of in [one, two]}
    assert len(places) == 1
    assert Path(places.pop()).is_relative_to(scratch)
    del one, two
    gc.collect()
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("ending", ["", *ENGINE_ENDINGS])
@pytest.mark.parametrize("kind", ["symbolic", "hard"])
def test_a_ledger_with_another_name_is_refused(tmp_path: Path, ending: str, kind: str) -> None:
    """Neither the ledger nor a file that the engine keeps beside it may be a link."""
    ledger, other = tmp_path / "book", tmp_path / "other"
    open_writable(ledger, SETTINGS).engine.close()
    file = ledger.with_name(ledger.name + ending)
    if ending:
        other.write_bytes(b"precious")
    else:
        ledger.rename(other)
    before = other.read_bytes()
    if kind == "hard":
        file.hardlink_to(other)
    else:
        file.symlink_to(other)
    with pytest.raises(LedgerError, match="never written through another name"):
        open_writable(ledger, SETTINGS)
    assert other.read_bytes() == before


def test_a_pipe_is_no_ledger(tmp_path: Path) -> None:
    """A pipe that nobody writes to is refused at once, by a scan and by a reader."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for use in (lambda: open_writable(pipe, SETTINGS), lambda: open_ledger(pipe)):
        with pytest.raises(LedgerError, match="is not a ledger"):
            use()
