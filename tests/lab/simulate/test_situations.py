"""Test the situations that operators report: each scenario has what its sentence says."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest

import ringfence
from ringfence.lab.simulate import load_attack, load_scenario, write_scenario

SITE: Final = {
    "crawl-4000x3": (4_000, 3, 4_000),
    "crawl-800x15": (800, 15, 800),
    "crawl-600-forged": (600, 8, 371),
    "crawl-6000-ipv6": (6_000, 3, 1),
    "crawl-500-false-robot": (500, 20, 500),
}
"""Addresses, pages of each, and networks."""
NIGHTS: Final = {
    "stolen-nights-40": (1, 40), "stolen-nights-80": (1, 80), "stolen-crew-20": (20, 40),
    "stolen-network-20": (20, 5), "stolen-lockstep-20": (20, 20),
}  # fmt: skip
"""Accounts, and articles of each per night."""

SITUATIONS: Final = (*SITE, "ids-36000", "search-16000", "archives-800", *NIGHTS)

Query = Callable[[str, str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Query:
    """Return a function that asks the events of a situation, joined with their truth."""

    @cache
    def written(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        write_scenario(load_scenario(name), folder, processes=1)
        return folder

    def ask(name: str, select: str) -> list[tuple[Any, ...]]:
        folder = written(name)
        with duckdb.connect() as connection:
            connection.execute(
                f"CREATE VIEW e AS FROM '{folder}/events/*.parquet'"
                f" JOIN '{folder}/truth.parquet' USING (account)"
            )
            connection.execute(f"CREATE VIEW truth AS FROM '{folder}/truth.parquet'")
            return connection.execute(select).fetchall()

    return ask


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_situation_is_an_attack_and_a_scenario(name: str) -> None:
    """Both have the permanent name, and the scenario has the attack among honest users."""
    scenario = load_scenario(name)
    assert [attack.name for attack in scenario.attack] == [name]
    assert load_attack(name).name == name
    assert {"ip", "client", "status", "bytes", "surface"} <= {*scenario.columns}


@pytest.mark.parametrize("name", SITE)
def test_visitors_come_once_and_share_no_page(query: Query, name: str) -> None:
    """Every address takes its pages within an hour, and no page is taken twice."""
    addresses, pages, networks = SITE[name]
    ((visitors, ips, items, events, longest),) = query(
        name,
        "SELECT count(DISTINCT account), count(DISTINCT ip), count(DISTINCT item), count(*), "
        "max(long) FROM (SELECT *, epoch(max(ts) OVER (PARTITION BY account) - min(ts) OVER "
        "(PARTITION BY account)) AS long FROM e WHERE attack IS NOT NULL)",
    )
    taken = addresses * pages
    assert (visitors, ips, items, events) == (addresses, addresses, taken, taken)
    assert longest < 3_600
    network = "CASE WHEN contains(ip, ':') THEN ip[:12] ELSE regexp_extract(ip, '(.*)[.]', 1) END"
    of = f"SELECT count(DISTINCT {network}) FROM e WHERE attack IS NOT NULL"
    assert query(name, of) == [(networks,)]


def test_an_account_is_an_address_with_a_browser(query: Query) -> None:
    """Each visitor has the name that a scan of a log without logins gives it."""
    named = (
        "ip || CASE WHEN contains(ip, ':') THEN '/64' ELSE '' END || ' ' || left(md5(client), 8)"
    )
    for name in ("crawl-600-forged", "crawl-6000-ipv6"):
        assert query(name, f"SELECT count(*) FROM e WHERE account <> {named}") == [(0,)]
        assert query(name, "SELECT count(*) - count(DISTINCT account) FROM truth") == [(0,)]


def test_pages_follow_the_site_map(query: Query) -> None:
    """One visitor continues where another stopped."""
    ((steps,),) = query(
        "crawl-800x15",
        "SELECT count(*) FILTER (next - number = 1) FROM (SELECT number, lead(number) OVER "
        "(ORDER BY first, ts) AS next FROM (SELECT ts, CAST(item[4:] AS INT) AS number, "
        "min(ts) OVER (PARTITION BY account) AS first FROM e WHERE attack IS NOT NULL))",
    )
    assert steps > 11_900


def test_a_forged_browser_leaves_no_traces(query: Query) -> None:
    """Users' browsers fetch styles and send referrers; those of the attack do neither."""
    for attack, assets, referrers in query(
        "crawl-600-forged",
        "SELECT attack, avg(assets), avg(CAST(referrer IS NOT NULL AS INT)) FROM e "
        "WHERE status = 200 AND account IN (SELECT account FROM e WHERE referrer IS NOT NULL "
        "OR attack IS NOT NULL) GROUP BY attack",
    ):
        assert (assets > 2, referrers > 0.9) == (attack is None, attack is None)


