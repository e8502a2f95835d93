"""Test means and intervals over seeds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.lab.evaluate import AttackOutcome, summarize
from ringfence.lab.evaluate.summary import estimate_mean, estimate_share, upper_bound

ONE = AttackOutcome(
    attack="ring", detector="d", seed=0, threshold=2.0, extractors=10, found=9, users=100,
    accused=(("ann", "user"),), suspected_extractors=None, suspected=None, first_hours=3.0,
    last_hours=None, suspect_hours=None, items_median=50.0, items_most=70, items_unfound_most=400,
    ring_first=100, ring_items=1000, catalogue_share=0.1, use_share=0.5, account_months=10,
    months_per_million=10_000.0, work_factor=303.0,
)  # fmt: skip


def test_shares_have_exact_intervals() -> None:
    """The Clopper and Pearson interval of 10 of 10 is 0.6915 to 1."""
    whole = estimate_share(10, 10)
    assert (whole.mean, round(whole.low or 0, 4), whole.high) == (1, 0.6915, 1)
    assert estimate_share(0, 10).high == pytest.approx(1 - (whole.low or 0))


def test_rule_of_three() -> None:
    """The bound for 0 of n is 1 - 0.05^(1/n), which is about 3 / n."""
    assert upper_bound(0, 1000) == pytest.approx(1 - 0.05 ** (1 / 1000))
    assert upper_bound(0, 1000) == pytest.approx(3 / 1000, rel=0.01)
    assert upper_bound(3, 1000) > upper_bound(0, 1000)
    assert upper_bound(0, 0) == 1


def test_few_seeds_have_no_interval() -> None:
    """Two values have a mean only; three have an interval that never changes."""
    assert (estimate_mean([1, 3]).mean, estimate_mean([1, 3]).low) == (2, None)
    three = estimate_mean([1, 2, 6])
    assert three.mean == 3
    assert 1 <= (three.low or 0) < 3 < (three.high or 0) <= 6
    assert estimate_mean([1, 2, 6]) == three
    assert (estimate_mean([4, 4, 4]).low, estimate_mean([4, 4, 4]).high) == (4, 4)


def test_summary_over_seeds() -> None:
    """Shares are pooled, users counted once, and missing values are not averaged."""
    other = replace(
        ONE, seed=1, found=7, first_hours=None, items_median=None, ring_first=None, ring_items=3000,
        accused=(("ann", "user"), ("bo", "shop")),
    )  # fmt: skip
    third = replace(ONE, detector="e")
    both, alone = summarize([ONE, third, other])
    assert (both.detector, len(both.outcomes), alone.detector) == ("d", 2, "e")
    assert both.found.mean == 0.8
    assert (both.ring_items.mean, both.accused, both.first_hours) == (2000, 2, None)
    assert both.items_median is not None
    assert both.items_median.mean == 50
    assert both.ring_first is not None
    assert both.ring_first.mean == 100
    assert alone.first_hours is not None


def test_an_attack_never_found_has_no_items_at_the_finding() -> None:
    """Values at the first finding are None if no seed has a finding."""
    (never,) = summarize([replace(ONE, found=0, items_median=None, ring_first=None)])
    assert (never.items_median, never.ring_first) == (None, None)
