"""Turn a statistic into a p-value, from measured users and from the accounts of the scan.

A statistic is put on a scale on which users are roughly normal: its logarithm, its cube root or the
value itself. It is turned so that larger values are more like extraction. Two distributions then
say how rare a value is:

* The **reference distribution** describes users measured elsewhere by a median and an upper spread.
* The **population** is the accounts of this scan. Up to its 95 % quantile the rank decides. Beyond
  it, where extractors would be, the tail is modelled. It has the shape of the reference
  distribution's tail if the quantile lies within what users reach (below their own 97.5 %
  quantile). Otherwise it is exponential through the 90 % and 95 % quantiles. An exponential tail of
  a logarithm is a Pareto distribution, which is heavier than the lognormal of most counts of use.
  Extractors beyond the quantiles do not move them. Where one statistic decides alone, and where
  no user of this kind of catalogue was measured, the heavier of the two tails counts, except on the
  scale of logarithms.

The tail of the reference distribution is Student's. It is the predictive distribution of one more
value from a normal sample of unknown mean and variance: n − 1 degrees of freedom and variance
(1 + 1/n) (Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.2).

The two are mixed: S = w·S_reference + (1 − w)·S_population with w = max(0.05, 200 / (N + 200)). The
mixture shrinks a small population towards the measured users. In a population of any size it lets
one account in twenty be like the measured users, who are heavy users.

A statistic without a reference distribution is ranked. The p-value is the share of accounts, the
account itself added, that show at least as extreme a value. This is valid under exchangeability. No
tail is extrapolated, because populations hold specialists whose tails nobody measured. Many
extractors therefore make each other look usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ringfence.stats.arrays import Floats
from ringfence.stats.tails import upper_tail_of_t

Scale = Literal["log", "cube", "linear"]
Direction = Literal[1, -1]
"""Direction of extraction: large values (+1) or small values (-1) are more like it."""

PRIOR_ACCOUNTS: Final = 200
"""Number of accounts that the reference distribution counts for."""

REFERENCE_SHARE: Final = 0.05
"""Smallest weight of the reference distribution: the share of any population that may be like the
measured users."""

TAIL_SHARE: Final = 0.05
"""Share of accounts above the quantile from which the population's tail is extrapolated."""

SMALLEST_POPULATION: Final = 20
"""Number of accounts below which the population's own spread is not used."""


class CannotRun(Exception):  # noqa: N818 - an answer, not an error
    """An evidence test cannot run on this ledger; the message gives the reason."""


@dataclass(frozen=True)
class ReferenceDistribution:
    """The measured distribution of one statistic among users: a median and an upper spread.

    Attributes:
        scale: ``log``, ``linear`` or ``cube``. On ``cube``, the cube root, waiting counts and
            gamma-like rates are nearly normal (Wilson and Hilferty 1931).
        direction: +1 if large values are more like extraction, -1 if small values are.
        median: of users, in the statistic's unit.
        spread: standard deviation on the scale that the upper quantiles imply.
        people: number of people measured.
    """

    scale: Scale
    direction: Direction
    median: float
    spread: float
    people: int

    def transform(self, values: Floats) -> Floats:
        """Put values on the scale so that larger is more like extraction.

        The logarithm of zero is that of the smallest positive float.
        """
        if self.scale == "log":
            values = np.log(np.maximum(values, np.finfo(np.float64).tiny))
        elif self.scale == "cube":
            values = np.cbrt(values)
        return self.direction * values

    def survival(self, values: Floats) -> Floats:
        """Return, per value, the chance that a measured user is at least as extreme."""
        return self.survival_of_transformed(self.transform(values))

    def survival_of_transformed(self, x: Floats) -> Floats:
        """Return the survival of values that are on the scale already."""
        median = self.transform(np.array([self.median]))
        return _student_tail((x - median) / self.spread, self.people)


