"""Cluster accounts as SynchroTrap does: by taking the same items at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from scipy import sparse

from ringfence.engine import Engine, Statement
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.scored_ledger import ScoredLedger
from ringfence.stats.arrays import Floats, Integers, Keys

MIN_JACCARD: Final = 0.5
"""Least Jaccard similarity of two accounts that are joined."""

LEAST_ACTIONS: Final = 10
"""Accounts with fewer actions are left out. Two accounts with one action each are either identical
or disjoint."""

MOST_ACCOUNTS: Final = 100
"""Actions of more accounts than this join nobody. Everybody does them, for a new release or a list,
and the number of their pairs grows with the square."""

BUSY_ACCOUNTS: Final = Statement(
    "evaluate.synchrotrap_accounts",
    """
SELECT account_key, count(*) AS actions
FROM holdings
WHERE account_key NOT IN (SELECT account_key FROM set_apart)
GROUP BY account_key
ORDER BY account_key
""",
)

SHARED_ACTIONS: Final = Statement(
    "evaluate.synchrotrap_pairs",
    """
WITH actions AS (
  SELECT account_key, item_key, first // 3600 AS hour
  FROM holdings
  WHERE account_key NOT IN (SELECT account_key FROM set_apart)
),
joint AS (
  SELECT item_key, hour
  FROM actions
  GROUP BY item_key, hour
  HAVING count(*) BETWEEN 2 AND $most_accounts
),
members AS (
  SELECT a.account_key, a.item_key, a.hour
  FROM actions AS a
  JOIN joint AS j ON j.item_key = a.item_key AND j.hour = a.hour
)
SELECT a.account_key AS one, b.account_key AS other, count(*) AS shared
FROM members AS a
JOIN members AS b ON b.item_key = a.item_key AND b.hour = a.hour AND b.account_key > a.account_key
GROUP BY a.account_key, b.account_key
ORDER BY a.account_key, b.account_key
""",
)
"""Pairs of accounts, with the number of actions that they share."""


class SynchroTrap(Detector):
    """Score an account by the size of its cluster (Cao, Yang, Yu and Palow, CCS 2014).

    An action is an item and the clock hour in which the account first took it. The similarity of
    two accounts is the Jaccard index of their actions. Pairs with at least :data:`MIN_JACCARD` are
    joined, and connected accounts are a cluster. The paper sets its thresholds per application;
    these are ours. The detector fails on rings that divide the work, whose members never take the
    same items.
    """

    name = "synchrotrap"
    about = (
        "size of the cluster of accounts that take the same items in the same hours; the best "
        "threshold that accuses no user, chosen afterwards"
    )
    threshold = None

    def scores(self, ledger: ScoredLedger) -> tuple[Keys, Floats]:
        """Return the size of each account's cluster; 1 for an account without similar ones."""
        shared = SharedActions.read(ledger.context.engine)
        cluster = shared.clusters()
        if not cluster.size:
            return shared.keys, np.zeros(0)
        return shared.keys, np.bincount(cluster)[cluster].astype(np.float64)


@dataclass(frozen=True)
class SharedActions:
    """The numbers of actions of accounts and of pairs of accounts.

    Attributes:
        keys: (accounts,) account keys, ascending.
        actions: (accounts,) number of actions.
        one: (pairs,) row of the first account of each pair that shares actions.
        other: (pairs,) row of the second.
        shared: (pairs,) number of actions that both did.
    """

    keys: Keys
    actions: Integers
    one: Integers
    other: Integers
    shared: Integers

    @classmethod
    def read(cls, engine: Engine) -> Self:
        """Count the actions in a ledger."""
        accounts = engine.columns(BUSY_ACCOUNTS)
        keys = np.asarray(accounts["account_key"], dtype=np.uint64)
        pairs = engine.columns(SHARED_ACTIONS, {"most_accounts": MOST_ACCOUNTS})
        one, other = (np.searchsorted(keys, pairs[side]) for side in ("one", "other"))
        actions, shared = accounts["actions"].astype(np.int64), pairs["shared"].astype(np.int64)
        return cls(keys, actions, one, other, shared)

    def clusters(self, similar: float = MIN_JACCARD) -> Integers:
        """Return (accounts,) the number of each account's cluster.

        Args:
            similar: least Jaccard similarity of two accounts that are joined.
        """
        one, other = self.one, self.other
        union = self.actions[one] + self.actions[other] - self.shared
        alike = self.shared >= similar * union
        alike &= np.minimum(self.actions[one], self.actions[other]) >= LEAST_ACTIONS
        size = self.keys.size
        ones = np.ones(int(alike.sum()))
        joined = sparse.coo_array((ones, (one[alike], other[alike])), shape=(size, size))
        _, cluster = sparse.csgraph.connected_components(joined, directed=False)
        return np.asarray(cluster, dtype=np.int64)
