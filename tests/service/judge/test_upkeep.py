"""Old rows are forgotten on a schedule, and never because a clock is wrong."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

from tests.service.judge.logs import add_segment, fold, lines, opened, service

from ringfence.ledger.used_hours import used_hours
from ringfence.service.judge.upkeep import day_to_forget

DAY = 86_400


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
