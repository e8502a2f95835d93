"""From rings to findings: names, the union of what the members hold, a verdict and a sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from ringfence.catalogue import Catalogue
from ringfence.engine import DuckDBEngine, Statement
from ringfence.evidence import Evidence
from ringfence.rings import Ring
from ringfence.settings import Settings
from ringfence.verdicts.finding import Coverage, Finding

UNION: Final = Statement(
    "verdicts.ring_union",
    """
WITH held AS (
  SELECT m.ring, h.item_key, sum(h.uses) AS uses, min(h.first) AS first, max(h.last) AS last
  FROM ring_members AS m
  JOIN holdings AS h ON h.account_key = m.account_key
  GROUP BY m.ring, h.item_key
)
SELECT held.ring, count(*) AS items, CAST(sum(held.uses) AS BIGINT) AS uses,
  min(held.first) AS first, max(held.last) AS last, sum(c.popularity) AS popularity
FROM held
JOIN catalogue AS c ON c.item_key = held.item_key
GROUP BY held.ring
ORDER BY held.ring
""",
)

MEMBERS: Final = Statement(
    "verdicts.ring_accounts",
    """
SELECT m.ring, a.account
FROM ring_members AS m
JOIN accounts AS a ON a.account_key = m.account_key
JOIN portfolio AS p ON p.account_key = m.account_key
ORDER BY m.ring, p.first, a.account
""",
)
"""Members in the order in which they appeared."""


def ring_findings(
    engine: DuckDBEngine, rings: Sequence[Ring], catalogue: Catalogue, settings: Settings
) -> tuple[Finding, ...]:
    """Return the findings that rings are, most certain first.

    A ring is suspect, never extracting: no single test convicts, and few collisions are one test.

    Makes the temp tables ``ring_members``, one row a ring (numbered as here) and account, and
    ``ring_ids``, one row a ring.
    """
    _save_members(engine, rings)
    names: list[list[str]] = [[] for _ in rings]
    for number, account in engine.rows(MEMBERS):
        names[number].append(str(account))
    unions = engine.rows(UNION)
    found = tuple(
        _finding(ring, accounts, union, catalogue, settings)
        for ring, accounts, union in zip(rings, names, unions, strict=True)
    )
    ids = np.array([finding.id for finding in found], dtype=object)
    engine.table("ring_ids", {"ring": np.arange(len(rings)), "id": ids})
    return found


def _save_members(engine: DuckDBEngine, rings: Sequence[Ring]) -> None:
    none = np.zeros((0, 2))
    toward = np.concatenate([none, *(ring.toward for ring in rings)])
    engine.table(
        "ring_members",
        {
            "ring": np.repeat(np.arange(len(rings)), [ring.keys.size for ring in rings]),
            "account_key": np.concatenate([np.zeros(0, np.uint64), *(r.keys for r in rings)]),
            "held": np.concatenate([none[:, 0], *(ring.held for ring in rings)]),
            "observed": toward[:, 0],
            "expected": toward[:, 1],
        },
    )


def ring_id(accounts: Sequence[str]) -> str:
    """Return a ring's id, from its member that appeared first: it stays when newer ones join."""
    return f"ring-{hashlib.blake2b(accounts[0].encode(), digest_size=4).hexdigest()}"


def _finding(
    ring: Ring,
    accounts: list[str],
    union: tuple[Any, ...],
    catalogue: Catalogue,
    settings: Settings,
) -> Finding:
    _, items, uses, first, last, popularity = union
    return Finding(
        kind="ring",
        id=ring_id(accounts),
        accounts=tuple(accounts),
        verdict="suspect",
        p_value=ring.p_value,
        expected_false=ring.p_value,
        items=int(items),
        uses=int(uses),
        coverage=Coverage(
            items / max(catalogue.items, 1), float(popularity) / max(catalogue.popularity, 1.0)
        ),
        first=datetime.fromtimestamp(int(first), UTC),
        last=datetime.fromtimestamp(int(last), UTC),
        action=settings.policy.suspect,
        evidence=(_evidence(ring),),
    )


def _evidence(ring: Ring) -> Evidence:
    return Evidence("collision", ring.observed, ring.expected, ring.p_value, sentence(ring))


def sentence(ring: Ring) -> str:
    """Say in words how little the members have in common, and what independent accounts would."""
    alike = "size, groups and popularity" if ring.level == "group" else "size and popularity"
    sampled = f" (one item in {ring.one_in} was looked at)" if ring.one_in > 1 else ""
    return (
        f"Its {ring.keys.size:,} accounts have {ring.observed:,.0f} items in common, pair by pair; "
        f"independent accounts with holdings of the same {alike} would have "
        f"{ring.expected:,.0f}{sampled}."
    )
