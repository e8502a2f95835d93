"""Overlap clustering in the manner of SynchroTrap: accounts that do the same at the same time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ringfence.engine import Statement
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Floats, Keys

Numbers = npt.NDArray[np.int64]

SIMILAR: Final = 0.5
"""Least Jaccard similarity of two accounts that are joined."""

LEAST_ACTIONS: Final = 10
"""Accounts with fewer actions are left out: with one action each, any two are all alike."""

MOST_ACCOUNTS: Final = 100
"""Actions of more accounts than this join nobody: they are what everybody does (a release, a
list), and their pairs grow with the square."""

ACTIVE: Final = Statement(
    "evaluate.synchrotrap_accounts",
    """
SELECT account_key, count(*) AS actions
FROM holdings
WHERE account_key NOT IN (SELECT account_key FROM robots)
GROUP BY account_key
ORDER BY account_key
""",
)

SHARED: Final = Statement(
    "evaluate.synchrotrap_pairs",
    """
WITH actions AS (
  SELECT account_key, item_key, first // 3600 AS hour
  FROM holdings
  WHERE account_key NOT IN (SELECT account_key FROM robots)
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
"""Pairs of accounts with the number of actions that both did."""


class SynchroTrap(Detector):
    """Size of the cluster that an account is in (Cao, Yang, Yu and Palow, CCS 2014).

    An action is an item within a clock hour, when the account took it first. Two accounts are
    similar by the Jaccard index of their actions; pairs of at least :data:`SIMILAR` are joined and
    connected ones are a cluster. The paper sets thresholds by application; these are ours. Fails on
    rings that divide the work: they never do the same.
    """

    name = "synchrotrap"
    about = (
        "size of the cluster of accounts that take the same items in the same hours; best "
        "threshold without accusation, knowing the truth"
    )
    threshold = None

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return the size of each account's cluster; 1 is alone."""
        common = Common.of(snapshot)
        cluster = common.clusters()
        if not cluster.size:
            return common.keys, np.zeros(0)
        return common.keys, np.bincount(cluster)[cluster].astype(np.float64)


@dataclass(frozen=True)
class Common:
    """What accounts did, and what two of them both did.

    Attributes:
        keys: account keys, ascending.
        actions: (accounts,) actions of each.
        one: (pairs,) row of one account of each pair with actions in common.
        other: (pairs,) row of the other.
        shared: (pairs,) actions in common.
    """

    keys: Keys
    actions: Numbers
    one: Numbers
    other: Numbers
    shared: Numbers

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Count actions, and those in common."""
        engine = snapshot.context.engine
        accounts = engine.columns(ACTIVE)
        keys = np.asarray(accounts["account_key"], dtype=np.uint64)
        pairs = engine.columns(SHARED, {"most_accounts": MOST_ACCOUNTS})
        one, other = (np.searchsorted(keys, pairs[side]) for side in ("one", "other"))
        actions, shared = accounts["actions"].astype(np.int64), pairs["shared"].astype(np.int64)
        return cls(keys, actions, one, other, shared)

    def clusters(self, similar: float = SIMILAR) -> Numbers:
        """Return (accounts,) the number of each one's cluster.

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
