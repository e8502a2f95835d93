"""Accounts alike: others that share items with too few members of a set, as if they were members.

People who take most of one small part of a catalogue (a day of an archive, an issue, a language)
share a whole part or nothing. A search among them picks one of each part, and finds a set that
shares nothing. It leaves the others: they share with nobody in the set but those who took the same
part. They are accounts of the members' kind, and show how many items this kind shares at once. A
ring that deals out items leaves nobody: everybody else has something in common with many members.

The number of members that an account shares any item with counts, and not the number of items: one
whole part then counts once.

This fails where the members' kind has no other accounts, because each of them took a part of its
own. :mod:`ringfence.rings.collision.whole_groups` covers that case if the catalogue names parts.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.stats import binom

from ringfence.rings.collision.collisions import ROWS_AT_ONCE, Collisions
from ringfence.stats.arrays import Floats, Integers, Rows

EXPECTED_BY_CHANCE: Final = 1.0
"""Independent accounts that are expected to be taken for accounts of the members' kind by chance.

A set is a ring if each member adds at least ln(N e / m) to its evidence, so that another account of
the same kind is at least as improbable as this, too."""

MAX_ALIKE: Final = 2_000
"""Accounts alike that are compared with each other at most: those at equal distances."""


def accounts_alike(collisions: Collisions, members: Rows, excluded: Rows) -> Rows:
    """Return the rows of other accounts that share an item with too few of the members.

    Args:
        collisions: at the level at which no category hides what accounts share.
        members: rows of the set.
        excluded: rows that are left out: the members of all sets found. Two rings that take the
            same slices would look like one kind. Of people, some are in no set.
    """
    others = np.ones(collisions.item_counts.size, dtype=bool)
    others[members] = others[excluded] = others[collisions.bulk_holders] = False
    mean = collisions.with_set(members)[1] / members.size
    limit = np.log(EXPECTED_BY_CHANCE / max(int(others.sum()), 1))
    # The chance of sharing anything is concave in λ, so that equal λ give the largest chance: a
    # bound for which no pairs are needed.
    possible = np.flatnonzero(others & (_log_at_most(0, members.size, -np.expm1(-mean)) < limit))
    met = _members_met(collisions, possible, members)
    few = _log_at_most(met, members.size, -np.expm1(-mean[possible])) < limit
    possible, met = possible[few], met[few]
    chance = _mean_chance(collisions, possible, members)
    rows: Rows = possible[_log_at_most(met, members.size, chance) < limit]
    return rows


def items_at_once_of_kind(collisions: Collisions, members: Rows, alike: Rows) -> float:
    """Return the index of dispersion Σ o² / Σ o of collisions among accounts of the members' kind.

    If collisions come in clusters of sizes c, as many as are expected of independent accounts, this
    is E[c²] / E[c]. It is at most the largest number of items that two of them share. All pairs
    count of which at least one is an account alike. The pairs of members are judged by it.

    Args:
        collisions: at the level at which ``alike`` were found.
        members: rows of the set.
        alike: rows of the accounts alike.

    Returns:
        At least 1, which is the result if there are no accounts alike.
    """
    some = alike[np.linspace(0, alike.size - 1, min(alike.size, MAX_ALIKE)).astype(np.intp)]
    kind = collisions.held[np.concatenate([members, some])].T.tocsr()
    squares = total = 0.0
    for start in range(0, some.size, ROWS_AT_ONCE):
        rows = some[start : start + ROWS_AT_ONCE]
        shared = (collisions.held[rows] @ kind).data.astype(np.float64)
        itself = collisions.item_counts[rows]
        squares += float((shared**2).sum() - (itself**2).sum())
        total += float(shared.sum() - itself.sum())
    return max(squares / total, 1.0) if total > 0 else 1.0


def _members_met(collisions: Collisions, rows: Rows, members: Rows) -> Integers:
    """Return (rows,) the number of members with which each account shares at least one item."""
    held = collisions.held[members].T.tocsr()
    met = [
        np.diff((collisions.held[rows[start : start + ROWS_AT_ONCE]] @ held).indptr)
        for start in range(0, rows.size, ROWS_AT_ONCE)
    ]
    return np.concatenate([np.zeros(0, np.int64), *met])


def _mean_chance(collisions: Collisions, rows: Rows, members: Rows) -> Floats:
    """Return (rows,) the mean over members of the chance to share an item."""
    weighted = collisions.weighted_counts[members].T.tocsr()
    chance = [
        -np.expm1(
            -(collisions.weighted_counts[rows[start : start + ROWS_AT_ONCE]] @ weighted).toarray()
        )
        for start in range(0, rows.size, ROWS_AT_ONCE)
    ]
    return np.concatenate([np.zeros(0), *(each.mean(axis=1) for each in chance)])


def _log_at_most(met: Integers | int, members: int, chance: Floats) -> Floats:
    """Return ln of the chance to meet at most this many members.

    With different chances for different members, the number varies less than with equal ones
    (Hoeffding 1956), so that the result is too large and not too small.
    """
    return np.asarray(binom.logcdf(met, members, chance))
