"""A scan says for how many accounts the order of items was not judged, and why."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import ringfence
from ringfence.stats.arrays import Columns
from ringfence.stats.seconds import DAY, HOUR
from ringfence.testing import account, together, users, write_events

DAYS = 28


def page_reader(number: int) -> Columns:
    """Make a user who takes forty pages of one book after another on each of 28 days."""
    days = np.repeat(np.arange(DAYS), 40)
    minutes = np.tile(np.arange(40), DAYS) * 180
    pages = 2_000 * number + np.arange(days.size)
    return account(f"reader-{number}", days * DAY + 8 * HOUR + minutes, pages)


def follower(number: int) -> Columns:
    """Make a user who takes five articles of each day on that day; ids rise with the day."""
    rng = np.random.default_rng(number)
    days = np.repeat(np.arange(DAYS), 5)
    articles = 40 * days + rng.integers(0, 40, days.size)
    return account(f"f-{number}", days * DAY + rng.integers(8 * HOUR, 20 * HOUR, 140), articles)


def notes(folder: Path, *events: Columns) -> list[str]:
    """Return the notes about order of a scan, which are also in its report."""
    log = write_events(folder / "log.parquet", together(*events))
    result = ringfence.scan(log, out=folder / "out", force=True)
    said = [note for note in result.notes if note.startswith("Order ")]
    report = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert all(note in report for note in said)
    return said


def test_nothing_is_said_where_order_is_judged(tmp_path: Path) -> None:
    """Two accounts that go through ids among other users are judged, so there is no note."""
    assert notes(tmp_path, users(60), page_reader(0), page_reader(1)) == []


def test_large_holders_that_go_in_order_are_not_judged(tmp_path: Path) -> None:
    """Where most large holders go from one id to the next, the scan says that it cannot tell."""
    assert notes(tmp_path, users(60), *(page_reader(n) for n in range(8))) == [
        (
            "Order was not judged for 8 accounts: going from one id to the next is usual here, "
            "among all users or among large holders."
        )
    ]


def test_accounts_that_take_new_items_are_not_judged(tmp_path: Path) -> None:
    """Ids are read for the largest holding only. Its order is that of a feed, the scan says."""
    assert notes(tmp_path, *(follower(n) for n in range(40))) == [
        (
            "Order was not judged for 1 account: most of the items were new when they were taken, "
            "and ids change with the age of an item."
        )
    ]
