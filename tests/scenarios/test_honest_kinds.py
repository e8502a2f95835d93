"""Test that honest users who look like extractors are not accused, kind by kind.

Four of the slow tests scan small services with users of every kind: many of each, and few of each
among 200 others. The others scan the permanent scenario of each kind at the shares of the table
of docs/honest-users.md, with the first of its three seeds. That table gives the least p-value. The
tables of wrongs name what Ringfence does wrong today. The change that repairs it removes the entry.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import pytest
from benchmarks.fairness import CROWDS, HEADER, KINDS, judge, judge_kinds, scenario_of
from benchmarks.page import published_rows

from ringfence.lab.evaluate.population import BULK
from ringfence.lab.simulate import Scenario, load_scenario

MUSIC: Final = ("sync", "switcher", "phone", "dj", "editor", "language", "serial", "chain")
TEXTS: Final = tuple(kind for kind in KINDS if kind not in {*MUSIC, *BULK})
MACHINES: Final = frozenset({"preserver", "checker", "room", "campus"})
"""Kinds of which a service has few."""

MANY: Final = {kind: 2 if kind in MACHINES else 10 for kind in (*MUSIC, *TEXTS)}
FEW: Final = {kind: 1 if kind in MACHINES else 3 for kind in (*MUSIC, *TEXTS)}

UNLISTED: Final = "a program with a login is judged like a person, whatever name it gives"
PERMITTED: Final = "a project extracts by permission, so it needs a grant"

ACCUSED: Final = {
    ("mining", "1%"): PERMITTED,
}

PROMISED: Final = 1
"""Honest suspects that the promise allows in a scan of a thousand accounts."""

SUSPECTS: Final = {
    ("checker", "1%"): (10, UNLISTED),
    ("preserver", "1%"): (10, UNLISTED),
    ("room", "1%"): (3, "an address takes more than the most voracious person"),
    ("mining", "1%"): (10, PERMITTED),
    ("mining", "10%"): (50, PERMITTED),
    ("mining", "30%"): (60, PERMITTED),
}
"""Most suspects where there are more than promised. Lower them when the judgement improves."""

SHARES: Final = {"1%": 0.01, "10%": 0.1, "30%": 0.3}
OWN_SHARE: Final = "own"
"""Shares of the kinds, as the table of the page writes them."""

SCENARIOS: Final = [
    *((kind, share) for kind in KINDS for share in SHARES),
    *((kind, OWN_SHARE) for kind in CROWDS),
]

SLACK: Final = 2
"""The least p-value may be this much smaller than that of the page. Other processors and libraries
round sums in other ways."""

PAGE: Final = Path(__file__).parents[2] / "docs" / "honest-users.md"


@cache
def least_p_values() -> dict[tuple[str, str], float]:
    """Return the least p-value of each kind and share in the page's table of three seeds."""
    rows = published_rows("fairness", PAGE)
    kind, share, least = (HEADER.index(name) for name in ("kind", "share", "least p-value"))
    return {(row[kind], row[share]): float(row[least]) for row in rows}


def service(kinds: dict[str, int], crowd: str, others: int) -> Scenario:
    """Return a small service with some users of each kind, and others."""
    return Scenario.model_validate(
        {
            "name": crowd,
            "seed": 5,
            "days": 14,
            "columns": ("surface", "ip", "client"),
            "catalogue": {"items": 40_000, "write": False},
            "users": {"accounts": sum(kinds.values()) + others, "kinds": kinds, "rest": crowd},
        }
    )


@pytest.mark.slow
@pytest.mark.parametrize("few", [False, True], ids=["many", "few"])
@pytest.mark.parametrize("kinds", [MUSIC, TEXTS], ids=["music", "texts"])
def test_nobody_is_accused_where_many_or_few_are_alike(
    kinds: tuple[str, ...], few: bool, tmp_path: Path
) -> None:
    """No kind is extracting where half of the accounts are unusual, or three are of a kind."""
    numbers = {kind: (FEW if few else MANY)[kind] for kind in kinds}
    crowd, others = "casual" if kinds == MUSIC else "reader", 200 if few else sum(numbers.values())
    outcomes = judge_kinds(service(numbers, crowd, others), kinds, tmp_path)
    assert [kind for kind, one in outcomes.items() if one.accused] == []
    assert [kind for kind, one in outcomes.items() if not one.of_kind + one.apart] == []


def test_the_page_has_a_row_for_every_scenario() -> None:
    """The table of the page has each kind at each share, and nothing else."""
    assert sorted(least_p_values()) == sorted(SCENARIOS)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "share"), SCENARIOS)
def test_nobody_is_accused_in_the_scenario_of_the_kind(
    kind: str, share: str, tmp_path: Path
) -> None:
    """In four weeks of a service no account is extracting, no ring is found, and few are suspects.

    Nobody in it divides a catalogue or acts for another, so every ring would be false.
    """
    scenario = scenario_of(kind, share=SHARES.get(share), accounts=None, seed=0)
    outcome = judge(scenario, "feed" if kind == "news" else kind, tmp_path)
    assert outcome.rings == 0
    most, _ = SUSPECTS.get((kind, share), (PROMISED, ""))
    assert outcome.suspects + outcome.others_suspects <= most
    assert outcome.others_suspects <= PROMISED
    assert outcome.least >= least_p_values()[kind, share] / SLACK
    assert (outcome.others_accused, outcome.certain) == (0, 0)
    if (kind, share) in ACCUSED:
        assert outcome.accused, "it is repaired: remove it from ACCUSED"
        pytest.xfail(ACCUSED[kind, share])
    assert outcome.accused == 0


@pytest.mark.slow
def test_three_readers_of_pages_among_readers_of_articles_are_not_accused(tmp_path: Path) -> None:
    """No account is extracting where 3 of 1,000 users go through pages, and nobody else does."""
    articles = load_scenario("honest-reader")
    users = articles.users.model_copy(update={"kinds": {"pages": 3}})
    update = {"users": users, "seed": articles.seed + 1_000}
    outcome = judge(articles.model_copy(update=update), "pages", tmp_path)
    assert (outcome.of_kind, outcome.accused) == (3, 0)
