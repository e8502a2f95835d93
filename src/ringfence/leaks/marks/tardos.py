"""Tardos' code: name accounts that compare their copies before they publish.

Accounts that hold the same items see where their copies differ, and may choose any of them. Where
all copies agree they cannot know that there is a mark. Tardos (2003; "Optimal probabilistic
fingerprint codes", J. ACM 55, 2008) draws for each item i a chance p_i with the arcsine
distribution on [t, 1 − t], and for each account a bit that is 1 with that chance. An account's
score is a sum over items. With the symmetric score (Škorić, Katzenbeisser and Celik 2008,
"Symmetric Tardos fingerprinting codes for arbitrary alphabet sizes"), an item counts

    √((1 − p) / p)   if the dump and the account have 1,    −√(p / (1 − p))  if only the dump has,
    √(p / (1 − p))   if the dump and the account have 0,    −√((1 − p) / p)  if only the dump has 0.

The score of an account that took no part has mean 0 and variance 1 per item, whatever the others
did, because its bits are independent of the dump. Tardos' proof bounds its tail by Markov's
inequality for e^{λS}. :func:`log_error_bound` computes that bound for the chances at hand; the
published one replaces the expectation by 1 + λ² (:func:`published_log_bound`).

A score of accounts that took part grows with 2 / πc per item, c being their number, and its
standard deviation with the square root. So the number of items that is needed grows with c².
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.leaks.marks.code import CUTOFF
from ringfence.stats.arrays import Flags, Floats, Integers

LARGEST_EXPONENT: Final = 1.79
"""e^u ≤ 1 + u + u² up to this u, which Tardos' proof uses."""

_LARGEST_SCORE: Final = float(np.sqrt((1 - CUTOFF) / CUTOFF))
_GRID: Final = np.geomspace(1e-4, 4.0, 120)
"""Values of λ that are tried. Each of them gives a bound, so a coarse grid is as safe."""


def item_scores(chances: Floats, dump_bits: Flags) -> tuple[Floats, Floats]:
    """Return (items,) what an item counts for an account with bit 1, and for one with bit 0.

    Args:
        chances: (items,) the chance of bit 1.
        dump_bits: (items,) the bits of the dump.
    """
    odds = np.sqrt((1 - chances) / chances)
    one = np.where(dump_bits, odds, -odds)
    zero = np.where(dump_bits, -1 / odds, 1 / odds)
    return one, zero


def log_error_bound(scores: Floats, chances: Floats, dump_bits: Flags) -> Floats:
    """Return ln of a bound on the chance that an account that took no part scores as much.

    Args:
        scores: (accounts,) sums over all the items.
        chances: (items,) the chance of bit 1.
        dump_bits: (items,) the bits of the dump.
    """
    one, zero = item_scores(chances, dump_bits)
    bounds = np.zeros(scores.shape)
    for exponent in _GRID / np.sqrt(max(chances.size, 1)) * 4:
        generating = np.logaddexp(
            np.log(chances) + exponent * one, np.log1p(-chances) + exponent * zero
        ).sum()
        bounds = np.minimum(bounds, generating - exponent * scores)
    published = published_log_bound(scores, np.full(scores.shape, chances.size))
    return np.asarray(np.minimum(bounds, published), dtype=np.float64)


def published_log_bound(scores: Floats, items: Integers) -> Floats:
    """Return ln of Tardos' bound, λ² m − λ S for the best λ ≤ 1.79 √(t / (1 − t)).

    It needs no chances, so it also serves accounts that are compared on items of their own.

    Args:
        scores: (accounts,) sums.
        items: (accounts,) number of items m in each sum.
    """
    positive = np.maximum(scores, 0.0)
    exponent = np.minimum(positive / (2 * np.maximum(items, 1)), LARGEST_EXPONENT / _LARGEST_SCORE)
    bounds = np.minimum(exponent**2 * items - exponent * positive, 0.0)
    return np.asarray(bounds, dtype=np.float64)


def items_needed(colluders: int, error: float) -> int:
    """Return the number of common items after which one of the colluders is expected to be named.

    It solves S = 2m / πc against the bound exp(−S² / 4m), which gives m = π² c² ln(1 / ε).

    Args:
        colluders: number of accounts that compare their copies, at least 1.
        error: the chance ε of naming one given account that took no part.
    """
    return int(np.ceil(np.pi**2 * colluders**2 * np.log(1 / error)))
