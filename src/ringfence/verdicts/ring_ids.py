"""Keep the ids of rings over scans: a ring gets the id of the earlier ring that it continues."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.model.ring import MIN_MEMBERS, Ring
from ringfence.stats.arrays import Keys

KNOWN_RINGS: Final = Statement(
    "verdicts.rings_known", "SELECT ring, account_key FROM rings ORDER BY ring, account_key"
)

FORGET: Final = Statement(
    "verdicts.rings_forgotten",
    "DELETE FROM rings WHERE ring IN (SELECT CAST(id AS VARCHAR) FROM ring_ids)",
)

REMEMBER: Final = Statement(
    "verdicts.rings_remembered",
    """
INSERT INTO rings
SELECT CAST(i.id AS VARCHAR), m.account_key
FROM ring_members AS m
JOIN ring_ids AS i ON i.ring = m.ring
""",
)

MERGED: Final = Statement(
    "verdicts.rings_merged",
    """
WITH known AS (
  SELECT ring, count(*) AS accounts
  FROM rings
  WHERE ring NOT IN (SELECT CAST(id AS VARCHAR) FROM ring_ids)
  GROUP BY ring
)
SELECT k.ring, CAST(i.id AS VARCHAR) AS now
FROM known AS k
JOIN rings AS r ON r.ring = k.ring
JOIN ring_members AS m ON m.account_key = r.account_key
JOIN ring_ids AS i ON i.ring = m.ring
GROUP BY k.ring, k.accounts, i.id
HAVING 2 * count(*) >= k.accounts
ORDER BY k.ring, count(*) DESC, now
""",
)
"""Rings of earlier scans that are not found now, but have half of their accounts in one ring now.
The ring with most of these accounts comes first."""


def known_rings(engine: Engine) -> dict[str, Keys]:
    """Return the members' keys of every ring that earlier scans of this ledger found, by id."""
    rows = engine.columns(KNOWN_RINGS)
    names, starts = np.unique(rows["ring"].astype(str), return_index=True)
    members = np.split(rows["account_key"].astype(np.uint64), starts[1:])
    return dict(zip(names.tolist(), members, strict=False))


def remember_rings(engine: Engine) -> None:
    """Store the rings of the tables ``ring_members`` and ``ring_ids`` in the ledger.

    Rings of earlier scans that are not found now stay stored. If one returns, it gets its old id.
    """
    with engine.transaction():
        engine.run(FORGET)
        engine.run(REMEMBER)


def merged_ring_ids(engine: Engine) -> list[tuple[str, str]]:
    """Return (earlier id, current id) of each earlier ring that has merged into a current ring.

    Reads the temporary tables ``ring_members`` and ``ring_ids``. An earlier ring is returned once,
    with the current ring that has most of its accounts.
    """
    merged: dict[str, str] = {}
    for before, now in engine.rows(MERGED):
        merged.setdefault(str(before), str(now))
    return list(merged.items())


def ring_ids(
    rings: Sequence[Ring], names: Sequence[Sequence[str]], known: dict[str, Keys]
) -> list[str]:
    """Return a distinct id for each ring.

    A ring continues the known ring with which it shares the most members, if the shared members are
    half of the known ring, or half of the ring itself and at least eight. If two rings continue the
    same one, the ring that shares more members gets the id. Every other ring gets a new id, made
    from its first account.

    Args:
        rings: the rings as found.
        names: the accounts of each ring, in the order in which they appeared.
        known: members' keys of the rings of earlier scans, by id.
    """
    shared = sorted(
        (
            (-np.isin(ring.keys, members).sum(), number, name)
            for number, ring in enumerate(rings)
            for name, members in known.items()
            if _continues(ring.keys, members)
        ),
    )
    ids: dict[int, str] = {}
    for _, number, name in shared:
        if number not in ids and name not in ids.values():
            ids[number] = name
    for number, accounts in enumerate(names):
        if number not in ids:
            ids[number] = _new(accounts, {*known, *ids.values()})
    return [ids[number] for number in range(len(rings))]


def _continues(keys: Keys, known: Keys) -> bool:
    shared = int(np.isin(keys, known).sum())
    return 2 * shared >= known.size or (shared >= MIN_MEMBERS and 2 * shared >= keys.size)


def _new(accounts: Sequence[str], taken: set[str]) -> str:
    """Return an unused id, made from the first account of the ring that gives one."""
    size = len(accounts)
    named = (accounts[n % size] + "'" * (n // size) for n in count())
    made = (f"ring-{hashlib.blake2b(a.encode(), digest_size=4).hexdigest()}" for a in named)
    return next(name for name in made if name not in taken)
