"""A scan says how many findings may be copies of a library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.verdicts.copies import ALL, fast_list, library, listeners

import ringfence
from ringfence.testing import together, write_events

BARE = ("ts", "account", "item")


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "said"), [(BARE, 1), (ALL, 0)], ids=["bare", "all"])
def test_a_possible_copy_is_named_in_a_note(
    tmp_path: Path, columns: tuple[str, ...], said: int
) -> None:
    """The note stands in the result and the report, and only where the log does not tell."""
    copy = fast_list("sync", library(np.random.default_rng(3), 5_000), gap=1.5)
    events = together(listeners(), copy)
    log = write_events(tmp_path / "log.parquet", {name: events[name] for name in columns})
    settings = ringfence.Settings(verdicts={"reference_distribution": "music"})  # type: ignore[arg-type]
    result = ringfence.scan(log, out=tmp_path / "out", settings=settings)
    notes = [note for note in result.notes if note.startswith("1 account with a finding may have")]
    assert len(notes) == said
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert all(note in report for note in notes)
