"""Measure how much accounts change at a cut, in volume, hours and taste.

Each change is divided by its standard deviation if nothing had changed: that of the days of one
account, pooled over all accounts, and that by which accounts drift in the long run. The drift is
measured on accounts that are cut in the middle of their days (robustly, by the median of absolute
deviations), so travellers, holidays and seasons are in it.

Source of the pooling: Smyth 2004, "Linear models and empirical Bayes methods". The long-run term is
the variance component of a random-effects model (DerSimonian and Laird 1986), from quantiles.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.own_past.divided_use import DividedUse
from ringfence.stats.arrays import Flags, Floats

_CONCENTRATIONS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Hours for which the hours of the whole population may count, beside those of one account."""

SHARED_HOURS: Final = 0.5
"""Share of the hours of all accounts in those that are expected of one account. New work and an
examination move people to hours in which others are active. A thief far away is not."""

_LEAST_BETWEEN: Final = 0.01
"""Variance between accounts in taste at least. Zero would mean that all people have one taste."""

_MAD: Final = 1.4826
"""Ratio of the standard deviation of a normal distribution to its median absolute deviation."""


def volume_changes(use: DividedUse) -> Floats:
    """Return (cuts,) the standardised change of the logarithm of new items per calendar day."""
    past, since = use.past, use.since
    change = np.log((since.items + 0.5) / since.span) - np.log((past.items + 0.5) / past.span)
    compared = ~use.is_foreign
    of_day = _pooled(
        compared,
        (past.days, past.log_items, past.log_items_2),
        (since.days, since.log_items, since.log_items_2),
    )
    counted = 1 / (past.items + 0.5) + 1 / (since.items + 0.5)
    return _standardised(change, counted + of_day * (1 / past.days + 1 / since.days), compared)


def hour_changes(use: DividedUse) -> Floats:
    """Return (cuts,) how unusual the later hours are for the account's past, standardised.

    The hours of the past, and the neighbours of these hours, are mixed with those of all accounts.
    The statistic is the mean surprise -ln P(hour) of the later hours, beyond its expectation.
    """
    past, since, compared = use.past.hours, use.since.hours, ~use.is_foreign
    everyone = past[compared].sum(axis=0) + 1.0
    everyone /= everyone.sum()
    chances = [_hour_chances(past, everyone, weight) for weight in _CONCENTRATIONS]
    fits = [float((since * np.log(one))[compared].sum()) for one in chances]
    chance = chances[int(np.argmax(fits))]
    surprise = -np.log(chance)
    expected = (chance * surprise).sum(axis=1)
    variance = (chance * surprise**2).sum(axis=1) - expected**2
    change = (since * surprise).sum(axis=1) / np.maximum(since.sum(axis=1), 1.0) - expected
    return _standardised(change, variance / use.since.days, compared)


def taste_changes(use: DividedUse) -> Floats:
    """Return (cuts,) the standardised change of the popularity of new items, in either direction.

    The mean of an account's past is shrunk towards that of all accounts (empirical Bayes). Cuts
    without new items on one side have no change.
    """
    past, since, compared = use.past, use.since, ~use.is_foreign
    known = (past.tasted > 0) & (since.tasted > 0)
    base = compared & known
    of_day = _pooled(
        base,
        (past.tasted, past.taste, past.taste_2),
        (since.tasted, since.taste, since.taste_2),
    )
    before = past.taste / np.maximum(past.tasted, 1.0)
    after = since.taste / np.maximum(since.tasted, 1.0)
    typical = float(np.median(before[base]))
    between = max(float(np.cov(before[base], after[base])[0, 1]), _LEAST_BETWEEN)
    variance = 1 / (past.tasted / of_day + 1 / between)
    mean = variance * (past.taste / of_day + typical / between)
    change = np.where(known, after - mean, 0.0)
    spread = variance + of_day / np.maximum(since.tasted, 1.0)
    return np.abs(_standardised(change, spread, base))


def _hour_chances(past: Floats, everyone: Floats, weight: float) -> Floats:
    near = past / 2 + (np.roll(past, 1, axis=1) + np.roll(past, -1, axis=1)) / 4
    total = past.sum(axis=1, keepdims=True) + weight
    own = (near + weight * everyone) / total
    return np.asarray((1 - SHARED_HOURS) * own + SHARED_HOURS * everyone, dtype=np.float64)


def _pooled(compared: Flags, *parts: tuple[Floats, Floats, Floats]) -> float:
    """Return the variance of a day's value within the parts of one account, over all accounts."""
    squares = sum(float((two - one**2 / np.maximum(n, 1))[compared].sum()) for n, one, two in parts)
    freedom = sum(float(np.maximum(n - 1, 0)[compared].sum()) for n, _, _ in parts)
    return max(squares / max(freedom, 1.0), 1e-6)


def _standardised(change: Floats, variance: Floats, compared: Flags) -> Floats:
    """Divide changes by their standard deviation, drift included."""
    usual = change[compared]
    spread = (_MAD * np.median(np.abs(usual - np.median(usual)))) ** 2
    drift = max(0.0, float(spread - np.median(variance[compared])))
    return np.asarray(change / np.sqrt(variance + drift), dtype=np.float64)