def calibrate(values: Floats, reference: ReferenceDistribution, *, heavier: bool = False) -> Floats:
    """Return p-values under "this is a user" by reference distribution and population.

    Args:
        values: the statistic, one value per account that could be measured.
        reference: the statistic's reference distribution.
        heavier: as for :func:`population_survival`.

    Returns:
        One p-value per account, in (0, 1].
    """
    n = values.size
    measured = reference.survival(values)
    if n < SMALLEST_POPULATION:
        return measured
    weight = max(REFERENCE_SHARE, PRIOR_ACCOUNTS / (n + PRIOR_ACCOUNTS))
    return weight * measured + (1 - weight) * population_survival(
        values, reference, heavier=heavier
    )


def population_survival(
    values: Floats, reference: ReferenceDistribution, *, heavier: bool = False
) -> Floats:
    """Return, per value, the chance that an account of this population is at least as extreme.

    Fails silently where more than 5 % of the accounts extract. They are then part of what is usual
    in the population, and only the reference distribution can tell.

    Args:
        values: one value per account; all of them are the population. NaN is not allowed.
        reference: gives the scale. Its tail shapes the population's tail if the population reaches
            no further than users do.
        heavier: whether the tail is at least exponential, also if the population reaches no further
            than users do. On a logarithmic scale it would be Pareto's, which is too heavy.
    """
    x = reference.transform(values)
    low, high = np.quantile(x, [0.90, 0.95])
    ranks = _rank_survival(x)
    if high <= low:
        return ranks
    exponential = np.exp(-np.maximum(x - high, 0) / (high - low) * np.log(2))
    tail = exponential
    start = reference.survival_of_transformed(np.array([high]))
    # Half of the share: hundreds of accounts do not determine a quantile better than that.
    if start[0] > TAIL_SHARE / 2:
        tail = reference.survival_of_transformed(np.maximum(x, high)) / start
        if heavier and reference.scale != "log":
            tail = np.maximum(tail, exponential)
    # If many accounts share the quantile's value, more of them reach it than lie beyond it.
    reached = max(TAIL_SHARE, float(np.mean(x >= high)))
    return np.where(x < high, ranks, reached * tail)


def rank_p_values(values: Floats, *, direction: Direction) -> Floats:
    """Return p-values under "this is a user" by rank within the population, in (0, 1].

    Args:
        values: the statistic, one value per account that could be measured. Only the order of the
            values counts, so any scale will do.
        direction: +1 if large values are more like extraction, -1 if small values are.

    Raises:
        CannotRun: the population is too small.
    """
    require_accounts(values.size, "accounts to compare with")
    return _rank_survival(direction * values)


def two_sided_rank_p_values(values: Floats) -> Floats:
    """Return twice the smaller of the two ranks' p-values, at most 1, if both ends are extreme.

    Raises:
        CannotRun: the population is too small.
    """
    low, high = rank_p_values(values, direction=-1), rank_p_values(values, direction=1)
    return np.asarray(np.minimum(2 * np.minimum(low, high), 1.0), dtype=np.float64)


def require_accounts(accounts: int, what: str) -> None:
    """Refuse to compare within a population below :data:`SMALLEST_POPULATION` accounts.

    Args:
        accounts: number of accounts that can be compared.
        what: words for them, such as ``accounts hold 50 items``.

    Raises:
        CannotRun: there are too few accounts.
    """
    if accounts < SMALLEST_POPULATION:
        raise CannotRun(f"fewer than {SMALLEST_POPULATION} {what}")


def _student_tail(z: Floats, sample: int) -> Floats:
    tail = upper_tail_of_t(z / np.sqrt(1 + 1 / sample), max(sample - 1, 2))
    return np.maximum(tail, np.finfo(np.float64).tiny)


def _rank_survival(x: Floats) -> Floats:
    """Return the share of the population that reaches each value, the account itself added."""
    at_least = x.size - np.searchsorted(np.sort(x), x, side="left")
    return np.asarray((at_least + 1) / (x.size + 1), dtype=np.float64)
