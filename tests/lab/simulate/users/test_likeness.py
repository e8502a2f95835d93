"""Users as a whole are like real people."""

from __future__ import annotations

import pytest
from benchmarks.likeness import figures, outside, plays_of

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.users import Mix, Users


@pytest.mark.slow
def test_statistics_of_real_people_are_met() -> None:
    """All statistics that a hundred people over 200 days can show are near the measured ones."""
    users = Users(CatalogueLaw.of(20_000_000), Mix.natural(150), days=200, weekday=0, seed=1)
    missed = outside(figures(plays_of(users)), tolerance=0.35)
    # Long windows and lives need as long a scenario, rare people more people.
    small = ("365 days", "p95 person", ", p1", "lifetime", "new after 60 days")
    assert [name for name in missed if not any(part in name for part in small)] == []
