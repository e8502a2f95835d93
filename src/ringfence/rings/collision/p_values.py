"""Compute the p-value of a set: the chance that independent accounts share as few items.

Two null hypotheses are tested, and the larger p-value counts.

1. The members are any of the accounts. The index of dispersion is that of collisions with other
   accounts that are expected to collide as much. The lower tail is multiplied by the number of all
   sets that the search could have found.
2. The members are of one kind, which takes whole parts of the catalogue, and the search chose them
   among the accounts of that kind. The index of dispersion is that of collisions with the others of
   the kind (:mod:`~ringfence.rings.collision.alike`), or of accounts that choose whole groups
   (:mod:`~ringfence.rings.collision.whole_groups`), whichever is larger. The lower tail is
   multiplied by the number of sets among the accounts of the kind.

A pair of accounts never counts more than in the search, because a single pair is not evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from ringfence.model.ring import LEVELS, MAX_RING_P_VALUE, MIN_MEMBERS, RING_TESTS, Ring
from ringfence.rings.collision.alike import accounts_alike, items_at_once_of_kind
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.division import MAX_PAIR_LOG_RATIO
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.null_distribution import (
    index_of_dispersion,
    member_dispersion_k,
    set_dispersion_k,
)
from ringfence.rings.collision.sampling import SAMPLES
from ringfence.rings.collision.search_scopes import SearchScopes
from ringfence.rings.collision.whole_groups import WholeGroups
from ringfence.stats.arrays import Rows
from ringfence.stats.multiplicity import log_choose
from ringfence.stats.negative_binomial import log_lower_tail, log_lower_tail_bound
from ringfence.stats.overdispersion import MAX_K

MIN_WHOLENESS: Final = 0.5
"""An account is of the members' kind only if its number of items shared at once is at least this
share of the members' median. The number is that of accounts that choose groups as it does. So
listeners with a taste are not of the kind of a ring whose members take whole artists."""


@dataclass(frozen=True)
class RingAssessor:
    """Computes the p-values of the sets found at one level.

    Attributes:
        holdings: of the accounts.
        collisions: at the level at which the sets were found.
        scopes: where they were searched for.
    """

    holdings: Holdings = field(repr=False)
    collisions: Collisions = field(repr=False)
    scopes: SearchScopes = field(repr=False)

    def assess(self, members: Rows, excluded: Rows) -> Ring:
        """Return a set with its p-value, corrected for all sets, levels, samples and tests.

        Args:
            members: rows of the set.
            excluded: rows of the members of all sets found, which are not used as controls.
        """
        collisions = self.collisions
        observed, expected = collisions.within(members)
        k = set_dispersion_k(collisions, members, excluded)
        dispersion = index_of_dispersion(collisions, members, excluded)
        each = np.column_stack([counts[members] for counts in collisions.with_set(members)])
        own_k = member_dispersion_k(collisions, members, self.scopes.most_suspicious)
        return Ring(
            keys=self.holdings.accounts[members],
            level=collisions.level,
            observed=observed,
            expected=expected,
            dispersion_k=k,
            log_p=self._log_p(members, excluded, k, dispersion),
            shared_items=collisions.item_counts[members],
            member_collisions=each,
            member_log_p=log_lower_tail_bound(each[:, 0], each[:, 1], own_k),
            one_in=self.holdings.one_in,
            index_of_dispersion=dispersion,
        )

    @cached_property
    def _everywhere(self) -> Collisions:
        """Return the collisions at the level at which accounts alike are searched for.

        Clusters are learned from shared items, and may separate parts that one account took from
        parts that two accounts took. At that level, no account would be alike.
        """
        learned = self.collisions.level == "cluster"
        return Collisions.of(self.holdings, "global") if learned else self.collisions

    @cached_property
    def _groups(self) -> WholeGroups:
        return WholeGroups.of(self.holdings)

    def _log_p(self, members: Rows, excluded: Rows, k: float, dispersion: float) -> float:
        """Return ln of the larger p-value of the two null hypotheses."""
        alike, at_once = self._kind(members, excluded)
        accounts = float(self.scopes.rank.size)
        among_kind = float(log_choose(members.size + alike.size, members.size))
        any_set = self._log_tail(members, k, dispersion) + self.scopes.log_penalty(members)
        of_kind = self._log_tail(members, k, max(dispersion, at_once)) + among_kind
        tests = len(LEVELS) * len(RING_TESTS) * SAMPLES
        return float(max(any_set, of_kind + np.log(accounts)) + np.log(tests))

    def _log_tail(self, members: Rows, k: float, dispersion: float) -> float:
        """Return ln of the lower tail of a set; no pair counts more than in the search."""
        observed, _ = self.collisions.within(members)
        limit = MAX_PAIR_LOG_RATIO * dispersion
        expected = self.collisions.expected_with_limited_pairs(members, limit)
        return log_lower_tail(observed, expected, k, dispersion)

    def _kind(self, members: Rows, excluded: Rows) -> tuple[Rows, float]:
        """Return the other accounts of the members' kind, and how many items it shares at once.

        If the accounts alike are a ring themselves, they are left out: their program divides the
        same items as the members' program, so they do not show how people behave.
        """
        wholly = self._groups.items_at_once_each
        by_group = 1.0 if self.collisions.level == "group" else self._groups.items_at_once(members)
        alike = accounts_alike(self._everywhere, members, excluded)
        alike = alike[wholly[alike] >= MIN_WHOLENESS * np.median(wholly[members])]
        at_once = items_at_once_of_kind(self._everywhere, members, alike)
        if alike.size >= MIN_MEMBERS:
            log_p = log_lower_tail(*self._everywhere.within(alike), MAX_K, at_once)
            if log_p + np.log(self.scopes.rank.size) <= np.log(MAX_RING_P_VALUE):
                return alike[:0], by_group
        return alike, max(at_once, by_group)
