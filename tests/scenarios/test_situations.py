"""Test the situations that operators report: each is one finding, and nobody honest is accused.

Each slow test scans one permanent scenario. The table of docs/evaluation.md has more seeds.
The quick tests check how the benchmark of that table counts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pytest
from benchmarks.situation_detectors import named_by as named_by_detector
from benchmarks.situations import QUERIES, meets_target, named_by

from ringfence.lab.evaluate import SITUATIONS, measure_situation
from ringfence.lab.simulate import load_scenario, read_truth, write_scenario
from ringfence.pipeline.scan import scan
from ringfence.settings import Settings

TAKEN: Final = {
    "crawl-4000x3": 12_000,
    "crawl-800x15": 12_000,
    "crawl-600-forged": 4_800,
    "crawl-6000-ipv6": 18_000,
    "crawl-500-false-robot": 10_000,
    "ids-36000": 36_000,
    "search-16000": 16_000,
    "archives-800": 800,
    "stolen-nights-40": 14 * 40,
    "stolen-nights-80": 14 * 80,
    "stolen-crew-20": 20 * 14 * 40,
    "stolen-network-20": 20 * 14 * 5,
    "stolen-lockstep-20": 14 * 20,
}
"""Requests of each attack. Its accounts cannot hold more items from it."""


@pytest.mark.slow
@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_situation_is_one_finding(situation: str, tmp_path: Path) -> None:
    """One finding has enough of its accounts and few honest ones; nobody honest is accused."""
    outcome = measure_situation(load_scenario(situation), 0, Settings(), tmp_path)
    assert outcome.honest_accused == 0
    assert meets_target(outcome)
    assert 0 < outcome.held <= TAKEN[situation]


@pytest.mark.slow
def test_an_enumeration_is_found_where_every_answer_is_200(tmp_path: Path) -> None:
    """Ids that do not exist are then items, so the account takes them; importers are no worse."""
    write_scenario(load_scenario("ids-36000"), tmp_path)
    extractors = read_truth(tmp_path / "truth.parquet").extractors
    file = str(tmp_path / "all-200.parquet")
    with duckdb.connect() as connection:
        events = connection.read_parquet(str(tmp_path / "events" / "*.parquet"))
        events.project("* REPLACE (200 AS status)").write_parquet(file)
    accused = [one.accounts for one in scan(file).findings if one.verdict == "extracting"]
    assert accused == [tuple(extractors)]


EVENTS: Final = """
CREATE TABLE events AS
FROM (VALUES
  (TIMESTAMP '2026-01-01 10:00:00', 'a', 'x', '10.0.0.1', 'one'),
  (TIMESTAMP '2026-01-01 11:00:00', 'a', 'y', '10.0.0.1', 'one'),
  (TIMESTAMP '2026-01-02 11:00:00', 'a', 'z', '10.0.0.1', 'one'),
  (TIMESTAMP '2026-01-01 10:00:00', 'b', 'x', '10.0.0.2', 'two'),
  (TIMESTAMP '2026-01-01 10:00:00', 'b', 'x', '10.0.0.2', 'two'),
  (TIMESTAMP '2026-01-01 10:00:00', 'c', 'x', '2001:db8:1:1::1', 'two'),
  (TIMESTAMP '2026-01-01 10:00:00', 'd', 'x', '2001:db8:1:2::1', 'three'),
  (TIMESTAMP '2026-01-01 10:00:00', 'e', 'x', '2001:db8:1:3::1', 'three')
) AS t(ts, account, item, ip, client)
"""


@pytest.mark.parametrize(
    ("query", "number", "extractors", "named"),
    [
        ("items per day", 1, {"a"}, 1.0),
        ("items per day", 2, {"a", "b"}, 1.25),
        ("accounts per client", 2, {"b", "c"}, 1.0),
        ("accounts per client", 4, {"a"}, 0.0),
        ("accounts per network", 3, {"c", "d", "e"}, 3.0),
        ("accounts per network", 4, {"a"}, 0.5),
        ("accounts per network", 9, {"a", "e"}, 2.0),
        ("accounts per network", 0, {"a"}, 0.0),
    ],
)
def test_a_query_names_its_first_accounts(
    query: str, number: int, extractors: set[str], named: float
) -> None:
    """Accounts come in the order of their scores; among equal ones, each is as probable."""
    with duckdb.connect() as connection:
        connection.execute(EVENTS)
        of_attack = named_by(connection, QUERIES[query], number, frozenset(extractors))
    assert of_attack == pytest.approx(named)


@pytest.mark.parametrize(("number", "named"), [(0, 0.0), (1, 1.0), (2, 1.5), (3, 2.0), (9, 3.0)])
def test_a_detector_names_the_accounts_with_the_highest_scores(number: int, named: float) -> None:
    """Among accounts with one score, each is as probable; there are not more than all."""
    scores = np.array([0.5, 7.0, 3.0, 0.1, 3.0])
    attack = np.array([False, True, False, True, True])
    assert named_by_detector(scores, attack, number) == pytest.approx(named)
