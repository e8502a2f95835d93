"""A robot's name from outside its published networks is an impostor, judged with its fellows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import ringfence
from ringfence.engine import Engine
from ringfence.evidence.steps import run_steps
from ringfence.population import Impostors, set_robots_apart
from ringfence.settings import RobotSettings, Settings
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together
from ringfence.testing.users import BROWSERS

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
CCBOT = "CCBot/2.0 (https://commoncrawl.org/faq/)"
TABLES = (
    "accounts",
    "holdings",
    "hours",
    "failures",
    "page_loads",
    "clients",
    "networks",
    "places",
    "surfaces",
    "devices",
    "signups",
)
GROUP = "Googlebot (impostors)"


def visits(address: str, client: str, items: range, start: int = 0) -> Columns:
    """Return the events of a visitor: items a minute apart, by one client."""
    taken = np.arange(items.start, items.stop)
    events = account(f"{address} {len(client):08d}", start + taken * 60, taken, client=client)
    events["ip"] = np.full(taken.size, address, dtype=object)
    return events


@pytest.fixture
def settings(tmp_path: Path) -> RobotSettings:
    """Settings with the networks of Googlebot."""
    path = tmp_path / "googlebot.json"
    path.write_text(json.dumps({"prefixes": [{"ipv4Prefix": "66.249.64.0/27"}]}))
    return RobotSettings(networks=str(path))


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A ledger with a true robot, two impostors, an unverified robot, a forger and a user."""
    login = account("thief", np.arange(7) * 60, np.arange(7), client=GOOGLEBOT)
    events = together(
        visits("66.249.64.5", GOOGLEBOT, range(40)),
        visits("203.0.113.9", GOOGLEBOT, range(30)),
        visits("198.51.100.7", GOOGLEBOT, range(20, 50)),
        visits("192.0.2.1", CCBOT, range(9)),
        visits("192.0.2.2", BROWSERS[0], range(5)),
        login,
    )
    with small_ledger(events) as context:
        yield context.engine


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Return all rows of the tables by account."""
    return {table: sorted(engine.rows(f"FROM {table}"), key=str) for table in TABLES}


def test_impostors_are_one_account(engine: Engine, settings: RobotSettings) -> None:
    """The evidence sees their items once, their uses added up, and none of their own rows."""
    found = set_robots_apart(engine, settings)
    (group,) = found.impostors
    assert group.account == GROUP
    assert [name.split()[0] for name in group.visitors] == ["198.51.100.7", "203.0.113.9"]
    run_steps(engine)
    rows = dict(
        engine.rows(
            "SELECT a.account, p.items FROM portfolio p JOIN accounts a USING (account_key)"
        )
    )
    assert {name.split()[0] if name[0].isdigit() else name: n for name, n in rows.items()} == {
        GROUP: 50,
        "thief": 7,
        "192.0.2.2": 5,
    }
    assert engine.rows(
        "SELECT uses FROM portfolio p JOIN accounts a USING (account_key) WHERE account = $name",
        {"name": GROUP},
    ) == [(60,)]


def test_a_robot_from_its_networks_is_verified(engine: Engine, settings: RobotSettings) -> None:
    """A robot whose networks are not known is believed, and the assumptions say so."""
    found = set_robots_apart(engine, settings)
    assert [(r.account.split()[0], r.verified) for r in found.declared] == [
        ("66.249.64.5", True),
        ("192.0.2.1", False),
    ]
    said = {name: value for name, value, _ in found.assumptions}
    assert said["declared robots"] == "1 of 2 are believed: no networks are known"
    (note,) = found.notes
    assert note == (
        "2 visitors named Googlebot from outside its published networks, judged together as "
        "Googlebot (impostors)"
    )


def test_without_networks_names_are_believed(engine: Engine) -> None:
    """Nothing is checked, nobody is an impostor, and nothing is said."""
    found = set_robots_apart(engine, RobotSettings())
    assert [r.verified for r in found.declared] == [False] * 4
    assert (found.impostors, list(found.notes), list(found.assumptions)) == ((), [], [])


def test_nothing_is_lost_or_counted_twice(engine: Engine, settings: RobotSettings) -> None:
    """Events by client, network and surface stay the same in total, as do uses by hour."""
    sums = {
        "clients": "SELECT client, sum(events) FROM clients GROUP BY ALL ORDER BY ALL",
        "networks": "SELECT network, sum(events) FROM networks GROUP BY ALL ORDER BY ALL",
        "surfaces": "SELECT surface, sum(events) FROM surfaces GROUP BY ALL ORDER BY ALL",
        "hours": "SELECT hour, sum(uses), bit_or(minutes) FROM hours GROUP BY ALL ORDER BY ALL",
        "failures": "SELECT hour, sum(missing), bit_or(few) FROM failures GROUP BY 1 ORDER BY 1",
        "holdings": "SELECT item_key, sum(uses), min(first) FROM holdings GROUP BY 1 ORDER BY 1",
    }
    before = {name: engine.rows(sql) for name, sql in sums.items()}
    set_robots_apart(engine, settings)
    assert {name: engine.rows(sql) for name, sql in sums.items()} == before


def test_the_ledger_is_not_changed(engine: Engine, settings: RobotSettings) -> None:
    """Views take the place of the tables for one scan; without networks, all is as before."""
    set_robots_apart(engine)
    before = contents(engine)
    set_robots_apart(engine, settings)
    assert contents(engine) != before
    types = {table: engine.describe(table) for table in TABLES}
    set_robots_apart(engine)
    assert contents(engine) == before
    assert {table: engine.describe(table) for table in TABLES} == types


def test_a_login_with_the_name_of_a_group_stays_its_own(settings: RobotSettings) -> None:
    """An account may be called like the group; neither gets the items of the other."""
    events = together(
        visits("203.0.113.9", GOOGLEBOT, range(30)),
        account(GROUP, np.arange(3) * 60, np.arange(3), client=BROWSERS[0]),
    )
    with small_ledger(events) as context:
        (group,) = set_robots_apart(context.engine, settings).impostors
        assert group == Impostors("Googlebot (impostors) 2", group.visitors)
        assert len(context.engine.rows("FROM accounts")) == 2


def test_most_of_the_events_decide(settings: RobotSettings) -> None:
    """A visitor with fewer forged events than others is scored alone, and is not a robot."""
    events = together(
        visits("203.0.113.9", GOOGLEBOT, range(10)), visits("203.0.113.9", CCBOT, range(10))
    )
    events["account"] = np.full(20, "203.0.113.9", dtype=object)
    with small_ledger(events) as context:
        found = set_robots_apart(context.engine, settings)
    assert (found.declared, found.impostors) == ((), ())


@pytest.mark.slow
def test_a_scan_accuses_the_group_and_lists_its_addresses(
    tmp_path: Path, settings: RobotSettings
) -> None:
    """A thousand addresses with 3 items each are a finding of 3,000; a second scan repeats it."""
    lines = [
        f"203.0.{n % 1_000 // 250}.{n % 250} - - [02/Jun/2025:{n // 300:02d}:{n // 5 % 60:02d}:"
        f'{n % 5:02d} +0000] "GET /stream/{n} HTTP/1.1" 200 5000 "-" "{GOOGLEBOT}"\n'
        for n in range(3_000)
    ] + [
        f"10.0.0.{user} - - [02/Jun/2025:{n // 4:02d}:{n % 4}0:{user:02d} +0000] "
        f'"GET /stream/{n * n * (user + 1) % 99} HTTP/1.1" 200 5000 "-" "{BROWSERS[0]}"\n'
        for user in range(40)
        for n in range(60)
    ]
    log, ledger = tmp_path / "access.log", tmp_path / "book.ledger"
    log.write_text("".join(lines))
    both = Settings(robots=settings)
    for _ in range(2):
        result = ringfence.scan(log, settings=both, ledger=ledger, out=tmp_path / "out")
        (finding,) = result.findings
        assert (finding.id, finding.items, len(finding.accounts)) == (GROUP, 3_000, 1_000)
        assert finding.accounts[0].startswith("203.0.0.0 ")
        assert not result.robots
    assert "203.0.0.0" in (tmp_path / "out" / "report.html").read_text()
    believed = ringfence.scan(ledger=ledger)
    assert (len(believed.robots), believed.findings) == (1_000, ())
