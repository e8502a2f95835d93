"""Test that failed requests for items are folded: counts, bits, slices, and what they are not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.ledger.sample import folded

from ringfence.engine import Engine
from ringfence.ledger.different_items import different_items_sql
from ringfence.ledger.recent_volumes import recent_volumes
from ringfence.stats.arrays import Columns
from ringfence.testing import account

HOUR = 3_600
DISTINCT = different_items_sql("bit_or(few)", "bit_or(many)", "sum(missing + refused)")


def answered(name: str, seconds: Sequence[int], items: Sequence[int], status: str) -> Columns:
    """Return requests of one account with one status."""
    events = account(name, seconds, items)
    return {**events, "status": np.full(events["ts"].size, status, dtype=object)}


def joined(*parts: Columns) -> Columns:
    """Put events one after another."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def rows(engine: Engine, select: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    return engine.rows(select)


@pytest.mark.parametrize(
    ("status", "counted"),
    [
        ("404", (1, 0)), ("410", (1, 0)), ("403", (0, 1)), ("429", (0, 1)), ("451", (0, 1)),
        ("200", None), ("206", None), ("301", None), ("304", None), ("400", None), ("401", None),
        ("500", None), ("503", None),
    ],
)  # fmt: skip
def test_only_missing_and_refused_items_are_failures(
    tmp_path: Path, status: str, counted: tuple[int, int] | None
) -> None:
    """Redirects, errors of the server and requests for a password are none."""
    with folded(tmp_path, answered("a", [0], [1], status)) as engine:
        found = rows(engine, "SELECT missing, refused FROM failures")
        assert found == ([] if counted is None else [counted])


def test_failures_are_no_takes(tmp_path: Path) -> None:
    """A missing item is in no table of items, and its request in no other count."""
    log = joined(answered("a", [0], [1], "200"), answered("a", [5], [2], "404"))
    with folded(tmp_path, log) as engine:
        assert rows(engine, "SELECT item FROM items") == [("item-0000001",)]
        assert rows(engine, "SELECT sum(uses) FROM hours") == [(1,)]
        assert rows(engine, "SELECT sum(events) FROM clients") == [(1,)]


def test_a_log_cut_anywhere_has_the_same_failures(tmp_path: Path) -> None:
    """An hour cut in two, and an account that only fails in one slice, are merged."""
    first = answered("a", [0, 60, 120], [1, 2, 3], "404")
    second = answered("a", [180, 240, HOUR], [3, 4, 5], "404")
    taken = answered("a", [300], [9], "200")
    both = "SELECT hour, missing, refused, few, many FROM failures ORDER BY hour"
    (tmp_path / "one").mkdir()
    with folded(tmp_path / "one", joined(first, second, taken)) as engine:
        whole = rows(engine, both)
    assert [row[1] for row in whole] == [5, 1]
    with folded(tmp_path, first, joined(second, taken)) as engine:
        assert rows(engine, both) == whole


NAMES = 5
"""Sets of names under which the same requests are made."""


def counted(folder: Path, seconds: Sequence[int], items: Sequence[int]) -> list[int]:
    """Return the number of different items of equal requests under several sets of names."""
    logs = [
        answered(f"a{n}", seconds, np.asarray(items) + n * 100_000, "404")  # type: ignore[arg-type]
        for n in range(NAMES)
    ]
    with folded(folder, joined(*logs)) as engine:
        found = rows(engine, f"SELECT {DISTINCT} FROM failures GROUP BY account_key")
    return [int(number) for (number,) in found]


@pytest.mark.parametrize("items", [1, 5, 60, 107, 126, 150, 400, 1_000, 8_000, 50_000])
def test_ids_tried_once_are_all_counted(tmp_path: Path, items: int) -> None:
    """The names of ids that are asked for once do not matter."""
    each = np.arange(items)
    assert counted(tmp_path, each % HOUR, each) == [items] * NAMES  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("items", "most"), [(1, 3), (5, 10), (40, 75), (100, 200), (300, 1_600), (1_000, 3_000)]
)
def test_ids_asked_for_again_and_again_count_about_once(
    tmp_path: Path, items: int, most: int
) -> None:
    """A program that polls missing items has few different ones, whatever their names are."""
    each = np.arange(20_000)
    for number in counted(tmp_path, each // 6, each % items):  # type: ignore[arg-type]
        assert items * 0.85 <= number <= most


def test_guesses_count_toward_the_volume_gate(tmp_path: Path) -> None:
    """Between two scans, failed items beyond the new ones of their day count as attempts."""
    log = joined(
        answered("a", [0, 60], [1, 2], "200"),
        answered("a", range(100, 130), range(100, 130), "404"),
        answered("b", range(200, 210), range(10), "200"),
        answered("b", range(300, 305), range(100, 105), "404"),
    )
    with folded(tmp_path, log) as engine:
        found = recent_volumes(engine, [1])
        names = dict(rows(engine, "SELECT account_key, account FROM accounts"))
        tried = dict(zip(found["account_key"].tolist(), found["new_1"].tolist(), strict=True))
        assert {names[key]: value for key, value in tried.items()} == {"a": 30, "b": 10}
        assert found["new_30"].tolist() == found["new_1"].tolist()
