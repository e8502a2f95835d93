"""Compare what an account holds of a dump with what it would hold of it by chance.

Under the null hypothesis an account took no part, and the dump depends on its items only by how
popular they are. Its item with k other holders is then in the dump as often as any item with k
holders. Three corrections make this hold for people:

* **Popularity.** An item that somebody holds is more popular than one that nobody holds, so it is
  more often in a dump from elsewhere. The rate of a level is raised to that of the accounts of the
  scan, each counted with at most as many items as the median account (:func:`honest_rates`).
* **Groups.** A dump that has an artist's other items probably has this one. The spread between
  groups is measured, and the mean and variance of each group follow from its other items
  (:data:`ringfence.leaks.attribution.statements.LEAK_OVERLAPS`).
* **Tastes.** The rest of the variation between people is measured on the accounts of the scan
  (:func:`population_variation`).

The tail is negative binomial. Its dispersion comes from the bulk of the population, which a ring of
one account in fifty hardly moves.

Fails where more than one account in a hundred shares a taste that follows neither popularity nor
groups, and the dump is of that taste: such people look like a ring.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.stats import nbinom, poisson

from ringfence.stats.arrays import Columns, Floats, Integers
from ringfence.stats.overdispersion import STANDARD_ERRORS, upper_mean

SHARES: Final = (0.1, 0.05, 0.01)
"""Shares of the accounts that may have a p-value as small as the share."""

LARGEST_FACTOR: Final = 100.0
"""The largest factor of the variance. A population that varies more has no model here."""

LARGEST_SPREAD: Final = 4.0
"""The largest spread of tastes: twice as wide as an exponential distribution."""

FEWEST_ACCOUNTS: Final = 50
"""Accounts below which the dispersion of a population cannot be measured."""

ASSUMED_FACTOR: Final = 4.0
"""Factor of the variance in a population that is too small to measure it."""

ASSUMED_SPREAD: Final = 0.25
"""Spread of tastes in a population that is too small to measure it."""

_SMALLEST_SHAPE: Final = 0.01
_LARGEST_SHAPE: Final = 1e6
_POISSON: Final = 1 + 1e-6
_FEWEST_PEAKS: Final = 25
"""Peaks over a threshold from which their mean is measured."""

_TAIL_BEGINS: Final = float(np.log(0.05))
_MOST_MEASURED: Final = 50_000
_FACTORS: Final = np.geomspace(1.0, LARGEST_FACTOR, 60)
_SPREADS: Final = np.concatenate([[0.0], np.geomspace(0.005, LARGEST_SPREAD, 40)])


def honest_rates(pools: Columns, strata: Columns) -> Floats:
    """Return (pools,) the share of the items of each band and level that the dump has by chance.

    Args:
        pools: band, level, and numbers of items and of leaked items.
        strata: the same per account, with the level of other holders.
    """
    items = pools["items"].astype(np.float64)
    rates = (pools["leaked"].astype(np.float64) + 1) / (items + 1)
    place = _places(pools, strata)
    held, leaked = strata["items"].astype(np.float64), strata["leaked"].astype(np.float64)
    for pool in np.unique(place[place >= 0]):
        mine = place == pool
        weights = np.minimum(1.0, np.median(held[mine]) / held[mine])
        seen = (weights * leaked[mine]).sum() / (weights * held[mine]).sum()
        rates[pool] = min(max(rates[pool], seen), 1.0)
    return rates


def _places(pools: Columns, strata: Columns) -> Integers:
    """Return (strata,) the pool that each of them is compared with; -1 if there is none."""
    known = {
        pair: place
        for place, pair in enumerate(
            zip(pools["band"].tolist(), pools["level"].tolist(), strict=True)
        )
    }
    pairs = np.column_stack([strata["band"], strata["level"]]).astype(np.int64)
    some, rows = np.unique(pairs, axis=0, return_inverse=True)
    of_pair = np.array([known.get((int(a), int(b)), -1) for a, b in some], dtype=np.int64)
    return of_pair[rows.ravel()] if of_pair.size else np.zeros(0, dtype=np.int64)


def group_shape(leaked: Floats, expected: Floats) -> float:
    """Return κ, the shape of the gamma factor by which groups differ in a dump.

    The estimate errs toward small κ, which is a wide distribution.

    Args:
        leaked: (groups,) items in the dump.
        expected: (groups,) items expected.
    """
    squares = float(np.mean(expected**2)) if expected.size else 0.0
    if squares <= 0:
        return _LARGEST_SHAPE
    excess = upper_mean((leaked - expected) ** 2 - expected)
    return float(np.clip(squares / max(excess, 1e-300), _SMALLEST_SHAPE, _LARGEST_SHAPE))


def log_tails(observed: Integers, expected: Floats, dispersion: Floats) -> Floats:
    """Return ln P(at least this many) of counts with this mean and variance over mean."""
    mean = np.maximum(expected, 1e-12)
    wide = dispersion > _POISSON
    size = mean / np.where(wide, dispersion - 1, 1.0)
    with np.errstate(divide="ignore"):
        tails = np.where(
            wide,
            nbinom.logsf(observed - 1, size, 1 / np.where(wide, dispersion, 2.0)),
            poisson.logsf(observed - 1, mean),
        )
    return np.asarray(np.clip(tails, -690.0, 0.0), dtype=np.float64)


def randomised_p_values(observed: Integers, expected: Floats, dispersion: Floats) -> Floats:
    """Return P(more) + U P(as many) with random U, which is uniform although counts are whole.

    It serves to compare a population with its model; an account is never judged by it.
    """
    at_least = np.exp(log_tails(observed, expected, dispersion))
    more = np.exp(log_tails(observed + 1, expected, dispersion))
    part = np.random.default_rng(0).random(observed.size)
    return np.asarray(more + part * (at_least - more), dtype=np.float64)


@dataclass(frozen=True)
class Variation:
    """The variation between accounts beyond the variances of their counts.

    Attributes:
        factor: of the variance, at least 1: items come in clusters that the groups do not show.
        spread: variance of the factor by which accounts differ in taste: it adds its product with
            the squared mean. The larger of the two variances counts.
        stretch: how much heavier the population's tail is than the model's, at least 1. Beyond a
            p-value of 1 in 20, logarithms of p-values are divided by it.
    """

    factor: float
    spread: float
    stretch: float = 1.0

    @property
    def is_known(self) -> bool:
        """Whether the population has a model, so that an account can be told from it."""
        return bool(np.isfinite(self.factor) and np.isfinite(self.spread))

    def dispersion(self, expected: Floats, variance: Floats, members: Integers | int = 1) -> Floats:
        """Return variance over mean of each account or ring; tastes of members are independent."""
        own = variance / np.maximum(expected, 1e-12)
        return np.maximum(own * self.factor, own + self.spread * expected / members)

    def log_p(
        self,
        observed: Integers,
        expected: Floats,
        variance: Floats,
        members: Integers | int = 1,
    ) -> Floats:
        """Return ln of the p-values of counts; 0 for all if the population has no model."""
        if not self.is_known:
            return np.zeros(observed.shape)
        tails = log_tails(observed, expected, self.dispersion(expected, variance, members))
        beyond = np.minimum(tails - _TAIL_BEGINS, 0.0)
        return np.asarray(tails - beyond + beyond / self.stretch, dtype=np.float64)


def population_variation(observed: Integers, expected: Floats, variance: Floats) -> Variation:
    """Return how much more the accounts of a population vary than their variances say.

    Factor and spread are each the smallest with which small p-values are as rare as they say, give
    or take two standard errors. They are infinite if there is none. First values are found from a
    tenth of the accounts, which sources hardly move. Accounts that no honest account would be like
    are then left out, and all shares are used.

    Args:
        observed: (accounts,) items of the dump.
        expected: (accounts,) the same by chance.
        variance: (accounts,) its variance.
    """
    rows = np.flatnonzero(expected > 0)
    if rows.size < FEWEST_ACCOUNTS:
        return Variation(ASSUMED_FACTOR, ASSUMED_SPREAD)
    if rows.size > _MOST_MEASURED:
        rows = np.random.default_rng(0).choice(rows, _MOST_MEASURED, replace=False)
    seen, mean, own = observed[rows], expected[rows], variance[rows]
    first = _smallest_variation(seen, mean, own, SHARES[:1])
    if not first.is_known:
        return first
    usual = log_tails(seen, mean, first.dispersion(mean, own)) > -np.log(10 * rows.size)
    found = _smallest_variation(seen[usual], mean[usual], own[usual], SHARES)
    if not found.is_known:
        return found
    return replace(found, stretch=_stretch(seen[usual], mean[usual], own[usual], found))


def _stretch(observed: Integers, expected: Floats, variance: Floats, found: Variation) -> float:
    """Return the mean by which −ln p exceeds a threshold, which is 1 if the model's tail is right.

    It is raised by its standard errors, and the larger one of two thresholds counts: peaks over
    1 in 20 and over 1 in 100. The tail beyond is exponential (Pickands 1975).
    """
    p_values = randomised_p_values(observed, expected, found.dispersion(expected, variance))
    scores = -np.log(np.maximum(p_values, 1e-300))
    peaks = (scores[scores > -np.log(share)] + np.log(share) for share in SHARES[1:])
    return max([1.0, *(upper_mean(one) for one in peaks if one.size >= _FEWEST_PEAKS)])


def _smallest_variation(
    observed: Integers, expected: Floats, variance: Floats, shares: tuple[float, ...]
) -> Variation:
    """Return the smallest factor and the smallest spread with which p-values are rare enough.

    They are tried one after another: a very wide distribution of a small mean is 0 nearly always,
    so that any count is rare under it again.
    """

    def first_that_fits(tried: Iterable[Variation]) -> Variation | None:
        return next(
            (one for one in tried if _fits(observed, expected, variance, one, shares)), None
        )

    by_factor = first_that_fits(Variation(float(one), 0.0) for one in _FACTORS)
    by_spread = first_that_fits(Variation(1.0, float(one)) for one in _SPREADS)
    if by_factor is None and by_spread is None:
        return Variation(np.inf, np.inf)
    return Variation(by_factor.factor if by_factor else 1.0, by_spread.spread if by_spread else 0.0)


def _fits(
    observed: Integers,
    expected: Floats,
    variance: Floats,
    variation: Variation,
    shares: tuple[float, ...],
) -> bool:
    p_values = randomised_p_values(observed, expected, variation.dispersion(expected, variance))
    return all(
        float(np.mean(p_values <= share))
        <= share + STANDARD_ERRORS * np.sqrt(share * (1 - share) / p_values.size)
        for share in shares
    )
