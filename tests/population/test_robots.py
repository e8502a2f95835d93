"""Declared robots are set apart, by the client of most of their events."""

from __future__ import annotations

import numpy as np

from ringfence.evidence.steps import run_steps
from ringfence.population import RobotsApart, set_robots_apart
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together
from ringfence.testing.users import BROWSERS, SCRIPT

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BINGBOT = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"


def visits(name: str, client: str, items: int, start: int = 0) -> Columns:
    """Return the events of a visitor; the account name begins with the address."""
    events = logins(name, client, items, start)
    events["account"] = events["ip"] + f" {name}"
    return events


def logins(name: str, client: str, items: int, start: int = 0) -> Columns:
    """Return the events of an account with a login: items a minute apart, by one client."""
    return account(name, start + np.arange(items) * 60, np.arange(items), client=client)


def names(robots: RobotsApart) -> list[str]:
    """Return the names of the visitors without their addresses."""
    return [robot.account.split()[1] for robot in robots.declared]


def test_robots_are_listed_by_size() -> None:
    """Robots are listed by holdings, with client, items and uses."""
    events = together(
        visits("small", GOOGLEBOT, 10),
        visits("large", BINGBOT, 40),
        visits("large", BINGBOT, 40, start=86_400),
        visits("user", BROWSERS[0], 60),
    )
    with small_ledger(events) as context:
        robots = set_robots_apart(context.engine)
    assert names(robots) == ["large", "small"]
    assert [(r.client, r.items, r.uses) for r in robots.declared] == [
        (BINGBOT, 40, 80),
        (GOOGLEBOT, 10, 10),
    ]


def test_most_of_the_events_decide() -> None:
    """A visitor is a robot if robots, of any name, made more than half of its events."""
    mostly = together(
        visits("mostly", GOOGLEBOT, 30),
        visits("mostly", BINGBOT, 31, start=9_000),
        visits("mostly", BROWSERS[0], 60, start=86_400),
    )
    half = together(visits("half", GOOGLEBOT, 60), visits("half", BROWSERS[0], 60, start=86_400))
    with small_ledger(together(mostly, half)) as context:
        assert names(set_robots_apart(context.engine)) == ["mostly"]


def test_a_login_is_never_set_apart() -> None:
    """An account with a login is scored, whatever its client is called."""
    with small_ledger(
        together(logins("thief", GOOGLEBOT, 60), visits("x", GOOGLEBOT, 9))
    ) as context:
        assert names(set_robots_apart(context.engine)) == ["x"]


def test_robots_are_not_in_the_population() -> None:
    """Evidence steps leave robots out, so robots cannot make extraction look usual."""
    with small_ledger(together(visits("x", GOOGLEBOT, 60), visits("y", BROWSERS[0], 9))) as context:
        set_robots_apart(context.engine)
        run_steps(context.engine)
        assert context.engine.rows("SELECT items FROM portfolio") == [(9,)]


def test_scripts_are_not_robots() -> None:
    """A client that identifies itself as a script is scored like any other."""
    with small_ledger(visits("script", SCRIPT, 100)) as context:
        assert set_robots_apart(context.engine).declared == ()


def test_a_log_without_clients_has_no_robots() -> None:
    """A log without client names has no declared robots."""
    events = {k: v for k, v in visits("a", GOOGLEBOT, 9).items() if k in ("ts", "account", "item")}
    with small_ledger(events) as context:
        assert set_robots_apart(context.engine).declared == ()
