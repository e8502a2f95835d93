"""Find accounts alike: accounts that share items with improbably few members of a set.

People who take most of one small part of a catalogue (a day of an archive, an issue, a language)
share a whole part or nothing. A search among them may choose one account from each part, and find a
set that shares nothing. The accounts that were not chosen share items only with the members who
took the same part. They are of the members' kind, and show how many items this kind shares at once.
A ring that divides single items has no accounts alike: all other accounts share items with many
members.

The test counts the members with which an account shares any item. It does not count the items, so
that a whole part counts once.

The test fails if the members' kind has no other accounts, because each member took a different
part. :mod:`ringfence.rings.collision.whole_groups` covers that case if the catalogue names parts.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.rings.collision.collisions import ROWS_AT_ONCE, Collisions
from ringfence.stats.arrays import Floats, Integers, Rows
from ringfence.stats.tails import lower_tail_of_binomial

EXPECTED_BY_CHANCE: Final = 1.0
"""Expected number of independent accounts that count as alike by chance.

Each member of a ring adds at least ln(N e / m) to its evidence. Another account of the same kind is
at least as improbable."""

MAX_ALIKE: Final = 2_000
"""Largest number of accounts alike that are compared; every n-th is taken if there are more."""


def accounts_alike(collisions: Collisions, members: Rows, excluded: Rows) -> Rows:
    """Return the rows of other accounts that share an item with improbably few of the members.

    Args:
        collisions: at a level at which no category hides shared items.
        members: rows of the set.
        excluded: rows that are left out: the members of all sets found. Otherwise, two rings that
            divide the same items would look like one kind. Some people of a kind are in no set.
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

    If collisions come in clusters of sizes c, with the expected total of independent accounts, the
    index is E[c²] / E[c]. It is at most the largest number of items that two accounts share. It is
    computed over all pairs with at least one account alike. Pairs of members are left out, because
    they are judged by it.

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

    With different chances for different members, the number varies less than with equal chances
    (Hoeffding 1956). So the result is an upper bound.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(lower_tail_of_binomial(met, members, chance)))
