"""Give findings what the operator's tables say: of accounts, and of some of their items."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from ringfence.catalogue import item_titles
from ringfence.engine import Engine, Statement
from ringfence.model.details import AccountDetails, ItemDetails
from ringfence.model.finding import Finding
from ringfence.model.ring_profile import RingProfile
from ringfence.page_templates import page_url
from ringfence.settings import ReportSettings

SAMPLE: Final = 12
"""Number of items shown of a finding."""

ACCOUNT_DETAILS: Final = Statement(
    "profiles.account_details",
    """
WITH wanted AS (
  SELECT DISTINCT unnest($accounts) AS account
)
SELECT a.account, coalesce(a.visitor, FALSE) AS visitor, g.display_name, g.plan, g.country,
  g.status, s.signed_up
FROM accounts AS a
JOIN wanted AS w ON w.account = a.account
LEFT JOIN given_accounts AS g ON g.account_key = a.account_key
LEFT JOIN account_signups AS s ON s.account_key = a.account_key
""",
)

FIRST_ITEMS: Final = Statement(
    "profiles.first_items",
    """
WITH wanted AS (
  SELECT unnest($numbers) AS finding, unnest($accounts) AS account
),
taken AS (
  SELECT w.finding, h.item_key, min(h.first) AS first
  FROM wanted AS w
  JOIN accounts AS a ON a.account = w.account
  JOIN holdings AS h ON h.account_key = a.account_key
  GROUP BY w.finding, h.item_key
),
ranked AS (
  SELECT finding, item_key,
    row_number() OVER (PARTITION BY finding ORDER BY first, item_key) AS place
  FROM taken
)
SELECT r.finding, i.item, i."group"
FROM ranked AS r
JOIN items AS i ON i.item_key = r.item_key
WHERE r.place <= $limit
ORDER BY r.finding, r.place
""",
)
"""The first items that each finding took, a ring's members together."""

_HASHED_KEY: Final = re.compile(r"key-[0-9a-f]{12}")


def with_details(
    engine: Engine, findings: Sequence[Finding], settings: ReportSettings
) -> tuple[Finding, ...]:
    """Return the findings in their order, with details of accounts and with some of their items.

    Every finding about an account gets details, and so do the members of a ring with a page. A
    finding with a page gets a sample of items.

    Args:
        engine: holds the ledger, the catalogue and the joined accounts table.
        findings: findings with their profiles.
        settings: the addresses of accounts and items in the operator's own tools.
    """
    details = _account_details(engine, findings, settings.account_url)
    samples = _samples(engine, findings, settings.item_url)
    return tuple(
        replace(
            finding,
            details=details.get(finding.id) if finding.kind == "account" else None,
            ring=finding.ring and _with_members(finding.ring, details),
            sample=sample,
        )
        for finding, sample in zip(findings, samples, strict=True)
    )


def _with_members(ring: RingProfile, details: dict[str, AccountDetails]) -> RingProfile:
    members = (replace(one, details=details.get(one.account)) for one in ring.members)
    return replace(ring, members=tuple(members))


def _account_details(
    engine: Engine, findings: Sequence[Finding], template: str
) -> dict[str, AccountDetails]:
    """Return the details of each account that has any."""
    wanted = {one.id for one in findings if one.kind == "account"}
    wanted |= {member.account for one in findings if one.ring for member in one.ring.members}
    if not wanted:
        return {}
    rows = engine.rows(ACCOUNT_DETAILS, {"accounts": sorted(wanted)})
    found = {
        name: AccountDetails(
            display_name=display_name or "",
            plan=plan or "",
            country=country or "",
            status=status or "",
            created=None if moment is None else datetime.fromtimestamp(int(moment), UTC),
            url="" if visitor or _HASHED_KEY.fullmatch(name) else page_url(template, name),
        )
        for name, visitor, display_name, plan, country, status, moment in rows
    }
    return {name: one for name, one in found.items() if one != AccountDetails()}


def _samples(
    engine: Engine, findings: Sequence[Finding], template: str
) -> Iterator[tuple[ItemDetails, ...]]:
    """Yield some items of each finding with a page; none for the others."""
    taken = _first_items(engine, findings)
    titles = item_titles(engine, sorted({item for items in taken for item, _ in items}))
    for items in taken:
        yield tuple(
            replace(
                known := titles.get(item, ItemDetails(item)),
                group=known.group or group or "",
                url=page_url(template, item),
            )
            for item, group in items
        )


def _first_items(engine: Engine, findings: Sequence[Finding]) -> list[list[tuple[str, str | None]]]:
    pairs = [
        (number, account)
        for number, one in enumerate(findings)
        if one.profile or one.ring
        for account in one.accounts
    ]
    items: list[list[tuple[str, str | None]]] = [[] for _ in findings]
    if pairs:
        numbers, accounts = (list(each) for each in zip(*pairs, strict=True))
        wanted = {"numbers": numbers, "accounts": accounts, "limit": SAMPLE}
        for number, item, group in engine.rows(FIRST_ITEMS, wanted):
            items[number].append((str(item), group))
    return items
