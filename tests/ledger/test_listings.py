"""Test that lists and large answers are folded: counts, slices, names, and what is forgotten."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.ledger.sample import SETTINGS, folded

from ringfence.engine import Engine
from ringfence.events import Source
from ringfence.ledger import open_ledger, open_writable
from ringfence.ledger.forgetting import forget_account, forget_before
from ringfence.stats.arrays import Columns
from ringfence.testing import account, together

HOUR, DAY = 3_600, 86_400


def pages(name: str, places: list[int], *, second: int = 0, records: int = 100) -> Columns:
    """Return requests for pages of search results, a second apart."""
    events = account(name, second + np.arange(len(places)), places, surface="search")
    return {
        **events,
        "item": np.array([f"search-{n}" for n in places], object),
        "records": np.full(len(places), records),
        "bytes": np.full(len(places), 40_000),
    }


def files(name: str, places: list[int], size: int, records: int, *, second: int = 0) -> Columns:
    """Return downloads of one size, a second apart."""
    events = account(name, second + np.arange(len(places)), places, surface="download")
    number = len(places)
    return {**events, "records": np.full(number, records), "bytes": np.full(number, size)}


def tables(engine: Engine) -> list[list[tuple[Any, ...]]]:
    """Return the rows of the three tables, in order."""
    return [
        engine.rows(f"SELECT * FROM {name} ORDER BY ALL")
        for name in ("listings", "large_answers", "traffic")
    ]


def test_large_pages_are_walked_and_small_ones_begun(tmp_path: Path) -> None:
    """A page of 250 records weighs two and a half."""
    log = together(pages("a", [1, 2], records=250), pages("a", [3], second=60, records=20))
    with folded(tmp_path, log) as engine:
        (row,) = engine.rows("SELECT begun, walked, records, weight FROM listings")
    assert row == (1, 2, 500.0, 5.0)


def test_only_large_answers_and_several_items_are_kept(tmp_path: Path) -> None:
    """16 MiB is large; an archive is kept with the number of its items, a page of a list never."""
    log = together(
        files("a", [1], (1 << 24) - 1, 1),
        files("a", [2], 1 << 24, 1, second=60),
        files("a", [3], 5_000, 12, second=120),
        pages("a", [4], second=180),
    )
    with folded(tmp_path, log) as engine:
        found = engine.rows("SELECT bytes, records FROM large_answers ORDER BY bytes")
        assert found == [(5_000, 12), (1 << 24, None)]
        assert engine.rows("SELECT events FROM traffic") == [(3,)]


def test_a_log_cut_anywhere_has_the_same_rows(tmp_path: Path) -> None:
    """An hour cut in two, an item in two sources, and a source with lists only, are merged."""
    first = together(pages("a", [1, 2, 3]), files("a", [9], 1 << 25, 3, second=20))
    second = together(pages("a", [3, 4], second=40), files("a", [9], 1 << 26, 5, second=50))
    third = together(pages("a", [7], second=HOUR), pages("b", [7], second=2 * HOUR, records=10))
    (tmp_path / "one").mkdir()
    with folded(tmp_path / "one", together(first, second, third)) as engine:
        whole = tables(engine)
    assert [len(rows) for rows in whole] == [3, 1, 1]
    with folded(tmp_path, first, second, third) as engine:
        assert tables(engine) == whole


LINE = '203.0.113.9 - {} [0{}/Mar/2026:10:00:{:02} +0000] "GET {} HTTP/1.1" 200 9000 "-" "B/1"\n'


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Return a ledger file of a log in which one account only walks through lists."""
    log, path = tmp_path / "access.log", tmp_path / "a.ledger"
    with log.open("w") as out:
        for n in range(50):
            out.write(LINE.format("reader", 2, n, f"/track/{n}"))
            out.write(LINE.format("walker", 3, n, f"/search?q=a&page={n}"))
    opened = open_writable(path, SETTINGS)
    with opened.engine:
        opened.fold(Source(log, log.name))
        opened.compact()
    return path


def test_an_account_that_only_lists_has_a_name_a_client_and_a_network(ledger: Path) -> None:
    """It holds nothing, and can be told from a robot by its client."""
    with open_ledger(ledger) as reader:
        held = reader.sql("SELECT DISTINCT account FROM accounts JOIN holdings USING (account_key)")
        assert held.rows() == [("reader",)]
        for table in ("clients", "networks"):
            of = f"SELECT events FROM {table} JOIN accounts USING (account_key) "
            assert reader.sql(of + "WHERE account = 'walker'").rows() == [(48,)]


def test_lists_stay_and_go_with_their_account(ledger: Path) -> None:
    """Forgetting somebody else leaves the lists; forgetting their account leaves none."""
    forget_account(ledger, "reader", SETTINGS)
    with open_ledger(ledger) as reader:
        assert reader.sql("SELECT sum(walked) FROM listings").rows() == [(48,)]
        assert reader.sql("SELECT account FROM accounts").rows() == [("walker",)]
    forget_account(ledger, "walker", SETTINGS)
    with open_ledger(ledger) as reader:
        assert reader.sql("SELECT count(*) FROM listings").rows() == [(0,)]


def test_lists_go_with_their_date(ledger: Path) -> None:
    """Everything before a date goes; an account with later lists stays."""
    forget_before(ledger, date(2026, 3, 3), SETTINGS)
    with open_ledger(ledger) as reader:
        assert reader.sql("SELECT account FROM accounts").rows() == [("walker",)]
        assert reader.sql("SELECT sum(walked) FROM listings").rows() == [(48,)]
