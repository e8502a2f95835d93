"""Compare the use of accounts from foreign places with their own past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.model.evidence import Evidence
from ringfence.model.phrases import counted
from ringfence.own_past.changes import hour_changes, taste_changes, volume_changes
from ringfence.own_past.cuts import LEAST_FOREIGN_DAYS, LEAST_FOREIGN_ITEMS, LEAST_OWN_DAYS
from ringfence.own_past.divided_use import DividedUse, read_divided_use
from ringfence.own_past.p_values import change_p_values, combined
from ringfence.stats.arrays import Flags, Floats, Keys, Rows

OWN_PAST: Final = "own_past"
"""Name of the test."""

LEAST_COMPARED: Final = 200
"""Accounts to compare with at least. A tail of fewer is a guess."""


LARGEST_VOLUME_P: Final = 0.05
"""An account whose volume changes less than that of one account in twenty has a p-value of 1. Other
hours and another taste alone are a journey, or somebody who shares the login."""


@dataclass(frozen=True)
class OwnPast:
    """The accounts that were used from foreign places, compared with their own past.

    Attributes:
        keys: account keys, ascending.
        p_values: of the change at the cut that is least like the past, corrected for all cuts.
        cut: the day of this cut, since 1970.
        before: new items per day of use before it.
        since: new items per day of use from foreign places.
        days: number of days with use from foreign places.
        items: new items from foreign places.
        owner_days: days since the cut on which known places were used as well.
    """

    keys: Keys
    p_values: Floats
    cut: Floats
    before: Floats
    since: Floats
    days: Floats
    items: Floats
    owner_days: Floats

    @classmethod
    def nothing(cls) -> OwnPast:
        """Return the result of a log in which no account could be measured."""
        none = np.zeros(0)
        return cls(np.zeros(0, np.uint64), none, none, none, none, none, none, none)

    def aligned(self, accounts: Keys) -> Floats:
        """Return (accounts,) p-values; NaN for accounts that were not measured.

        Args:
            accounts: keys of all accounts, ascending.
        """
        p = np.full(accounts.size, np.nan)
        p[np.searchsorted(accounts, self.keys)] = self.p_values
        return p

    def raised(self, margin: float) -> OwnPast:
        """Return the same with p-values multiplied by a margin."""
        return replace(self, p_values=np.minimum(margin * self.p_values, 1.0))

    def evidence(self, key: int) -> Evidence | None:
        """Return the evidence on an account; None if it was not measured."""
        row = int(np.searchsorted(self.keys, np.uint64(key)))
        if row == self.keys.size or self.keys[row] != key:
            return None
        return Evidence(
            OWN_PAST,
            float(self.since[row]),
            float(self.before[row]),
            float(self.p_values[row]),
            self._sentence(row),
        )

    def _sentence(self, row: int) -> str:
        owner = self.owner_days[row]
        meanwhile = (
            f" Meanwhile, its known networks or clients were in use on {counted(owner, 'day')}."
            if owner
            else ""
        )
        return (
            f"On {counted(self.days[row], 'day')} it was used from networks and with clients that "
            f"it had never used before, and took {counted(self.items[row], 'new item')}, "
            f"{self.since[row]:,.0f} per day. Before, it took {self.before[row]:,.1f} per day of "
            f"use. Volume, hours of the day and popularity of items are compared with its own "
            f"past.{meanwhile}"
        )


def measure_own_past(engine: Engine) -> OwnPast:
    """Compare each account that was used from foreign places with its own past.

    The null hypothesis is that use from foreign places is like the account's own use: as much, at
    the same hours, of items of the same popularity, up to the changes that the accounts of this
    ledger show from the first to the second half of their days.

    Fails if a thief uses a network or a client of the owner, on fewer than three days, or by day
    and in moderation; if the account has less than two days of use before; and if an assistant
    abroad works for the owner.

    Args:
        engine: holds the ledger, on which the evidence steps have run. Writes temp tables.
    """
    use = read_divided_use(engine)
    compared = ~use.is_foreign
    rows = np.flatnonzero(_measurable(use))
    if compared.sum() < LEAST_COMPARED or not rows.size:
        return OwnPast.nothing()
    changes = (volume_changes(use), hour_changes(use), taste_changes(use))
    by_change = [change_p_values(one[rows], one[compared]) for one in changes]
    _, account, cuts = np.unique(use.keys[rows], return_inverse=True, return_counts=True)
    p = combined(np.column_stack(by_change), cuts[account].astype(np.float64))
    p = np.where(by_change[0] <= LARGEST_VOLUME_P, p, 1.0)
    return _best(use, rows, p)


def _measurable(use: DividedUse) -> Flags:
    """Return which cuts have enough use on both sides."""
    measurable: Flags = (
        use.is_foreign
        & (use.past.days >= LEAST_OWN_DAYS)
        & (use.since.days >= LEAST_FOREIGN_DAYS)
        & (use.since.items >= LEAST_FOREIGN_ITEMS)
    )
    return measurable


def _best(use: DividedUse, rows: Rows, p: Floats) -> OwnPast:
    """Return the cut of each account with the smallest p-value."""
    order = np.lexsort((use.cut[rows], p, use.keys[rows]))
    first = np.unique(use.keys[rows][order], return_index=True)[1]
    at, p = rows[order][first], p[order][first]
    return OwnPast(
        use.keys[at],
        p,
        use.cut[at],
        use.past.items[at] / use.past.days[at],
        use.since.items[at] / use.since.days[at],
        use.since.days[at],
        use.since.items[at],
        use.owner_days[at],
    )
