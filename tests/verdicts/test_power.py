"""Plant four accounts among two thousand users: only the extracting one is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from ringfence.evidence.pace import SHOPS_SHARE
from ringfence.evidence.reference_distributions import MUSIC
from ringfence.stats.arrays import Columns, Integers
from ringfence.testing import account, small_ledger, together, users
from ringfence.testing.users import GROUP_SIZE
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge

DAYS, GROUPS = 30, 2_000
DAY, HOUR = 86_400, 3_600


@dataclass(frozen=True)
class PlantedScan:
    """All accounts with their scores, and their verdicts at the default rate."""

    scored: ScoredAccounts
    labels: dict[str, str]

    def p_value(self, name: str) -> float:
        """Return an account's fused p-value."""
        return float(self.scored.p_values[list(self.labels).index(name)])

    def volume(self, name: str) -> float:
        """Return its p-value of the family "volume"."""
        return float(self.scored.volume[list(self.labels).index(name)])


@pytest.fixture(scope="module")
def scanned() -> Iterator[PlantedScan]:
    """Two thousand users and the four planted accounts."""
    rng = np.random.default_rng(7)
    crowd = users(2_000, days=DAYS, groups=GROUPS, uses=850, seed=11)
    planted = (extractor(rng), shop(rng), collector(rng), around_the_clock(rng))
    events = together(crowd, *planted)
    plain = {name: events[name] for name in ("ts", "account", "item", "group", "seconds")}
    with small_ledger(plain) as context:
        scored = judge(context, lambda _: None)
        labels = account_verdicts(scored, 0.01)
        names = scored.accounts["account"]
        yield PlantedScan(scored, {str(n): str(v) for n, v in zip(names, labels, strict=True)})


def extractor(rng: np.random.Generator) -> Columns:
    """Three times the 99.9 % of users' months, no returns, at all hours, in no order."""
    month = MUSIC["volume_30"]
    items = int(3 * (month.median + 3.09 * month.spread))
    moments = np.sort(rng.integers(0, DAYS * DAY, items))
    return account("extractor", moments, rng.permutation(2 * GROUPS * GROUP_SIZE)[:items])


def shop(rng: np.random.Generator) -> Columns:
    """Music from nine to nine, evenly, from a playlist of 500, some more often than others."""
    day = 9 * HOUR + np.arange(12 * 17) * HOUR // 17
    moments = (np.arange(DAYS)[:, None] * DAY + day).ravel()
    moments = moments + rng.integers(0, 120, moments.size)
    playlist = taste(rng, 120)[:500]
    plays = (playlist.size * rng.random(moments.size) ** 2).astype(np.int64)
    return account("shop", np.sort(moments), playlist[plays])


def collector(rng: np.random.Generator) -> Columns:
    """Six hundred items in fifty sittings, none of them twice."""
    sittings = rng.integers(0, DAYS, 50) * DAY + rng.integers(8, 20, 50) * HOUR
    moments = np.sort((sittings[:, None] + np.arange(12) * 240).ravel())
    return account("collector", moments, taste(rng, 300)[: moments.size])


def around_the_clock(rng: np.random.Generator) -> Columns:
    """Two hundred items on repeat, day and night."""
    moments = np.arange(0, DAYS * DAY, 200)
    plays = taste(rng, 120)[rng.integers(0, 200, moments.size)]
    return account("clock", moments + rng.integers(0, 60, moments.size), plays)


def taste(rng: np.random.Generator, groups: int) -> Integers:
    """Return the items of some groups, popular ones more likely, shuffled."""
    liked = np.unique((GROUPS * rng.random(groups) ** 3).astype(np.int64))
    return rng.permutation((liked[:, None] * GROUP_SIZE + np.arange(GROUP_SIZE)).ravel())


@pytest.mark.slow
def test_extractor_is_found(scanned: PlantedScan) -> None:
    """An account that takes three times what any user takes is extracting and ranks first."""
    assert scanned.labels["extractor"] == "extracting"
    assert scanned.p_value("extractor") == scanned.scored.p_values.min()


@pytest.mark.parametrize("name", ["shop", "collector", "clock"])
def test_unusual_habits_are_not_a_finding(scanned: PlantedScan, name: str) -> None:
    """A shop, a collector and a sleepless listener take as much as users and are not findings."""
    assert scanned.labels[name] == ""
    assert scanned.volume(name) > 0.05


def test_a_shop_is_as_rare_as_shops_are(scanned: PlantedScan) -> None:
    """An even pace at listening speed is as rare as shops, and harmless without the gate."""
    scored = scanned.scored
    row = list(scanned.labels).index("shop")
    assert scored.by_test["pace"][row] == pytest.approx(SHOPS_SHARE, rel=1e-3)
    assert scored.p_values[row] > 1e-3


def test_no_user_is_a_finding(scanned: PlantedScan) -> None:
    """None of two thousand users is extracting or suspect."""
    found = [name for name, label in scanned.labels.items() if label]
    assert found == ["extractor"]


def test_evidence_on_the_extractor(scanned: PlantedScan) -> None:
    """Its evidence is sorted by p-value, gives the true count, and covers all families."""
    row = list(scanned.labels).index("extractor")
    evidence = scanned.scored.evidence(row)
    p_values = [e.p_value for e in evidence]
    assert p_values == sorted(p_values)
    assert {"volume", "novelty", "rhythm"} <= {e.test for e in evidence if e.p_value < 0.01}
    volume = next(e for e in evidence if e.test == "volume")
    items = int(scanned.scored.accounts["items"][row])
    assert volume.observed == items == 10_722
    assert f"Took {items:,} items it had never taken before within 30 days" in volume.sentence
