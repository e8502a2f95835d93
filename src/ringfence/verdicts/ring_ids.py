"""Ids of rings that stay: tomorrow's ring has the id of the one it goes on from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count
from typing import Final

import numpy as np

from ringfence.engine import DuckDBEngine, Statement
from ringfence.model.ring import Ring
from ringfence.rings.collision.membership import LEAST_MEMBERS
from ringfence.stats.arrays import Keys

KNOWN: Final = Statement(
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

RESTING: Final = Statement(
    "verdicts.rings_resting",
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
"""Ids found earlier and not now, of whose accounts at least half are in one ring now; that with the
most of them first."""


def known_rings(engine: DuckDBEngine) -> dict[str, Keys]:
    """Return the members of every ring that an earlier scan of this ledger found, by id."""
    rows = engine.columns(KNOWN)
    names, starts = np.unique(rows["ring"].astype(str), return_index=True)
    members = np.split(rows["account_key"].astype(np.uint64), starts[1:])
    return dict(zip(names.tolist(), members, strict=False))


def remember_rings(engine: DuckDBEngine) -> None:
    """Keep the rings of the temp tables ``ring_members`` and ``ring_ids`` for later scans.

    Rings that were found before and not now are kept: if they come back, it is under their id.
    """
    with engine.transaction():
        engine.run(FORGET)
        engine.run(REMEMBER)


def resting_ids(engine: DuckDBEngine) -> list[tuple[str, str]]:
    """Return ids that rest because their ring became part of another, each with the other's id.

    Reads the temp tables ``ring_members`` and ``ring_ids``. Each is returned once, however many
    rings its accounts are in: with the one that has the most.
    """
    parts: dict[str, str] = {}
    for before, now in engine.rows(RESTING):
        parts.setdefault(str(before), str(now))
    return list(parts.items())


def ring_ids(
    rings: Sequence[Ring], names: Sequence[Sequence[str]], known: dict[str, Keys]
) -> list[str]:
    """Return an id for each ring, different ones.

    A ring goes on from the known one with which it shares the most members, if these are at least
    half of the known one's, or half of its own and eight; of two that go on from the same one, the
    ring that shares more keeps the id. Any other has an id of its own, made from its first account.

    Args:
        rings: as found.
        names: of each ring's accounts, in the order in which they appeared.
        known: members of the rings found earlier, by id.
    """
    shared = sorted(
        (
            (-np.isin(ring.keys, members).sum(), number, name)
            for number, ring in enumerate(rings)
            for name, members in known.items()
            if _goes_on(ring.keys, members)
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


def _goes_on(keys: Keys, known: Keys) -> bool:
    shared = int(np.isin(keys, known).sum())
    return 2 * shared >= known.size or (shared >= LEAST_MEMBERS and 2 * shared >= keys.size)


def _new(accounts: Sequence[str], taken: set[str]) -> str:
    """Return an id that nobody has, from the ring's first account that makes one."""
    size = len(accounts)
    named = (accounts[n % size] + "'" * (n // size) for n in count())
    made = (f"ring-{hashlib.blake2b(a.encode(), digest_size=4).hexdigest()}" for a in named)
    return next(name for name in made if name not in taken)
