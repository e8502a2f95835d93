"""Volume against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import DAY, daily, score

from ringfence.evidence import Context
from ringfence.evidence.reference_distributions import MUSIC
from ringfence.evidence.volume import Volume
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together
from ringfence.verdicts.fusion import FAMILY_FLOOR


def test_volume_of_one_day() -> None:
    """In a log of one day, the p-value is the survival of the reference distribution."""
    numbers, p, sentence = score(Volume(), daily(1, 400))
    assert numbers["observed"] == 400
    assert numbers["expected"] == MUSIC["volume_1"].median
    assert p == pytest.approx(float(MUSIC["volume_1"].survival(np.array([400.0]))[0]))
    assert sentence.startswith("Took 400 items it had never taken before on its busiest day")


def test_volume_counts_new_items_only() -> None:
    """Returns to an item do not count as new items."""
    numbers, _, _ = score(Volume(), daily(1, 100), daily(1, 100, start=0))
    assert numbers["observed"] == 100


def test_steady_taking_shows_in_the_month() -> None:
    """A steady number of items per day is rarer over a month than in a day."""
    numbers, p, sentence = score(Volume(), daily(30, 100))
    assert (numbers["window"], numbers["observed"]) == (30, 3_000)
    assert "within 30 days" in sentence
    single = float(MUSIC["volume_30"].survival(np.array([3_000.0]))[0])
    # Four windows are looked at in a log of 30 days (1, 7, 30, and 90 by half its length).
    assert single < p <= 4 * single


def test_volume_is_corrected_for_the_months_of_history() -> None:
    """A busy month in a history of ten months has a larger p-value than in a history of one."""
    month = daily(30, 100)
    _, alone, _ = score(Volume(), month)
    later = account("a", np.array([300 * DAY]), [0])
    _, among, _ = score(Volume(), month, later)
    assert among > 2 * alone


def test_longer_windows_need_a_history() -> None:
    """A new account in an old log is compared only over windows that its history can fill."""
    old = account("old", np.arange(12) * 30 * DAY, np.zeros(12))
    with small_ledger(together(old, daily(1, 300, start=330))) as context:
        scores = Volume().score(context)
        names = dict(context.engine.rows("SELECT account, account_key FROM accounts"))
        row = int(np.flatnonzero(scores.keys == names["a"])[0])
        assert scores.details["window"][row] == 1


def general() -> Context:
    """Return a context of a catalogue of unknown kind; its ledger is not read."""
    with small_ledger(kind="general") as context:
        return context


def pareto_users() -> Columns:
    """Return one day of 2,000 users whose numbers of items have a Pareto tail."""
    uniform = np.random.default_rng(3).random(2_000)
    counts = np.minimum(20 * uniform ** (-1 / 1.5), 1_100).astype(int)
    takes = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return {
        **account("", takes * 3, takes),
        "account": np.repeat(np.char.add("u", np.arange(2_000).astype(str)), counts),
    }


def test_the_heavier_tail_is_that_of_the_population() -> None:
    """Users with a Pareto tail are as rare as they should be under the heavier tail only."""
    with small_ledger(pareto_users()) as context:
        scores = Volume().score(context)
    assert scores.alone is not None
    assert (scores.alone >= scores.p_values).all()
    assert np.sum(scores.alone <= 0.0001) <= 1
    assert np.sum(scores.p_values <= 0.0001) > 5


def test_a_catalogue_of_unknown_kind_has_the_heavier_tail_in_all_evidence() -> None:
    """The shape of listeners' tails says nothing of other use, so the population's own counts."""
    with small_ledger(pareto_users(), kind="general") as context:
        scores = Volume().score(context)
    assert scores.alone is not None
    np.testing.assert_array_equal(scores.alone, scores.p_values)
    assert np.sum(scores.p_values <= 0.0001) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("extractors", [0, 20])
def test_a_tenth_of_heavy_users_is_not_rare_and_extractors_are(extractors: int) -> None:
    """Among 2,000 users of an unknown kind, one in ten reads all day: P(p ≤ a) is at most about a.

    Twenty extractors, who take five times as much as the heaviest of them, reach the floor.
    """
    rng = np.random.default_rng(7)
    shares = np.zeros((20, 3))
    for seed in range(20):
        light, heavy = rng.exponential(100, 1_800), 420 * (5_600 / 420) ** rng.random(200)
        values = np.concatenate([light, heavy])
        values[:extractors] = 28_000
        p = general().p_values("volume_30", values)
        shares[seed] = [np.mean(p[extractors:] <= level) for level in (0.01, 0.001, 0.0001)]
        assert not extractors or p[:extractors].max() < FAMILY_FLOOR
    assert (shares.mean(axis=0) <= (0.015, 0.002, 0.0003)).all()