def test_some_honest_visitors_leave_no_traces(query: Query) -> None:
    """About one visitor in ten is an app, a reader or behind a proxy, and none of them half."""
    ((without, mixed),) = query(
        "crawl-600-forged",
        "SELECT avg(CAST(traces = 0 AS INT)), "
        "avg(CAST(pages >= 8 AND traces BETWEEN 1 AND pages // 4 AS INT)) FROM (SELECT count(*) "
        "AS pages, count(*) FILTER (referrer IS NOT NULL OR assets > 0) AS traces FROM e WHERE "
        "status = 200 AND attack IS NULL GROUP BY account)",
    )
    assert without == pytest.approx(0.1, abs=0.02)
    assert mixed == 0


@pytest.mark.slow
def test_most_tried_ids_are_missing(query: Query) -> None:
    """49 of 50 ids give 404, and no existing item is among them."""
    ((tries, missing, distinct),) = query(
        "ids-36000",
        "SELECT count(*), count(*) FILTER (status = 404), count(DISTINCT item) "
        "FROM e WHERE attack IS NOT NULL",
    )
    assert (tries, distinct) == (36_000, 36_000)
    assert missing / tries == pytest.approx(0.98, abs=0.005)
    both = "SELECT item FROM e WHERE status = 404 INTERSECT SELECT item FROM e WHERE status = 200"
    assert query("ids-36000", both) == []


def test_honest_people_ask_for_missing_items_too(query: Query) -> None:
    """Imports and polling give some users more failures than successes in a day."""
    kinds = query("ids-36000", "SELECT DISTINCT kind FROM e WHERE status = 404 AND attack IS NULL")
    assert {kind for (kind,) in kinds} == {"importer", "poller"}


@pytest.mark.slow
def test_search_pages_have_a_hundred_hits(query: Query) -> None:
    """16,000 pages of 100 records each, none of them twice."""
    of = "SELECT count(DISTINCT item), sum(records) FROM e WHERE attack IS NOT NULL"
    assert query("search-16000", of) == [(16_000, 1_600_000)]


@pytest.mark.slow
def test_archives_are_seventy_two_gigabytes(query: Query) -> None:
    """800 albums of one account, each of several items."""
    ((albums, size, records),) = query(
        "archives-800",
        "SELECT count(DISTINCT item), sum(bytes) / 1e9, sum(records) FROM e "
        "WHERE attack IS NOT NULL",
    )
    assert albums == 800
    assert size == pytest.approx(72, rel=0.05)
    assert records > 800


@pytest.mark.parametrize("name", NIGHTS)
def test_nights_are_abroad_beside_the_owner(query: Query, name: str) -> None:
    """A stolen login is used at night from an address that its owner never has."""
    accounts, per_night = NIGHTS[name]
    foreign = "FROM e WHERE attack IS NOT NULL AND starts_with(ip, '100.')"
    of = f"SELECT count(DISTINCT account), count(*), min(hour(ts)), max(hour(ts)) {foreign}"
    assert query(name, of) == [(accounts, accounts * per_night * 14, 1, 4)]
    own = "SELECT count(DISTINCT account) FROM e WHERE attack IS NOT NULL AND ip[:3] = '10.'"
    assert query(name, own) == [(accounts,)]


@pytest.mark.slow
def test_a_scan_reads_a_situation(tmp_path: Path) -> None:
    """The files are a source like any other: successes are takes, failures are not."""
    scenario = load_scenario("crawl-800x15").model_copy(update={"days": 8})
    write_scenario(scenario, tmp_path, processes=1)
    events = str(tmp_path / "events" / "*.parquet")
    result = ringfence.scan(events)
    with duckdb.connect() as connection:
        row = connection.execute(
            f"SELECT count(*), count(*) FILTER (status = 200) FROM '{events}'"
        ).fetchone()
    assert row is not None
    assert (result.counts["lines"], result.counts["takes"]) == row
