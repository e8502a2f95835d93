"""Use of canaries accuses within days, and one accident accuses nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from tests.evidence.scoring import DAY, HOUR

from ringfence.evidence import Canary, all_tests
from ringfence.evidence.canary import ACCIDENT, canary_tests
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together, users
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge

PLANTED = range(900_000, 900_050)


def names(numbers: range) -> tuple[str, ...]:
    """Return the names that the test accounts give these items."""
    return tuple(f"item-{number:07d}" for number in numbers)


def light(name: str, canaries: list[tuple[int, int]]) -> Columns:
    """Return a light user who also touches canaries: pairs of day and number."""
    own = account(name, np.arange(60) * 9 * HOUR, np.arange(60) % 40)
    if not canaries:
        return own
    days, numbers = zip(*canaries, strict=True)
    moments = np.array(days) * DAY + 10 * HOUR + np.arange(len(days))
    return together(own, account(name, moments, PLANTED[0] + np.array(numbers)))


@contextmanager
def judged(*others: Columns) -> Iterator[tuple[ScoredAccounts, dict[str, str]]]:
    """Judge 300 users and others with the test of canaries; give scores and verdicts."""
    with small_ledger(together(users(300, days=28, uses=120), *others)) as context:
        scored = judge(context, lambda _: None, (*all_tests(), Canary(names(PLANTED))))
        labels = account_verdicts(scored, 0.01)
        found = dict(zip(scored.accounts["account"].tolist(), labels.tolist(), strict=True))
        yield scored, found


def p_value(scored: ScoredAccounts, name: str) -> float:
    """Return the p-value of the canary test of an account."""
    row = scored.accounts["account"].tolist().index(name)
    return float(scored.by_test["canary"][row])


@pytest.mark.slow
def test_days_count_and_not_canaries() -> None:
    """One accident of any size accuses nobody, two days make a suspect, three accuse."""
    with judged(
        light("preview", [(3, 0)]),
        light("link-checker", [(3, number) for number in range(40)]),
        light("twice", [(3, 41), (5, 42)]),
        light("extractor", [(3, 43), (5, 44), (9, 45)]),
        light("nobody", []),
    ) as (scored, verdicts):
        assert verdicts["preview"] == verdicts["link-checker"] == verdicts["nobody"] == ""
        assert verdicts["twice"] == "suspect"
        assert verdicts["extractor"] == "extracting"
        assert p_value(scored, "preview") == pytest.approx((1 / 304), rel=0.1)
        assert p_value(scored, "extractor") == pytest.approx(ACCIDENT**3)
        assert np.isnan(p_value(scored, "nobody"))
        row = scored.accounts["account"].tolist().index("link-checker")
        sentences = [one.sentence for one in scored.evidence(row) if one.test == "canary"]
        assert sentences == ["Used 40 canary items, which no user can reach, beginning on 1 day."]


@pytest.mark.slow
def test_a_canary_that_has_become_public_accuses_nobody() -> None:
    """If a search shows canaries, the people who use them on many days are not accused."""
    public = [(day, number) for day, number in ((2, 0), (4, 1), (8, 2), (11, 3))]
    with judged(*(light(f"reader-{number:02d}", public) for number in range(60))) as (_, verdicts):
        assert {verdicts[f"reader-{number:02d}"] for number in range(60)} <= {"", "suspect"}
        assert sum(verdicts[f"reader-{number:02d}"] == "suspect" for number in range(60)) == 0


@pytest.mark.slow
def test_other_verdicts_do_not_change() -> None:
    """Accounts without canaries have the p-values of a scan without the test, exactly."""
    with small_ledger(together(users(120, days=28, uses=120), light("a", [(1, 1)]))) as context:
        plain = judge(context, lambda _: None, all_tests())
        with_test = judge(context, lambda _: None, (*all_tests(), Canary(names(PLANTED))))
    others = plain.accounts["account"] != "a"
    assert (plain.fused[others] == with_test.fused[others]).all()
    assert (plain.p_values[others] == with_test.p_values[others]).all()
    np.testing.assert_array_equal(plain.volume, with_test.volume)


def test_without_a_list_there_is_no_test() -> None:
    """A scan without a list has the built-in tests only."""
    assert canary_tests("") == ()
