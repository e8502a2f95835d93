"""From rings to findings: names, the union of what the members hold, a verdict and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from ringfence.catalogue import Catalogue
from ringfence.engine import DuckDBEngine, Statement
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Coverage, Finding
from ringfence.model.ring import Level, Ring
from ringfence.settings import Settings
from ringfence.verdicts.ring_ids import known_rings, remember_rings, ring_ids
from ringfence.verdicts.ring_verdicts import RingVerdict, members_evidence

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

IDS: Final = Statement("verdicts.ring_ids", "SELECT ring, id FROM ring_ids ORDER BY ring")

BUNCHES: Final = 1.5
"""What items come in less than this many at a time is told as single items."""

ALIKE: Final[dict[Level, str]] = {
    "group": "size, groups and popularity",
    "genre": "size, genres and popularity",
    "cluster": "size, tastes and popularity",
    "global": "size and popularity",
}
"""What holdings are compared in, by level."""


def ring_findings(
    engine: DuckDBEngine,
    rings: Sequence[RingVerdict],
    catalogue: Catalogue,
    settings: Settings,
    accounts: int,
) -> tuple[Finding, ...]:
    """Return the findings that rings are, in their order.

    Reads the temp tables of :func:`save_rings` and ``scored_accounts``.

    Args:
        engine: holds the ledger and what was scored.
        rings: with their verdicts.
        catalogue: of which they hold their share.
        settings: what is advised.
        accounts: how many the scan has.
    """
    names = _names(engine, len(rings))
    ids = [str(name) for _, name in engine.rows(IDS)]
    return tuple(
        replace(
            _finding(one, union, catalogue, settings),
            id=ring_id,
            accounts=tuple(members),
            evidence=_evidence(one, accounts),
        )
        for one, ring_id, members, union in zip(rings, ids, names, engine.rows(UNION), strict=True)
    )


def save_rings(engine: DuckDBEngine, rings: Sequence[Ring]) -> list[str]:
    """Name the rings, as earlier scans of this ledger did, remember them, and return their ids.

    Makes the temp tables ``ring_members``, one row a ring (numbered as here) and account, and
    ``ring_ids``, one row a ring.
    """
    _save_members(engine, rings)
    ids = ring_ids(rings, _names(engine, len(rings)), known_rings(engine))
    numbers = np.arange(len(rings))
    engine.table("ring_ids", {"ring": numbers, "id": np.array(ids, dtype=object)})
    remember_rings(engine)
    return ids


def _names(engine: DuckDBEngine, rings: int) -> list[list[str]]:
    """Return the names of each ring's accounts, in the order in which they appeared."""
    names: list[list[str]] = [[] for _ in range(rings)]
    for number, account in engine.rows(MEMBERS):
        names[number].append(str(account))
    return names


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


def _finding(
    one: RingVerdict, union: tuple[Any, ...], catalogue: Catalogue, settings: Settings
) -> Finding:
    """Make the finding of a ring that has no name and no evidence yet."""
    _, items, uses, first, last, popularity = union
    ring, policy = one.ring, settings.policy
    return Finding(
        kind="ring",
        id="",
        accounts=(),
        verdict=one.verdict,
        p_value=ring.p_value,
        expected_false=ring.p_value,
        items=int(items),
        uses=int(uses),
        coverage=Coverage(
            items / max(catalogue.items, 1), float(popularity) / max(catalogue.popularity, 1.0)
        ),
        first=datetime.fromtimestamp(int(first), UTC),
        last=datetime.fromtimestamp(int(last), UTC),
        action=policy.extracting if one.verdict == "extracting" else policy.suspect,
        evidence=(),
    )


def _evidence(one: RingVerdict, accounts: int) -> tuple[Evidence, ...]:
    """Return what speaks against a ring: what gave it away, and then its members."""
    ring, members = one.ring, members_evidence(one, accounts)
    first = Evidence(ring.test, ring.observed, ring.expected, ring.p_value, sentence(ring))
    return (first, members) if members else (first,)


def sentence(ring: Ring) -> str:
    """Say in words what gave a ring away, and what independent accounts would show."""
    sampled = f" (one item in {ring.one_in} was looked at)" if ring.one_in > 1 else ""
    if ring.test == "lockstep":
        return (
            f"Two of its {ring.keys.size:,} accounts took the same item within two minutes of each "
            f"other {ring.observed:,.0f} times, pair by pair and day by day; chance would have "
            f"{ring.expected:,.0f}{sampled}."
        )
    return (
        f"Its {ring.keys.size:,} accounts have {ring.observed:,.0f} items in common, pair by pair; "
        f"independent accounts with holdings of the same {ALIKE[ring.level]} would have "
        f"{ring.expected:,.0f}{_bunched(ring)}{sampled}."
    )


def _bunched(ring: Ring) -> str:
    """Say in what bunches collisions come, where these are not nearly single items."""
    return f", some {ring.bunching:,.0f} at a time" if ring.bunching >= BUNCHES else ""
