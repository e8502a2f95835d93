"""Old rows are forgotten on a schedule, and never because a clock is wrong."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from tests.service.judge.logs import SETTINGS, add_segment, fold, lines, opened, service

from ringfence.ledger.forgetting import forget_before
from ringfence.ledger.used_hours import used_hours
from ringfence.service.judge import SegmentFolder
from ringfence.service.judge.upkeep import age_if_due, day_to_forget

DAY = 86_400

DAYS = 22
KEPT = 7
PER_DAY = 20


def test_a_tenth_of_the_time_is_forgotten_at_once(tmp_path: Path) -> None:
    """With 20 days kept, nothing happens until 22 days are there; then the first days go."""
    folder = service(tmp_path / "service")
    records = [
        {"ts": second, "account": "ana", "item": "a"} for second in (20_000 * DAY, 20_021 * DAY)
    ]
    add_segment(folder, ("http", lines(records)))
    fold(folder)
    ledger = opened(folder)
    with closing(ledger.engine):
        assert used_hours(ledger.engine) == (480_000, 480_504)
        assert day_to_forget(ledger, 0, 25_000.0 * DAY) is None
        assert day_to_forget(ledger, 25, 25_000.0 * DAY) is None
        assert day_to_forget(ledger, 21, 25_000.0 * DAY) is None
        assert day_to_forget(ledger, 20, 25_000.0 * DAY) == date(2024, 10, 6)
        assert day_to_forget(ledger, 20, 20_020.0 * DAY) is None


def test_an_empty_ledger_has_nothing_to_forget(tmp_path: Path) -> None:
    """Without a use there is no time that could be old."""
    ledger = opened(service(tmp_path / "service"))
    with closing(ledger.engine):
        assert day_to_forget(ledger, 1, 25_000.0 * DAY) is None


@pytest.mark.slow
def test_a_ledger_that_forgets_stays_small(tmp_path: Path) -> None:
    """After the days that are kept, rows, sources and merges per day no longer grow."""
    folder = service(tmp_path / "service")
    ledger = opened(folder)
    sizes, sources, merges = [], [], []
    for day in range(DAYS):
        taken = [
            {"ts": (20_000 + day) * DAY + n, "account": f"a{n % 3}", "item": f"i{day}-{n}"}
            for n in range(PER_DAY)
        ]
        add_segment(folder, ("http", lines(taken)))
        SegmentFolder(folder, ledger, print).fold_waiting()
        merges.append(age_if_due(ledger, least_sources=4))
        kept = day_to_forget(ledger, KEPT, 25_000.0 * DAY)
        if kept is not None:
            ledger.engine.close()
            forget_before(folder.ledger, kept, SETTINGS)
            ledger = opened(folder)
        apart, appended, merged = ledger.appended_rows()
        sizes.append(appended + merged)
        sources.append(apart)
    ledger.engine.close()
    early, late = slice(KEPT + 1, 2 * KEPT + 1), slice(2 * KEPT + 1, None)
    assert sizes[KEPT] == pytest.approx(KEPT * sizes[0], rel=0.3)
    assert max(sizes[late]) <= max(sizes[early])
    assert max(sources) <= KEPT
    merged_on = [day for day, done in enumerate(merges) if done and day > KEPT]
    between = [later - day for day, later in pairwise(merged_on)]
    assert len(between) >= 2
    assert min(between) == between[0]
