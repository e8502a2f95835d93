"""Find accounts in lockstep: the same items at the same times, day after day.

People who follow one list, wait for one release or share a taste take the same items on the same
day, but not in the same minute. Their difference in time is smooth over minutes, which is the null
hypothesis (:mod:`ringfence.rings.lockstep.null_distribution`). Published detectors find lockstep by
thresholds without a null: SynchroTrap (Cao et al. 2014) and CopyCatch (Beutel et al. 2013).

People with an appointment, such as a weekly listening hour or a lesson, coincide beyond chance. At
other times they act apart. Members of a ring take :data:`MIN_TOGETHER_SHARE` of all their
items together with another member, on :data:`MIN_TOGETHER_SHARE` of their days, and on at least
:data:`~ringfence.rings.lockstep.coincidences.MIN_DAYS` days.

The test misses accounts that take the same items some minutes apart, that act on fewer than
:data:`~ringfence.rings.lockstep.coincidences.MIN_DAYS` days, or that mostly take other items.
Groups with an honest occasion are left out (:mod:`ringfence.rings.lockstep.occasions`). The test
also finds honest accounts that one program drives with none of these occasions, such as shops that
never play a track twice.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse

from ringfence.engine import Engine, Statement
from ringfence.model.ring import MAX_RING_P_VALUE, MIN_MEMBERS, RING_TESTS, Ring
from ringfence.rings.collision.search_scopes import log_penalty
from ringfence.rings.lockstep.candidates import (
    count_usable_holdings,
    find_coordinated_pairs,
    find_joining,
)
from ringfence.rings.lockstep.coincidences import MIN_DAYS, CoincidentDays
from ringfence.rings.lockstep.compared import compare_foreign_parts, compare_whole_accounts
from ringfence.rings.lockstep.null_distribution import (
    log_coincidence_tail,
    middle_window_chance,
)
from ringfence.rings.lockstep.occasions import JointHabits
from ringfence.stats.arrays import Keys
from ringfence.stats.overdispersion import MAX_K

MIN_TOGETHER_SHARE: Final = 1 / 3
"""Share of its items that a member takes together with another member, on average, and share of its
days on which it does."""

MIN_SEARCHED_SHARE: Final = MIN_TOGETHER_SHARE / 2
"""The same share in the search, which sees half to nine tenths of the items taken together."""

MAX_MEMBERS: Final = 1_000
"""Largest number of members with which a ring is scored and shown; pairs grow with its square."""

POPULATION: Final = Statement(
    "rings.lockstep_population",
    """
SELECT count(DISTINCT account_key) AS accounts
FROM lockstep_holdings
""",
)
"""The number of accounts from which a ring may have been chosen; robots are left out."""


def find_lockstep(engine: Engine) -> tuple[Ring, ...]:
    """Return the rings of accounts that act together, most certain first.

    Uses nothing but times: neither groups nor other evidence.

    Args:
        engine: holds the ledger and the temp table ``set_apart``. Writes temp tables
            ``lockstep_*``.
    """
    compare_whole_accounts(engine)
    return _search(engine)


def find_foreign_lockstep(engine: Engine) -> tuple[Ring, ...]:
    """Return the same rings of what accounts took from foreign places, most certain first.

    All other accounts take part with what they hold of the same items.

    Args:
        engine: as for :func:`find_lockstep`, with the temp table ``foreign_holdings``.
    """
    compare_foreign_parts(engine)
    return _search(engine)


def _search(engine: Engine) -> tuple[Ring, ...]:
    """Return the rings among the compared holdings, most certain first."""
    holdings = count_usable_holdings(engine)
    if not holdings:
        return ()
    candidates = _candidate_groups(engine, holdings)
    measured = (CoincidentDays.of(engine, keys[:MAX_MEMBERS]) for keys in candidates)
    groups = [keys for keys in map(_remove_outsiders, measured) if keys.size >= MIN_MEMBERS]
    if not groups:
        return ()
    chance = middle_window_chance(engine, _union(candidates))
    accounts = int(engine.rows(POPULATION)[0][0])
    counted = (CoincidentDays.of(engine, keys, chance) for keys in groups)
    acting = (near for near in counted if not JointHabits.of(engine).has_honest_occasion)
    rings = [_score_group(near, accounts) for near in acting]
    significant = [ring for ring in rings if ring.p_value <= MAX_RING_P_VALUE]
    return tuple(sorted(significant, key=lambda ring: ring.log_p))


def _candidate_groups(engine: Engine, holdings: int) -> list[Keys]:
    """Return the keys of disjoint groups that may be in lockstep."""
    groups: list[Keys] = []
    pairs = find_coordinated_pairs(engine, holdings, MIN_SEARCHED_SHARE)
    for connected in _connected_components(*pairs):
        acting = np.union1d(connected, find_joining(engine, connected, MIN_SEARCHED_SHARE))
        groups.append(np.setdiff1d(acting, _union(groups)))
    return groups


def _connected_components(one: Keys, other: Keys) -> list[Keys]:
    """Return the keys of connected accounts, in sets that are large enough; largest first."""
    keys, places = np.unique(np.concatenate([one, other]), return_inverse=True)
    ends = places[: one.size], places[one.size :]
    edges = sparse.coo_array((np.ones(one.size), ends), shape=(keys.size, keys.size))
    _, component = sparse.csgraph.connected_components(edges, directed=False)
    large = np.flatnonzero(np.bincount(component) >= MIN_MEMBERS)
    sets = [keys[component == number] for number in large]
    return sorted(sets, key=lambda each: (-each.size, int(each[0])))


def _union(sets: list[Keys]) -> Keys:
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *sets]))


def _remove_outsiders(near: CoincidentDays) -> Keys:
    """Remove, one by one, accounts that mostly act apart from the others; return the rest."""
    size, left = near.keys.size, np.arange(near.keys.size)
    ends = np.concatenate([near.one, near.other]), np.concatenate([near.other, near.one])
    items, days = (
        sparse.csc_array((np.tile(each, 2), ends), shape=(size, size))
        for each in (near.items, near.observed)
    )
    required = MIN_TOGETHER_SHARE * np.array([near.item_counts, near.active_days])
    required[1] = np.maximum(required[1], MIN_DAYS)
    together = np.array([near.per_account(near.items), near.per_account(near.observed)])
    while left.size >= MIN_MEMBERS:
        ratio = (together[:, left] / np.maximum(required[:, left], 1)).min(axis=0)
        standing = ratio / (left.size - 1)
        worst = int(np.argmin(standing))
        if standing[worst] >= 1:
            break
        together -= [each[:, [left[worst]]].toarray().ravel() for each in (items, days)]
        left = np.delete(left, worst)
    return near.keys[left]


def _score_group(near: CoincidentDays, accounts: int) -> Ring:
    """Return a group with its p-value, corrected for the search among all accounts."""
    observed, expected = float(near.observed.sum()), float(near.expected.sum())
    members = near.keys.size
    tail = log_coincidence_tail(observed, expected, float(near.near_days.sum()), members)
    penalty = float(log_penalty(accounts, members)) + float(np.log(len(RING_TESTS)))
    each = [near.per_account(counts) for counts in (near.observed, near.expected)]
    return Ring(
        test="lockstep",
        level="global",
        keys=near.keys,
        observed=observed,
        expected=expected,
        # The tail allows for dependent pairs, and days are independent.
        dispersion_k=MAX_K,
        log_p=tail + penalty,
        shared_items=near.item_counts,
        member_collisions=np.column_stack(each),
        member_log_p=np.zeros(members),
        one_in=near.one_in,
    )
