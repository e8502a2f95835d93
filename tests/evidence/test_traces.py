"""Traces: programs that take pages alone are told from people with caches and private browsers."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from tests.evidence.scoring import score

from ringfence.evidence import CannotRun
from ringfence.evidence.traces import Traces
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together

USERS: Final = 60

Kinds = dict[str, tuple[float, float]]

KINDS: Final[Kinds] = {
    "browser": (0.9, 4.0),
    "warm cache": (0.9, 0.0),
    "private browser": (0.0, 4.0),
    "private browser with a warm cache": (0.0, 0.2),
    "image blocker": (0.8, 0.5),
    "bookmarks": (0.1, 1.0),
    "text browser": (0.9, 0.0),
}
"""Share of pages with a referrer, and mean number of assets per page, of people with a browser."""

SILENT: Final[Kinds] = {"feed reader": (0.0, 0.0)}


def pages(name: str, number: int, referred: float, assets: float, seed: int = 0) -> Columns:
    """Return pages of an account with a share of referrers and a mean number of assets."""
    rng = np.random.default_rng([seed, *name.encode()])
    taken = account(name, np.arange(number) * 60, rng.integers(0, 5_000, number))
    return {
        **taken,
        "referrer": np.array([None, "https://a.example/"])[
            (rng.random(number) < referred).astype(int)
        ],
        "assets": rng.poisson(assets, number),
    }


def people(kinds: Kinds, users: int = USERS, seed: int = 0) -> Columns:
    """Return users whose kinds follow each other, with 50 to 300 pages each."""
    rng = np.random.default_rng(seed)
    named = list(kinds.values())
    return together(
        *(
            pages(f"user-{n:03d}", int(rng.integers(50, 300)), *named[n % len(named)], seed)
            for n in range(users)
        )
    )


def test_a_program_that_takes_pages_alone_is_rarer_than_every_person() -> None:
    """People of all kinds leave some trace; the p-value is the smallest that 60 people allow."""
    numbers, p, sentence = score(Traces(), people(KINDS), pages("a", 400, 0, 0))
    assert numbers["observed"] == 0
    assert p == pytest.approx(2 / (USERS + 2))
    assert sentence.startswith(
        "With 400 pages it fetched 0 styles, scripts and images, and sent 0 referrers. "
        "That is 0.00 traces"
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_person_with_a_browser_is_as_rare_as_a_program(kind: str) -> None:
    """One trace per few pages is enough, whether it is a referrer or an asset."""
    log = people(KINDS), pages("a", 100, *KINDS[kind]), pages("b", 100, 0, 0)
    _, person, _ = score(Traces(), *log)
    _, program, _ = score(Traces(), *log, name="b")
    assert person > program


def test_where_feed_readers_are_usual_nobody_is_rare() -> None:
    """If one account in ten leaves no trace, programs are as usual as these."""
    readers = (pages(f"feed-{n}", 80, *SILENT["feed reader"]) for n in range(6))
    _, p, _ = score(Traces(), people(KINDS, 54), *readers, pages("a", 400, 0, 0))
    assert p == pytest.approx((6 + 2) / (54 + 6 + 2))


@pytest.mark.parametrize(
    ("referred", "p"), [(85, 1.0), (60, 1.0), (44, 1.0), (43, 2 / 62), (10, 2 / 62), (0, 2 / 62)]
)
def test_an_account_with_a_trace_on_every_second_page_is_not_rare(referred: int, p: float) -> None:
    """Where all others leave a trace on each page, 85 of 87 are usual, and 10 of 87 are rare."""
    one = pages("a", 87, 0, 0)
    one["referrer"][:referred] = "https://a.example/"
    _, found, _ = score(Traces(), people({"browser": (1.0, 4.0)}), one)
    # The first of 61 accounts has the rank 1, and is itself added.
    assert found == pytest.approx(p)


def test_p_values_are_conservative_where_all_but_a_few_pages_have_traces() -> None:
    """Browsers that omit a referrer now and then differ by little, and none of them is rare."""
    rng = np.random.default_rng(4)
    kinds = {f"{n}": (float(rng.uniform(0.95, 1)), 0.0) for n in range(20)}
    with small_ledger(people(kinds)) as context:
        assert Traces().score(context).p_values.min() == 1


def test_a_false_referrer_is_a_trace() -> None:
    """A program that sends a referrer with every page is not found."""
    _, p, _ = score(Traces(), people(KINDS), pages("a", 400, 1, 0))
    assert p > 0.5


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (people({"cached": (0.0, 0.0)}), "no styles"),
        (people({"behind a cache": (0.0, 0.05)}), "most accounts"),
        (people(KINDS, users=10), "fewer than 20 accounts have 50 pages"),
    ],
    ids=["no traces", "a cache in front", "few accounts"],
)
def test_it_is_silent_where_traces_are_not_usual(log: Columns, reason: str) -> None:
    """A log without assets, one behind a cache, and one with few people say nothing."""
    every = together(log, pages("a", 400, 0, 0))
    with small_ledger(every) as context, pytest.raises(CannotRun, match=reason):
        Traces().score(context)


@pytest.mark.slow
def test_honest_p_values_are_conservative() -> None:
    """Over seeds and mixtures of honest kinds, p-values are not smaller than uniform ones."""
    p = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        honest = {**KINDS, **SILENT}
        names = rng.choice(list(honest), 5)
        mixed = {f"{n}": honest[name] for n, name in enumerate(names)} | {"most": (0.9, 3.0)}
        with small_ledger(people(mixed, 40, seed)) as context:
            try:
                p.append(Traces().score(context).p_values)
            except CannotRun:
                continue
    every = np.concatenate(p)
    assert len(p) >= 5
    for level in (0.03, 0.05, 0.1, 0.3):
        assert np.mean(every <= level) <= level
