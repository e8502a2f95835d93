"""Membership: test whether each account belongs to a set, and whether each member stays in it.

An account with unusual tastes collides far more than expected with people who share its tastes, and
far less with all others. Compared with a ring, it looks like a member. The variation of an
account's collisions is therefore measured on the account itself, against random groups of others. A
member of a ring shares the expected number of items with such groups, and stays a member.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.model.ring import MIN_MEMBERS
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.division import MIN_RATE, log_likelihood_ratio
from ringfence.rings.collision.null_distribution import member_dispersion_k
from ringfence.rings.collision.search_scopes import SearchScopes
from ringfence.stats.arrays import Flags, Floats, Rows
from ringfence.stats.negative_binomial import log_lower_tail_bound, log_probability
from ringfence.stats.overdispersion import two_sided_k

EXPECTED_STRANGERS: Final = 0.01
"""Expected number of independent accounts that join a ring by chance, of all accounts tested."""

EVEN_ODDS: Final = 0.0
"""ln of the odds at which an account counts as a member while the set is being determined."""

LISTED_ODDS: Final = float(np.log(0.95 / 0.05))
"""ln of the odds (19 to 1) at which an account is listed as a member, because it may be challenged.

Applied once. If it were applied in every round, each removal would weaken the rest until the ring
dissolved."""

MAX_ROUNDS: Final = 10
"""Largest number of rounds of tests. Rounds after the first change little."""


def determine_members(
    collisions: Collisions, members: Rows, rate: float, free: Flags, scopes: SearchScopes
) -> Rows:
    """Return the rows of all accounts that belong to a set; too few for a ring if it dissolves.

    Args:
        collisions: at the level at which the set was found.
        members: rows of the set as found.
        rate: the share of the usual collisions at which it was found.
        free: (accounts,) whether each account may join.
        scopes: where the set was searched for.
    """
    likely = _settle(collisions, members, rate, free, scopes)
    listed = _keep(collisions, likely, scopes, LISTED_ODDS)
    # A member may have been sure only because of its missing overlap with those who left.
    return _keep(collisions, listed, scopes, EVEN_ODDS)


def _settle(
    collisions: Collisions, members: Rows, rate: float, free: Flags, scopes: SearchScopes
) -> Rows:
    """Return the accounts that are more likely members than not."""
    for _ in range(MAX_ROUNDS):
        grown = _grow(collisions, members, rate, free)
        if grown.size < MIN_MEMBERS:
            return grown
        left = grown[_are_likely(collisions, grown, members, scopes, EVEN_ODDS)]
        if left.size < MIN_MEMBERS or np.array_equal(left, members):
            return left
        free = free.copy()
        free[np.setdiff1d(grown, left)] = False
        members = left
    return members


def _keep(collisions: Collisions, members: Rows, scopes: SearchScopes, log_odds: float) -> Rows:
    """Return the members with at least these odds, tested once; a set too small stays as it is."""
    if members.size < MIN_MEMBERS:
        return members
    return members[_are_likely(collisions, members, members, scopes, log_odds)]


def _grow(collisions: Collisions, members: Rows, rate: float, free: Flags) -> Rows:
    """Test all free accounts until the set no longer changes.

    A member stays if it adds to the log-likelihood ratio. Another account joins if its collisions
    are too few for chance alone.
    """
    for _ in range(MAX_ROUNDS):
        observed, expected = collisions.with_set(members)
        stay = np.zeros(observed.size, dtype=bool)
        stay[members] = log_likelihood_ratio(observed, expected, rate)[members] > 0
        asked = np.flatnonzero(stay | (free & _collide_too_little(observed, expected, members)))
        settled = np.array_equal(asked, members)
        members = asked
        if settled or members.size < MIN_MEMBERS:
            break
    return members


def _collide_too_little(observed: Floats, expected: Floats, members: Rows) -> Flags:
    """Return whether each account collides too little with the members to be independent."""
    others = np.ones(observed.size, dtype=bool)
    others[members] = False
    k = two_sided_k(observed[others], expected[others])
    log_p = log_lower_tail_bound(observed, expected, k)
    return np.asarray(log_p < -np.log(observed.size / EXPECTED_STRANGERS))


def _are_likely(
    collisions: Collisions, grown: Rows, found: Rows, scopes: SearchScopes, log_odds: float
) -> Flags:
    """Return (grown,) whether each account is a member, given its own dispersion parameter.

    An account that was found, or joined in an earlier round, needs posterior odds of ``log_odds``:
    its prior odds are those of members among equally suspicious accounts. An account that joins now
    has to be too unusual for chance among all accounts.
    """
    observed, expected = (each[grown] for each in collisions.with_set(grown))
    k = member_dispersion_k(collisions, grown, scopes.most_suspicious)
    rate = np.clip(observed.sum() / expected.sum(), MIN_RATE, 1.0)
    ratio = log_probability(observed, rate * expected, k) - log_probability(observed, expected, k)
    log_p = log_lower_tail_bound(observed, expected, k)
    joins = log_p < -np.log(scopes.rank.size / EXPECTED_STRANGERS)
    return np.where(np.isin(grown, found), ratio > scopes.log_prior_odds(grown) + log_odds, joins)
