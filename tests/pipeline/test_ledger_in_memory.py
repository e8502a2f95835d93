"""A ledger that is named ``:memory:`` keeps nothing and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

import ringfence


@pytest.mark.parametrize("name", [":memory:", ":memory:daily"])
def test_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """No file appears, a second scan reads the log again, and a note says why."""
    monkeypatch.chdir(tmp_path)
    log = tmp_path / "small.csv"
    log.write_text("ts,account,item\n2025-06-02T00:00:00Z,a,i\n")
    for _ in range(2):
        result = ringfence.scan(log, ledger=name)
        assert result.counts["uses"] == 1
        assert result.notes[0].startswith(f"The ledger {name} is in memory: nothing is kept")
    assert [path.name for path in tmp_path.iterdir()] == ["small.csv"]


def test_no_ledger_needs_no_note(tmp_path: Path) -> None:
    """A scan without a ledger promises nothing, and says nothing about it."""
    log = tmp_path / "small.csv"
    log.write_text("ts,account,item\n2025-06-02T00:00:00Z,a,i\n")
    assert not any("in memory" in note for note in ringfence.scan(log).notes)
