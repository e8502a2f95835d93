"""Make findings of rings: names, the union of the members' holdings, a verdict and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from ringfence.catalogue import Catalogue
from ringfence.engine import Engine, Statement
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Action, Finding
from ringfence.model.ring import Cohort, Level, Ring
from ringfence.model.tables import RING_IDS, RING_MEMBERS
from ringfence.settings import PolicySettings, Settings
from ringfence.verdicts.ring_ids import known_rings, remember_rings, ring_ids
from ringfence.verdicts.ring_verdicts import (
    EXTRACTING_MEMBER_SHARE,
    RingVerdict,
    members_evidence,
    stolen_evidence,
)
from ringfence.verdicts.stolen_logins import STOLEN_ACTION

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

RING_MEMBER_ITEMS: Final = Statement(
    "verdicts.ring_accounts",
    """
SELECT m.ring, a.account, p.items
FROM ring_members AS m
JOIN accounts AS a ON a.account_key = m.account_key
JOIN portfolio AS p ON p.account_key = m.account_key
ORDER BY m.ring, p.first, a.account
""",
)
"""Members in the order of their first use, with their numbers of distinct items."""

IDS: Final = Statement("verdicts.ring_ids", "SELECT ring, id FROM ring_ids ORDER BY ring")

MENTIONED_DISPERSION: Final = 1.5
"""The sentence mentions the index of dispersion from here on; below it shared items are nearly
independent of each other."""

_ALONE: Final = "without the styles, scripts, images and referrers of a browser"

COHORT_WORDS: Final[dict[str, str]] = {
    "client": "use the same client",
    "rare client": "use clients that hardly anybody else uses",
    "network": "come from the same network",
    "wide network": "come from neighbouring networks",
    "provider": "come from networks of the same provider",
    "hour": "appeared in the same hour",
    "items": "take the same number of items",
    "no traces": f"take items {_ALONE}",
    "no traces, items": f"take the same number of items {_ALONE}",
}
"""The property that the visitors of a cohort have in common, by its kind."""

COMPARED_BY: Final[dict[Level, str]] = {
    "group": "size, groups and popularity",
    "genre": "size, genres and popularity",
    "cluster": "size, tastes and popularity",
    "global": "size and popularity",
}
"""The properties in which independent accounts match the members, by level."""


def ring_findings(
    engine: Engine,
    rings: Sequence[RingVerdict],
    catalogue: Catalogue,
    settings: Settings,
    accounts: int,
) -> tuple[Finding, ...]:
    """Return one finding per ring, in the order given.

    Reads ``scored_accounts`` and the temporary tables of :func:`save_rings`.

    Args:
        engine: holds the ledger and these tables.
        rings: the rings with their verdicts.
        catalogue: gives the coverage its denominators.
        settings: which action each verdict advises.
        accounts: number of accounts in the scan.
    """
    members = _members(engine, len(rings))
    ids = [str(name) for _, name in engine.rows(IDS)]
    return tuple(
        replace(
            _finding(one, union, catalogue, settings),
            id=ring_id,
            accounts=tuple(items),
            member_items=tuple(items.values()),
            evidence=_evidence(one, accounts),
        )
        for one, ring_id, items, union in zip(rings, ids, members, engine.rows(UNION), strict=True)
    )


def save_rings(engine: Engine, rings: Sequence[RingVerdict]) -> list[str]:
    """Give the rings their ids, store them in the ledger, and return the ids.

    Makes two temporary tables: ``ring_members`` with one row per ring and member, and ``ring_ids``
    with one row per ring. Rings are numbered in the order given.
    """
    found = [one.ring for one in rings]
    _save_members(engine, found)
    ids = ring_ids(found, [list(one) for one in _members(engine, len(rings))], known_rings(engine))
    engine.table(
        RING_IDS,
        {
            "ring": np.arange(len(rings)),
            "id": np.array(ids, dtype=object),
            "verdict": np.array([one.verdict for one in rings], dtype=object),
            "p_value": np.array([ring.p_value for ring in found], dtype=np.float64),
        },
    )
    remember_rings(engine)
    return ids


def _members(engine: Engine, rings: int) -> list[dict[str, int]]:
    """Return the items of each member of each ring, in the order in which the accounts appeared."""
    members: list[dict[str, int]] = [{} for _ in range(rings)]
    for number, account, items in engine.rows(RING_MEMBER_ITEMS):
        members[number][str(account)] = int(items)
    return members


def _save_members(engine: Engine, rings: Sequence[Ring]) -> None:
    none = np.zeros((0, 2))
    toward = np.concatenate([none, *(ring.member_collisions for ring in rings)])
    engine.table(
        RING_MEMBERS,
        {
            "ring": np.repeat(np.arange(len(rings)), [ring.keys.size for ring in rings]),
            "account_key": np.concatenate([np.zeros(0, np.uint64), *(r.keys for r in rings)]),
            "held": np.concatenate([none[:, 0], *(ring.shared_items for ring in rings)]),
            "observed": toward[:, 0],
            "expected": toward[:, 1],
        },
    )


def _finding(
    one: RingVerdict, union: tuple[Any, ...], catalogue: Catalogue, settings: Settings
) -> Finding:
    """Return the finding of a ring, still without id, accounts and evidence."""
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
        coverage=catalogue.coverage(items, float(popularity)),
        first=datetime.fromtimestamp(int(first), UTC),
        last=datetime.fromtimestamp(int(last), UTC),
        may_be_stolen=one.may_be_stolen,
        action=advised_action(one, policy),
        evidence=(),
    )


def advised_action(one: RingVerdict, policy: PolicySettings) -> Action:
    """Return the action that a ring advises.

    A ring in lockstep advises to observe, unless at least half of its members are findings on their
    own: one program may drive its accounts for an honest reason. A ring of logins that may be
    stolen advises to help their owners.

    Args:
        one: the ring with its verdict.
        policy: the action for each verdict.
    """
    if one.may_be_stolen:
        return STOLEN_ACTION
    if one.verdict == "extracting":
        return policy.extracting
    unusual = one.findings >= EXTRACTING_MEMBER_SHARE * one.rows.size
    return policy.suspect if unusual or one.ring.test != "lockstep" else "observe"


def _evidence(one: RingVerdict, accounts: int) -> tuple[Evidence, ...]:
    """Return the evidence on a ring: its own test first, then its members' findings and thefts."""
    ring = one.ring
    first = Evidence(ring.test, ring.observed, ring.expected, ring.p_value, sentence(ring))
    others = (members_evidence(one, accounts), stolen_evidence(one, accounts))
    return (first, *(other for other in others if other))


