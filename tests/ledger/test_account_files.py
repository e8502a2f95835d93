"""The rows of some accounts are copied as a scan reads them, whatever sources they are in."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ringfence.events import find_sources
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger.account_files import add_accounts, keep_accounts, write_accounts
from ringfence.ledger.recent_volumes import recent_volumes
from ringfence.ledger.tables import SLICED
from ringfence.ledger.used_hours import used_hours
from ringfence.stats.arrays import Columns
from ringfence.testing import account, together, users, write_events
from ringfence.testing.small_ledger import ONE_THREAD


def fold(ledger: Ledger, events: Columns, file: Path) -> int:
    """Fold events as one source, and return its number."""
    (source,) = find_sources([write_events(file, events)], ledger.engine.scratch)
    return ledger.fold(source).number


def rows_of(ledger: Ledger, table: str, keys: list[int]) -> list[tuple[object, ...]]:
    """Return the merged rows of accounts, in order."""
    held = "SELECT item_key FROM holdings WHERE account_key IN (SELECT unnest($keys))"
    column, chosen = (
        ("item_key", held) if table == "items" else ("account_key", "SELECT unnest($keys)")
    )
    query = f"SELECT * FROM {table} WHERE {column} IN ({chosen}) ORDER BY ALL"
    return ledger.engine.rows(query, {"keys": keys})


@pytest.mark.slow
def test_a_copy_equals_the_merged_rows(tmp_path: Path) -> None:
    """Twelve accounts of five sources, cut between double clicks, are as in a scan of all."""
    clicks = account("clicker", [0, 10, 86_400, 86_405, 86_410], [1, 1, 2, 2, 2])
    events = together(users(40, days=10), clicks)
    ledger, other = (
        open_writable(tmp_path / name, ONE_THREAD) for name in ("a.duckdb", "b.duckdb")
    )
    with closing(ledger.engine), closing(other.engine):
        start = events["ts"].min()
        cuts = [start + np.timedelta64(s, "s") for s in (5, 40_000, 86_407, 300_000, 10**7)]
        before = start
        for number, cut in enumerate(cuts):
            chosen = (events["ts"] >= before) & (events["ts"] < cut)
            part = {name: values[chosen] for name, values in events.items()}
            fold(ledger, part, tmp_path / f"{number}.parquet")
            before = cut
            if number == 1:
                ledger.age()
        query = "SELECT account_key FROM recent_accounts ORDER BY account_key LIMIT 11"
        some = ledger.engine.columns(query)["account_key"]
        clicker = ledger.engine.columns("SELECT hash('clicker') AS key")["key"]
        keys = np.union1d(some, clicker).astype(np.uint64)
        write_accounts(ledger.engine, tmp_path / "part.duckdb", keys)
        fold(other, users(3), tmp_path / "other.parquet")
        other.age()
        for _ in range(2):
            assert add_accounts(other.engine, tmp_path / "part.duckdb").tolist() == keys.tolist()
        ledger.compact()
        other.compact()
        for table in SLICED:
            assert rows_of(other, table, keys.tolist()) == rows_of(ledger, table, keys.tolist())
        other.engine.table("chosen", {"account_key": keys[:2]})
        keep_accounts(other.engine, "chosen")
        assert len(other.engine.rows("FROM aged_accounts")) == 2


def test_new_items_are_counted_up_to_the_last_use(tmp_path: Path) -> None:
    """An item that was held before is not new; windows are hours and calendar days."""
    ledger = open_writable(tmp_path / "ledger.duckdb", ONE_THREAD)
    day = 86_400
    with closing(ledger.engine):
        assert used_hours(ledger.engine) is None
        fold(ledger, account("ana", [0, day, 2 * day], [1, 2, 3]), tmp_path / "1.parquet")
        fold(ledger, account("ben", [0], [9]), tmp_path / "2.parquet")
        times = [40 * day, 40 * day + 3_500, 40 * day + 3_700, 40 * day + 3_800, 40 * day + 3_900]
        last = fold(ledger, account("ana", times, [4, 5, 6, 7, 1]), tmp_path / "3.parquet")
        found = recent_volumes(ledger.engine, [last])
        names = ("hour", "new_1", "new_7", "new_30")
        assert [found[name].tolist() for name in names] == [[2], [4], [4], [4]]
        both = recent_volumes(ledger.engine, [1, 2, last])
        assert sorted(both["new_30"].tolist()) == [1, 4]
        hours = used_hours(ledger.engine)
        assert hours is not None
        assert hours[1] - hours[0] == 40 * 24 + 1
