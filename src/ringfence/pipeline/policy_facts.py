"""Measure what the policy knows about the accounts of findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.model.details import AccountDetails
from ringfence.model.finding import Finding
from ringfence.own_past import OWN_PAST
from ringfence.policy import AccountFacts, ScanFacts, classes_of, sign_of_theft
from ringfence.policy_settings import ClassSettings
from ringfence.profiles.details import ACCOUNT_DETAILS

NEW_ITEMS: Final = Statement(
    "pipeline.new_items_per_day",
    """
WITH wanted AS (
  SELECT DISTINCT unnest($accounts) AS account
)
SELECT a.account, CAST(h.first // 86400 AS BIGINT) AS day, count(*) AS items
FROM wanted AS w
JOIN accounts AS a ON a.account = w.account
JOIN holdings AS h ON h.account_key = a.account_key
GROUP BY a.account, day
ORDER BY a.account, day
""",
)
"""Per account and day: the number of items that it took for the first time."""

VISITORS_OF_FINDINGS: Final = Statement(
    "pipeline.visitors_of_findings",
    """
WITH wanted AS (
  SELECT DISTINCT unnest($accounts) AS account
)
SELECT a.account
FROM wanted AS w
JOIN accounts AS a ON a.account = w.account
WHERE a.visitor
""",
)
"""The accounts that are addresses without a login."""

CLASS_COLUMNS: Final = Statement(
    "pipeline.class_columns",
    """
WITH wanted AS (
  SELECT DISTINCT unnest($values) AS value
)
SELECT
  sum(CASE WHEN lower(trim(plan)) IN (SELECT value FROM wanted) THEN 1 ELSE 0 END) AS plans,
  sum(CASE WHEN lower(trim(status)) IN (SELECT value FROM wanted) THEN 1 ELSE 0 END) AS statuses
FROM given_accounts
""",
)
"""The numbers of accounts of protected classes, by their plan and by their state."""

ACTIVE_ACCOUNTS: Final = Statement(
    "pipeline.active_accounts",
    """
SELECT count(DISTINCT account_key) AS accounts
FROM hours
WHERE hour > (SELECT max(hour) FROM hours) - $hours
""",
)
"""The number of accounts with a use in the last hours of the ledger."""

ACTIVE_HOURS: Final = 30 * 24
"""Accounts with a use in these last hours are active: the limits of the policy are shares of them.
"""

_BEGINNING: Final = date(1970, 1, 1)


def policy_facts(
    engine: Engine,
    findings: Sequence[Finding],
    settings: ClassSettings,
    now: datetime,
) -> ScanFacts:
    """Return what the policy knows about all accounts of findings.

    Args:
        engine: holds the ledger and the joined accounts table.
        findings: of a scan.
        settings: the classes of accounts.
        now: time of the scan, with a zone.
    """
    names = sorted({name for finding in findings for name in finding.accounts})
    active = int(engine.rows(ACTIVE_ACCOUNTS, {"hours": ACTIVE_HOURS})[0][0])
    if not names:
        return ScanFacts({}, active)
    details = _details(engine, names)
    visitors = _visitors(engine, names)
    given = _class_columns(engine, settings)
    days = _new_items(engine, names)
    evidence = {one.id: one.evidence for one in findings if one.kind == "account"}
    stolen = _signs_of_own_past(findings)
    facts = {
        name: AccountFacts(
            classes_of(details.get(name), settings, now),
            stolen.get(name) or sign_of_theft(days[name], evidence.get(name, ())),
            name in visitors or _is_listed(details.get(name), given),
        )
        for name in names
    }
    return ScanFacts(facts, active)


def _signs_of_own_past(findings: Sequence[Finding]) -> dict[str, str]:
    """Return why the logins may be stolen that findings say it of, by account."""
    signs: dict[str, str] = {}
    for one in sorted(findings, key=lambda finding: finding.kind, reverse=True):
        if one.may_be_stolen:
            # Rings come first, so that an account's own evidence takes the place of its ring's.
            found = (e.sentence for e in one.evidence if e.test == OWN_PAST or one.kind == "ring")
            signs |= dict.fromkeys(one.accounts, next(found, ""))
    return signs


def _details(engine: Engine, names: Sequence[str]) -> dict[str, AccountDetails]:
    rows = engine.records(ACCOUNT_DETAILS, {"accounts": names})
    return {
        row["account"]: AccountDetails(
            plan=row["plan"] or "",
            status=row["status"] or "",
            created=None
            if row["signed_up"] is None
            else datetime.fromtimestamp(int(row["signed_up"]), UTC),
        )
        for row in rows
    }


def _visitors(engine: Engine, names: Sequence[str]) -> frozenset[str]:
    return frozenset(row[0] for row in engine.rows(VISITORS_OF_FINDINGS, {"accounts": names}))


def _class_columns(engine: Engine, settings: ClassSettings) -> tuple[str, ...]:
    """Return the columns of the accounts table that tell protected classes."""
    values = [text.strip().lower() for text in (*settings.institution, *settings.employee)]
    if not values:
        return ()
    plans, statuses = engine.rows(CLASS_COLUMNS, {"values": values})[0]
    return tuple(name for name, known in (("plan", plans), ("status", statuses)) if known)


def _is_listed(details: AccountDetails | None, given: Sequence[str]) -> bool:
    """Return whether everything is known from which the classes of an account follow.

    If plans tell the protected classes, an account without a plan may be of any, whatever its
    state. If the table has nobody of these classes, one of both is enough.
    """
    if details is None:
        return False
    if not given:
        return bool(details.plan or details.status)
    return all(getattr(details, name) for name in given)


def _new_items(engine: Engine, names: Sequence[str]) -> dict[str, list[tuple[date, int]]]:
    days: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for name, day, items in engine.rows(NEW_ITEMS, {"accounts": names}):
        days[name].append((_BEGINNING + timedelta(days=day), items))
    return days