def sentence(ring: Ring) -> str:
    """Return one sentence with what was observed of a ring and what chance would give."""
    sampled = f" (in a sample of one item in {ring.one_in})" if ring.one_in > 1 else ""
    if ring.test == "lockstep":
        places = ", from foreign places," if ring.is_foreign else ""
        return (
            f"Pairs of its {ring.keys.size:,} accounts took the same item within two minutes "
            f"of each other{places} {ring.observed:,.0f} times; {ring.expected:,.0f} times are "
            f"expected by chance{sampled}."
        )
    if ring.cohort is not None:
        return _crowd_sentence(ring, ring.cohort)
    foreign = " that they took from foreign places" if ring.is_foreign else ""
    return (
        f"Pairs of its {ring.keys.size:,} accounts share {ring.observed:,.0f} items{foreign}. "
        f"Independent accounts with holdings of the same {COMPARED_BY[ring.level]} would share "
        f"{ring.expected:,.0f}{_dispersion(ring)}{sampled}."
    )


def _crowd_sentence(ring: Ring, cohort: Cohort) -> str:
    same = COHORT_WORDS[cohort.kind]
    visitors = ring.keys.size
    whole = visitors == cohort.accounts
    those = f"are all that {same}" if whole else f"are among {cohort.accounts:,} that {same}"
    return (
        f"Its {visitors:,} visitors {those}. Pairs of these share {ring.observed:,.0f} items that "
        f"few others hold, where independent visitors would share "
        f"{ring.expected:,.0f}.{_continued(ring)}"
    )


def _continued(ring: Ring) -> str:
    """Return a sentence for visitors that work through the items in order; else nothing."""
    if not ring.continued:
        return ""
    return f" {ring.continued:,} of them continue where the visitor before them stopped."


def _dispersion(ring: Ring) -> str:
    """Return a clause for people who share runs of items, such as albums; else nothing."""
    dispersed = ring.index_of_dispersion >= MENTIONED_DISPERSION
    return f", in runs of about {ring.index_of_dispersion:,.0f} items" if dispersed else ""
