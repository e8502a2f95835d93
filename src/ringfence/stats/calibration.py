"""From a statistic to a p-value: measured users, the population at hand, and their mixture.

A statistic is put on a scale where users are roughly normal (its logarithm, its cube root or
itself) and turned so that more is more like extraction. Two reference distributions answer how rare
a value is:

* the **envelope**: users measured elsewhere, as a median and an upper spread over so many people;
* the **population**: this scan's accounts, by rank up to their 95 % quantile. Beyond it, where
  extractors would be, the tail is modelled: with the shape of the envelope's tail, started at that
  quantile, as long as the quantile lies within what users reach (below their own 97.5 %);
  else exponential through the 90 % and 95 % quantiles. An exponential tail of a logarithm is a
  Pareto law, heavier than the lognormal of most counts of use. Extractors beyond the quantiles do
  not move them.

The envelope's tail is Student's: the predictive distribution of one more value from a normal sample
of unknown mean and variance has n − 1 degrees of freedom and variance (1 + 1/n) (Gelman et al.,
Bayesian Data Analysis, 3rd ed., section 3.2).

The two are mixed, S = w·S_envelope + (1 − w)·S_population with w = max(0.05, 200 / (N + 200)): a
small population is shrunk towards the envelope, and in any population, however large and light,
one account in twenty may be like the measured users, who are heavy users.

Without an envelope the p-value is the rank: the share of accounts, the account itself added, that
show as much (valid under exchangeability). No tail is extrapolated, for populations hold
specialists whose tails nobody measured; extractors who are many make each other usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from scipy import stats

from ringfence.stats.arrays import Floats

Scale = Literal["log", "cube", "linear"]
Direction = Literal[1, -1]

PRIOR_ACCOUNTS: Final = 200
"""How many accounts the envelope counts for."""

ENVELOPE_SHARE: Final = 0.05
"""The envelope's least weight: the share of any population that may be like measured users."""

BEYOND: Final = 0.05
"""The share of accounts above the quantile from which the population's tail is extrapolated."""

SMALLEST_POPULATION: Final = 20
"""Below this the population's own spread says nothing and is not used."""


class CannotRun(Exception):  # noqa: N818 - an answer, not an error
    """A test says why it has nothing to say on this ledger."""


@dataclass(frozen=True)
class Reference:
    """Users as measured: a median and upper spread of one statistic on one scale.

    Attributes:
        scale: ``log``, ``cube`` (the cube root, on which counts of waiting and of gamma-like
            rates are nearly normal; Wilson and Hilferty 1931) or ``linear``.
        more: which direction is extraction: +1 when more is, -1 when less is.
        median: of users, in the statistic's unit.
        spread: on the scale, standard deviation that the upper quantiles imply.
        people: how many people were measured.
    """

    scale: Scale
    more: Direction
    median: float
    spread: float
    people: int

    def transformed(self, values: Floats) -> Floats:
        """Put values on the scale, more being extraction; zero logs as the smallest float."""
        if self.scale == "log":
            values = np.log(np.maximum(values, np.finfo(np.float64).tiny))
        elif self.scale == "cube":
            values = np.cbrt(values)
        return self.more * values

    def survival(self, values: Floats) -> Floats:
        """Return the chance that a measured user shows as much or more, a value each."""
        return self.survival_of_transformed(self.transformed(values))

    def survival_of_transformed(self, x: Floats) -> Floats:
        """Return the same for values that are on the scale already."""
        median = self.transformed(np.array([self.median]))
        return _student_tail((x - median) / self.spread, self.people)


def population_survival(values: Floats, reference: Reference) -> Floats:
    """Return the chance that an account of this population shows as much or more, a value each.

    Fails quietly where more than 5 % of the accounts extract: they then are part of what is usual
    here, and only the envelope tells.

    Args:
        values: one value an account; all of them are the population. NaN is not allowed.
        reference: gives the scale, and the tail its shape where the population reaches no further
            than users do.
    """
    x = reference.transformed(values)
    low, high = np.quantile(x, [0.90, 0.95])
    ranks = _rank_survival(x)
    if high <= low:
        return ranks
    tail = np.exp(-np.maximum(x - high, 0) / (high - low) * np.log(2))
    start = reference.survival_of_transformed(np.array([high]))
    # Half: a quantile is known no better than that from hundreds of accounts.
    if start[0] > BEYOND / 2:
        tail = reference.survival_of_transformed(np.maximum(x, high)) / start
    # Where many accounts share the quantile's value, more of them reach it than lie beyond.
    reached = max(BEYOND, float(np.mean(x >= high)))
    return np.where(x < high, ranks, reached * tail)


def enough(accounts: int, what: str) -> None:
    """Refuse to compare within a population of fewer than :data:`SMALLEST_POPULATION` accounts.

    Raises:
        CannotRun: there are fewer; ``what`` says of what.
    """
    if accounts < SMALLEST_POPULATION:
        raise CannotRun(f"fewer than {SMALLEST_POPULATION} {what}")


def calibrated(values: Floats, reference: Reference) -> Floats:
    """Return p-values under "this is a user" by envelope and population, in (0, 1].

    Args:
        values: the statistic, one an account that could be measured.
        reference: the statistic's envelope.
    """
    n = values.size
    envelope = reference.survival(values)
    if n < SMALLEST_POPULATION:
        return envelope
    weight = max(ENVELOPE_SHARE, PRIOR_ACCOUNTS / (n + PRIOR_ACCOUNTS))
    return weight * envelope + (1 - weight) * population_survival(values, reference)


def ranked(values: Floats, *, more: Direction) -> Floats:
    """Return p-values under "this is a user" by the population alone, in (0, 1].

    Args:
        values: the statistic, one an account that could be measured; on any scale, for only their
            order counts.
        more: which direction is extraction, as in :class:`Reference`.

    Raises:
        CannotRun: the population is too small.
    """
    enough(values.size, "accounts to compare with")
    return _rank_survival(more * values)


def simes(p_values: Floats) -> Floats:
    """Join dependent p-values by Simes' rule, along the last axis; NaN is left out.

    Valid under positive dependence (Sarkar 1998). All NaN gives NaN.
    """
    ordered = np.sort(p_values, axis=-1)
    count = np.sum(~np.isnan(ordered), axis=-1, keepdims=True)
    ranks = np.arange(1, ordered.shape[-1] + 1)
    with np.errstate(invalid="ignore"):
        scaled = np.where(np.isnan(ordered), np.inf, ordered * count / ranks)
    joined = scaled.min(axis=-1)
    return np.where(np.isinf(joined), np.nan, np.minimum(joined, 1.0))


def _student_tail(z: Floats, sample: int) -> Floats:
    tail: Any = stats.t.sf(z / np.sqrt(1 + 1 / sample), df=max(sample - 1, 2))
    return np.maximum(np.asarray(tail, dtype=np.float64), np.finfo(np.float64).tiny)


def _rank_survival(x: Floats) -> Floats:
    """Return the share of the population that reaches each value, the account itself added."""
    at_least = x.size - np.searchsorted(np.sort(x), x, side="left")
    return np.asarray((at_least + 1) / (x.size + 1), dtype=np.float64)
