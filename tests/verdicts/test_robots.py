"""Declared robots are listed apart; a name in passing makes nobody a robot."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.engine.duckdb import Columns
from ringfence.evidence.declared import declared
from ringfence.testing import account, small_ledger, together
from ringfence.testing.readers import BROWSERS, SCRIPT
from ringfence.verdicts import find_robots

GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BINGBOT = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        (GOOGLEBOT, "robot"),
        (BINGBOT, "robot"),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", "robot"),
        (SCRIPT, "script"),
        ("curl/8.14.1", "script"),
        ("Wget/1.25.0", "script"),
        (BROWSERS[0], ""),
        (BROWSERS[1], ""),
        ("", ""),
        ("\x1b[31m<script>alert(1)</script>=1+1", ""),
    ],
)
def test_declared(client: str, expected: str) -> None:
    """Crawlers, scripts and everybody else are told apart by what they call themselves."""
    assert declared(client) == expected


def visits(name: str, client: str, items: int, start: int = 0) -> Columns:
    """One account's items by one client, a minute apart."""
    return account(name, start + np.arange(items) * 60, np.arange(items), client=client)


def test_robots_are_listed_by_size() -> None:
    """Robots come largest holding first, with the name they give, their items and their uses."""
    events = together(
        visits("small", GOOGLEBOT, 10),
        visits("large", BINGBOT, 40),
        visits("large", BINGBOT, 40, start=86_400),
        visits("reader", BROWSERS[0], 60),
    )
    with small_ledger(events) as context:
        robots = find_robots(context.engine)
    assert [(r.account, r.client, r.items, r.uses) for r in robots] == [
        ("large", BINGBOT, 40, 80),
        ("small", GOOGLEBOT, 10, 10),
    ]


def test_most_of_the_events_decide() -> None:
    """An account is a robot if more than half of its events are a robot's, of whatever names."""
    mostly = together(
        visits("mostly", GOOGLEBOT, 30),
        visits("mostly", BINGBOT, 31, start=9_000),
        visits("mostly", BROWSERS[0], 60, start=86_400),
    )
    half = together(visits("half", GOOGLEBOT, 60), visits("half", BROWSERS[0], 60, start=86_400))
    with small_ledger(together(mostly, half)) as context:
        assert [robot.account for robot in find_robots(context.engine)] == ["mostly"]


def test_scripts_are_no_robots() -> None:
    """A script by its own name stays among the accounts, where its taking is judged."""
    with small_ledger(visits("script", SCRIPT, 100)) as context:
        assert find_robots(context.engine) == ()


def test_no_clients_no_robots() -> None:
    """A log without client names has no declared robots."""
    events = {k: v for k, v in visits("a", GOOGLEBOT, 9).items() if k in ("ts", "account", "item")}
    with small_ledger(events) as context:
        assert find_robots(context.engine) == ()
