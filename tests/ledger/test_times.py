"""Times in the ledger are whole seconds, rounded down."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import ringfence


def test_a_fraction_of_a_second_does_not_move_a_use_to_the_next_day(tmp_path: Path) -> None:
    """The last use at 23:59:59.9 is on that day, in the period and in the table of accounts."""
    log = tmp_path / "log.csv"
    log.write_text(
        "ts,account,item\n2026-03-09 08:00:00.999,ann,a\n2026-03-09 23:59:59.900,ann,b\n",
        encoding="utf-8",
    )
    result = ringfence.scan(log)
    assert result.period == (
        datetime(2026, 3, 9, 8, 0, 0, tzinfo=UTC),
        datetime(2026, 3, 9, 23, 59, 59, tzinfo=UTC),
    )
