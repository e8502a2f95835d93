"""The Parquet of events that speed is measured on."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ringfence.errors import OutputError
from ringfence.lab.simulate import write_events

EVENTS = 300_000


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300,000 events of up to 2,000 accounts."""
    path = tmp_path_factory.mktemp("events") / "events.parquet"
    write_events(path, events=EVENTS, accounts=2_000, seed=1)
    return path


def _row(query: str) -> tuple[object, ...]:
    row = duckdb.execute(query).fetchone()
    assert row is not None
    return row


def test_columns_and_size(events: Path) -> None:
    """As many events as asked for, with the columns a scan reads, none of them empty."""
    described = duckdb.execute(f"DESCRIBE SELECT * FROM '{events}'").fetchall()
    assert [(name, kind) for name, kind, *_ in described] == [
        ("ts", "TIMESTAMP"),
        ("account", "VARCHAR"),
        ("item", "VARCHAR"),
        ("group", "VARCHAR"),
        ("seconds", "INTEGER"),
    ]
    counted = _row(f'SELECT count(ts), count(account), count(item), count("group") FROM "{events}"')
    assert counted == (EVENTS,) * 4


def test_rows_are_in_the_order_of_time_over_90_days(events: Path) -> None:
    """No row goes back in time, and the days are 90."""
    days, back = _row(
        "SELECT count(DISTINCT ts::DATE), count(*) FILTER (ts < before) "
        f"FROM (SELECT ts, lag(ts) OVER () AS before FROM '{events}')"
    )
    assert (days, back) == (90, 0)


def test_about_half_of_the_events_return(events: Path) -> None:
    """Distinct tracks of the accounts are about half of their events, and people differ."""
    row = duckdb.execute(
        "SELECT sum(m) / sum(n), quantile_cont(m / n, [0.05, 0.95]) FROM (SELECT count(*) AS n, "
        f"count(DISTINCT item) AS m FROM '{events}' GROUP BY account HAVING count(*) >= 30)"
    ).fetchone()
    assert row is not None
    assert 0.35 <= row[0] <= 0.6
    assert row[1][0] < 0.3
    assert row[1][1] > 0.7


def test_active_days_are_heavy_tailed_and_end(events: Path) -> None:
    """Active days hold some 50 plays, the fullest several hundred, and nobody is up all day."""
    mean, p99, hours = _row(
        "SELECT avg(n), quantile_cont(n, 0.99), max(h) FROM (SELECT count(*) AS n, "
        f"count(DISTINCT hour(ts)) AS h FROM '{events}' GROUP BY account, ts::DATE)"
    )
    assert mean == pytest.approx(50, rel=0.15)
    assert isinstance(p99, float)
    assert 200 < p99 < 450
    assert isinstance(hours, int)
    assert hours <= 18


def test_an_item_has_one_group(events: Path) -> None:
    """A track belongs to one artist, and artists have many tracks."""
    groups, items, several = _row(
        'SELECT count(DISTINCT "group"), count(DISTINCT item), count(DISTINCT item || "group") '
        f"FROM '{events}'"
    )
    assert items == several
    assert isinstance(groups, int)
    assert isinstance(items, int)
    assert items > 2 * groups


def test_same_seed_same_events(events: Path, tmp_path: Path) -> None:
    """The seed determines the events; another gives others."""
    write_events(tmp_path / "again", events=EVENTS, accounts=2_000, seed=1)
    write_events(tmp_path / "other", events=EVENTS, accounts=2_000, seed=2)
    same = f"SELECT count(*) FROM (SELECT * FROM '{events}' EXCEPT ALL SELECT * FROM read_parquet('"
    assert _row(f"{same}{tmp_path}/again'))") == (0,)
    assert _row(f"{same}{tmp_path}/other'))") > (EVENTS // 2,)


@pytest.mark.parametrize(("events", "accounts"), [(0, 8), (1, 7)])
def test_nothing_to_make_is_refused(tmp_path: Path, events: int, accounts: int) -> None:
    """No events, or too few accounts to share them, are refused."""
    with pytest.raises(ValueError, match="at least"):
        write_events(tmp_path / "none", events=events, accounts=accounts)


def test_unwritable_path_is_one_clear_error(tmp_path: Path) -> None:
    """A path in no folder is an OutputError that names it."""
    with pytest.raises(OutputError, match="cannot be written"):
        write_events(tmp_path / "none" / "events.parquet", events=100)
