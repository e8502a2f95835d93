"""Measure how much more the accounts of a population vary than the variances of their counts say.

Two kinds of variation are measured, in classes of accounts that expect about as many items:

* a **factor** of the variance, for items that come in clusters which the groups do not show;
* a **spread** of tastes, for accounts that are more or less fond of a dump as a whole.

Each explains all of the variation of a class alone, and the larger p-value counts. The first
decides for accounts that expect few items, the second for those that expect many. Both err toward
wide distributions: a factor is raised by two standard errors, and so is the spread of deficits. The
spread of all accounts is raised by one, because a few hundred light accounts hardly tell more.

Sources must not hide themselves. So accounts that no honest account would be like are left out.
Honest accounts with unusual tastes would be left out with them, so the spread is also measured from
the accounts that hold less of the dump than expected, which no source does.

Fails where more than one account in twenty is a source: they then make each other look usual. Fails
where a few honest accounts have far more of a dump than popularity and groups say, and hardly any
account of their size has less: such people look like a ring.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ringfence.leaks.attribution.class_variation import ClassVariation, Counts, measured_class
from ringfence.leaks.attribution.tails import log_tails, log_tails_of_tastes, randomised
from ringfence.leaks.attribution.usual import LARGEST_FACTOR, LARGEST_SPREAD, usual_accounts
from ringfence.stats.arrays import Flags, Floats, Integers, Rows
from ringfence.stats.overdispersion import upper_mean

FEWEST_ACCOUNTS: Final = 50
"""Accounts below which the variation of a population cannot be measured."""

ASSUMED_FACTOR: Final = 4.0
"""Factor of the variance in a population that is too small to measure it."""

ASSUMED_SPREAD: Final = 0.25
"""Spread of tastes in a population that is too small to measure it."""

_FEWEST_OF_CLASS: Final = 500
"""Accounts of a class. The spread of 500 accounts is known to about 6 %."""

_LOWEST_OCTAVE: Final = -3
"""Accounts that expect less than 1/8 item are one class."""

_MOST_SOURCES: Final = 0.05
"""A class with a larger share of all accounts cannot be of sources alone. In a smaller class of
heavy accounts only deficits count, and it varies at least as much as the next lighter class."""

_FEWEST_PEAKS: Final = 25
"""Peaks over a threshold from which their mean is measured."""

_PEAKS_BEGIN: Final = (0.05, 0.01)
"""P-values below which the tail is measured."""

_TAIL_BEGINS: Final = float(np.log(0.05))
_ALL_TASTES: Final = float(np.log(0.1))
"""Above this p-value, tastes are not looked at: such an account is never named."""

_MOST_PEAKS_MEASURED: Final = 20_000


@dataclass(frozen=True)
class Variation:
    """The variation between accounts beyond the variances of their counts.

    Attributes:
        begins: expected items at which the second class begins, the third and so on, ascending.
        factors: of the variance, per class, at least 1.
        spreads: variance of the factor by which accounts differ in taste, per class.
        stretch: how much heavier the population's tail is than the model's, at least 1. Beyond a
            p-value of 1 in 20, logarithms of p-values are divided by it.
    """

    begins: tuple[float, ...]
    factors: tuple[float, ...]
    spreads: tuple[float, ...]
    stretch: float = 1.0

    def to_json(self) -> list[dict[str, float]]:
        """Return one object per class that has a model, lightest first, for ``json.dumps``."""
        return [
            {"expected_from": begin, "factor": factor, "spread": spread, "stretch": self.stretch}
            for begin, factor, spread in zip(
                (0.0, *self.begins), self.factors, self.spreads, strict=True
            )
            if np.isfinite(factor)
        ]

    @property
    def is_known(self) -> bool:
        """Whether any class has a model, so that an account can be told from the others."""
        return bool(np.isfinite(self.factors).any())

    def log_p(
        self,
        observed: Integers,
        expected: Floats,
        variance: Floats,
        members: Integers | int = 1,
    ) -> Floats:
        """Return ln of the p-values of counts; 0 in a class without a model.

        Args:
            observed: (accounts,) items of the dump.
            expected: (accounts,) the same by chance.
            variance: (accounts,) its variance.
            members: (accounts,) number of members of a ring, whose tastes are independent.
        """
        tails = self.log_tails(observed, expected, variance, members)
        beyond = np.minimum(tails - _TAIL_BEGINS, 0.0)
        return np.asarray(tails - beyond + beyond / self.stretch, dtype=np.float64)

    def log_tails(
        self,
        observed: Integers,
        expected: Floats,
        variance: Floats,
        members: Integers | int = 1,
        *,
        tastes: bool = True,
    ) -> Floats:
        """Return ln of the p-values before they are stretched.

        Without tastes they are lower bounds, which cost a tenth.
        """
        mean = np.maximum(expected, 1e-12)
        own = np.maximum(variance / mean, 1.0)
        place = np.searchsorted(self.begins, mean / members, side="right")
        factor, spread = np.array(self.factors)[place], np.array(self.spreads)[place]
        known = np.isfinite(factor)
        factor, spread = np.where(known, factor, 1.0), np.where(known, spread, 0.0) / members
        tails = log_tails(observed, mean, np.maximum(own * factor, own + spread * mean))
        if tastes:
            some = np.flatnonzero(tails <= _ALL_TASTES)
            of_tastes = log_tails_of_tastes(observed[some], mean[some], own[some], spread[some])
            tails[some] = np.maximum(tails[some], of_tastes)
        return np.where(known, tails, 0.0)

    def randomised_p_values(
        self,
        observed: Integers,
        expected: Floats,
        variance: Floats,
        seed: int = 0,
        *,
        most: float = 1.0,
    ) -> Floats:
        """Return P(more) + U P(as many) with random U, which is uniform although counts are whole.

        It serves to compare a population with its model; an account is never judged by it.

        Args:
            observed: (accounts,) items of the dump.
            expected: (accounts,) the same by chance.
            variance: (accounts,) its variance.
            seed: of U.
            most: p-values up to this are exact. Beyond it, they may be anything beyond it.
        """
        counts = (observed, observed + 1)
        log_p = [self.log_tails(one, expected, variance, tastes=False) for one in counts]
        rows = np.flatnonzero(randomised(np.exp(log_p[0]), np.exp(log_p[1]), seed) <= most)
        for one, tails in zip(counts, log_p, strict=True):
            tails[rows] = self.log_tails(one[rows], expected[rows], variance[rows])
        return randomised(np.exp(log_p[0]), np.exp(log_p[1]), seed)


def population_variation(observed: Integers, expected: Floats, variance: Floats) -> Variation:
    """Return how much more the accounts of a population vary than their variances say.

    Args:
        observed: (accounts,) items of the dump.
        expected: (accounts,) the same by chance.
        variance: (accounts,) its variance.
    """
    rows = np.flatnonzero(expected > 0)
    if rows.size < FEWEST_ACCOUNTS:
        return Variation((), (ASSUMED_FACTOR,), (ASSUMED_SPREAD,))
    seen, mean = observed[rows], expected[rows]
    own = np.maximum(variance[rows], mean)
    usual = usual_accounts(seen, mean, own)
    if usual is None:
        return Variation((), (np.inf,), (np.inf,))
    found = _by_class(seen, mean, own, usual)
    return replace(found, stretch=_stretch(found, seen[usual], mean[usual], own[usual]))


def _by_class(observed: Integers, expected: Floats, variance: Floats, usual: Flags) -> Variation:
    """Return the variation of each class."""
    octaves = np.maximum(np.floor(np.log2(expected)), _LOWEST_OCTAVE).astype(np.int64)
    starts = _class_starts(octaves)
    place = np.searchsorted(starts[1:], octaves, side="right")
    classes: list[ClassVariation] = []
    for number in range(len(starts)):
        rows = np.flatnonzero(place == number)
        kept = rows[usual[rows]]
        # Few heavy accounts may all be sources.
        few = rows.size <= _MOST_SOURCES * observed.size
        lighter = classes[-1] if classes and few else None
        classes.append(
            measured_class(
                Counts(observed[rows], expected[rows], variance[rows]),
                Counts(observed[kept], expected[kept], variance[kept]),
                lighter,
            )
        )
    lightest = classes[0].factor
    known = [one.factor <= LARGEST_FACTOR or one.spread <= LARGEST_SPREAD for one in classes]
    return Variation(
        tuple(2.0**start for start in starts[1:]),
        tuple(
            min(one.factor, lightest) if fine else np.inf
            for one, fine in zip(classes, known, strict=True)
        ),
        tuple(one.spread if fine else np.inf for one, fine in zip(classes, known, strict=True)),
    )


def _class_starts(octaves: Integers) -> list[int]:
    """Return the octaves at which classes begin, ascending.

    Each has enough accounts, but the last. The heaviest accounts are apart, many or few.
    """
    starts: list[int] = []
    lighter, begin, last = 0, 0, 0
    for value, count in zip(*np.unique(octaves, return_counts=True), strict=True):
        rest = octaves.size - lighter
        heaviest = rest <= _MOST_SOURCES * octaves.size < rest + last
        full = lighter - begin >= _FEWEST_OF_CLASS
        if heaviest and not full and len(starts) > 1:
            starts.pop()
        if heaviest or full or not starts:
            starts.append(int(value))
            begin = lighter
        lighter, last = lighter + int(count), int(count)
    return starts


def _stretch(found: Variation, observed: Integers, expected: Floats, variance: Floats) -> float:
    """Return the mean by which −ln p exceeds a threshold, which is 1 if the model's tail is right.

    It is raised by its standard errors, and the larger one of two thresholds counts: peaks over
    1 in 20 and over 1 in 100. The tail beyond is exponential (Pickands 1975).
    """
    rows: Rows = np.arange(observed.size)
    if rows.size > _MOST_PEAKS_MEASURED:
        rows = np.random.default_rng(0).choice(rows, _MOST_PEAKS_MEASURED, replace=False)
    p_values = found.randomised_p_values(
        observed[rows], expected[rows], variance[rows], most=_PEAKS_BEGIN[0]
    )
    scores = -np.log(np.maximum(p_values, 1e-300))
    # Only now are classes known well enough to leave out all that no honest account is like.
    scores = scores[scores <= np.log(10 * observed.size)]
    peaks = (scores[scores > -np.log(share)] + np.log(share) for share in _PEAKS_BEGIN)
    return max([1.0, *(upper_mean(one) for one in peaks if one.size >= _FEWEST_PEAKS)])
