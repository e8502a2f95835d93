"""Decide whether there is something new about an account or ring that is already known.

Evidence grows by itself: a listener who takes as much as ever has a smaller p-value every month. So
what counts is what changed since a person looked: the verdict, the members, and the *pace* at which
items are taken. Every rule compares a finding with the snapshot from the last time a person decided
(or, before that, from the opening of the case).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ringfence.cases.moments import MICROSECONDS_PER_DAY
from ringfence.model.case_status import CaseState
from ringfence.model.finding import Finding, Verdict

FASTER: Final = 1.5
"""A dismissed account is new again if its pace is this many times what it was."""

RESUMED: Final = 0.5
"""A closed case is new again if the account takes at this share of its pace before the decision.
Below this share, a throttle works, and nothing stricter is needed."""

FEWEST_NEW_ITEMS: Final = 100
"""No rule about the pace applies to fewer new items. A few are taken within minutes by anybody."""

MORE_MEMBERS: Final = 1.25
"""A ring has changed if it has this many times the members, and at least two more."""


@dataclass(frozen=True)
class Snapshot:
    """The numbers of an account or ring at one moment.

    Attributes:
        moment: when a person or a scan looked, microseconds since 1970.
        verdict: the verdict.
        items: number of distinct items held.
        accounts: number of accounts.
        first: time of the first use.
        last: time of the last use.
    """

    moment: int
    verdict: Verdict
    items: int
    accounts: int
    first: int
    last: int

    @property
    def pace(self) -> float:
        """Items per day between the first and the last use."""
        return self.items / _days(self.first, self.last)


def snapshot(finding: Finding, moment: int, first: int, last: int) -> Snapshot:
    """Return what a finding says."""
    return Snapshot(moment, finding.verdict, finding.items, len(finding.accounts), first, last)


def news(state: CaseState, before: Snapshot, found: Snapshot, suspended: bool) -> str:
    """Return what is new since a snapshot, as a sentence; empty if nothing is.

    Args:
        state: state of the case.
        before: what was known when a person last decided, or when the case was opened.
        found: what a scan says now.
        suspended: whether a decision to suspend is in force, and not only in shadow mode.
    """
    if before.verdict == "suspect" and found.verdict == "extracting":
        return "The verdict was suspect and is extracting now."
    if has_more_members(before, found):
        return f"The ring had {before.accounts:,} accounts and has {found.accounts:,} now."
    if state in {"open", "appealed"}:
        return ""
    return _pace(state, before, found, suspended)


def has_more_members(before: Snapshot, found: Snapshot) -> bool:
    """Return whether a ring has materially more accounts than before."""
    members = found.accounts - before.accounts
    return members >= 2 and found.accounts >= MORE_MEMBERS * before.accounts


def goes_on(before: Snapshot, found: Snapshot) -> bool:
    """Return whether new items are taken at a pace that is material beside the one before."""
    items = found.items - before.items
    if items < FEWEST_NEW_ITEMS or found.last <= max(before.last, before.moment):
        return False
    return items / _days(before.last, found.last) >= RESUMED * before.pace


def _pace(state: CaseState, before: Snapshot, found: Snapshot, suspended: bool) -> str:
    items = found.items - before.items
    since = max(before.last, before.moment)
    if items < FEWEST_NEW_ITEMS or found.last <= before.last:
        return ""
    pace = items / _days(before.last, found.last)
    taken = f"{items:,} new items, {pace:,.0f} per day"
    if state == "decided":
        active = suspended and found.last > since
        return f"The account is suspended and was active afterwards: {taken}." if active else ""
    if state == "closed" and pace >= RESUMED * before.pace:
        return f"Since the case was closed: {taken}; before, {before.pace:,.0f} per day."
    if state == "allowed" and found.last > since:
        # A scan does not find an account that stays within its grant.
        return f"Since the case was allowed, beyond its grant: {taken}."
    if state == "dismissed" and pace >= FASTER * before.pace:
        return f"Since the case was dismissed: {taken}; before, {before.pace:,.0f} per day."
    return ""


def _days(first: int, last: int) -> float:
    """Return the days between two moments, at least one: nobody has a pace within a day."""
    return max(1.0, (last - first) / MICROSECONDS_PER_DAY)
