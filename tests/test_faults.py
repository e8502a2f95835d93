"""The suite of faults at small size: nothing may be lost."""

from __future__ import annotations

import pytest
from benchmarks.faults.__main__ import FAMILIES, strike


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_a_fault_loses_nothing(family: str) -> None:
    """Kills, mutated lines and rows, bombs, full disks and hostile names lose nothing."""
    outcomes = strike(family, small=True)
    if not outcomes:
        pytest.skip("only root may mount a small file system")
    assert [outcome.wrong for outcome in outcomes if outcome.wrong] == []
