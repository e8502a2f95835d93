"""Decide whether there is something new about an account or ring that is already known.

Evidence grows by itself: a listener who takes as much as ever has a smaller p-value every month. So
what counts is what changed since a person looked: the verdict, the members, and the *pace* at which
items are taken. Every rule compares a finding with the snapshot from the last time a person decided
(or, before that, from the opening of the case).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from ringfence.cases.canonical import canonical
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

OTHER_MEMBERS: Final = 0.25
"""A ring has changed if it has this share of its former number as new members, and at least two."""


@dataclass(frozen=True)
class Snapshot:
    """The numbers of an account or ring at one moment.

    Attributes:
        moment: when a person or a scan looked, microseconds since 1970.
        verdict: the verdict.
        items: number of distinct items held.
        accounts: names of the accounts.
        first: time of the first use.
        last: time of the last use.
        erased_accounts: number of accounts whose names were erased since.
        member_items: number of items of each account, in the order of their names; empty if it is
            not known.
    """

    moment: int
    verdict: Verdict
    items: int
    accounts: frozenset[str]
    first: int
    last: int
    erased_accounts: int = 0
    member_items: tuple[int, ...] = ()

    def items_of(self, accounts: frozenset[str]) -> int | None:
        """Return the sum of the items of some accounts; None if it is not known."""
        if accounts >= self.accounts:
            return self.items
        if len(self.member_items) != len(self.accounts):
            return None
        pairs = zip(sorted(self.accounts), self.member_items, strict=True)
        return sum(items for account, items in pairs if account in accounts)

    @property
    def size(self) -> int:
        """Number of accounts, also of those that were erased."""
        return len(self.accounts) + self.erased_accounts

    @property
    def pace(self) -> float:
        """Items per day between the first and the last use."""
        return self.items / _days(self.first, self.last)


def snapshot(finding: Finding, moment: int, first: int, last: int) -> Snapshot:
    """Return what a finding says."""
    accounts = frozenset(finding.accounts)
    items = by_name(finding.accounts, finding.member_items)
    return Snapshot(
        moment, finding.verdict, finding.items, accounts, first, last, member_items=items
    )


def by_name(accounts: Sequence[str], items: Sequence[int]) -> tuple[int, ...]:
    """Return the numbers of items of accounts in the order of their names; empty if not known."""
    if len(items) != len(accounts):
        return ()
    return tuple(number for _, number in sorted(zip(accounts, items, strict=True)))


def snapshot_to_json(known: Snapshot) -> str:
    """Return a snapshot as the store keeps it."""
    return canonical({**asdict(known), "accounts": sorted(known.accounts)})


def snapshot_from_json(text: str) -> Snapshot:
    """Return a snapshot that the store has kept."""
    values = json.loads(text)
    lists = {
        "accounts": frozenset(values["accounts"]),
        "member_items": tuple(values.get("member_items", ())),
    }
    return Snapshot(**{**values, **lists})


def news(state: CaseState, before: Snapshot, found: Snapshot, held: frozenset[str]) -> str:
    """Return what is new since a snapshot, as a sentence; empty if nothing is.

    Args:
        state: state of the case.
        before: what was known when a person last decided, or when the case was opened.
        found: what a scan says now.
        held: the accounts of the case that are suspended, and not only in shadow mode.
    """
    if before.verdict == "suspect" and found.verdict == "extracting":
        return "The verdict was suspect and is extracting now."
    if has_new_members(before, found):
        new = new_members(before, found)
        return (
            f"The ring had {before.size:,} accounts. Now {new:,} of {found.size:,} are new in it."
        )
    if state in {"open", "appealed"}:
        return ""
    if state == "decided":
        return _active_afterwards(before, found, held)
    return _pace(state, before, found)


def has_new_members(before: Snapshot, found: Snapshot) -> bool:
    """Return whether a ring has materially many accounts that were not in it before."""
    return new_members(before, found) >= max(2, OTHER_MEMBERS * before.size)


def new_members(before: Snapshot, found: Snapshot) -> int:
    """Return the number of accounts that were not in the ring before.

    An account whose name was erased may be one of them, so each of these is taken off.
    """
    return max(0, len(found.accounts - before.accounts) - before.erased_accounts)


def goes_on(before: Snapshot, found: Snapshot) -> bool:
    """Return whether new items are taken at a pace that is material beside the one before."""
    items = found.items - before.items
    if items < FEWEST_NEW_ITEMS or found.last <= max(before.last, before.moment):
        return False
    return items / _days(before.last, found.last) >= RESUMED * before.pace


def _active_afterwards(before: Snapshot, found: Snapshot, held: frozenset[str]) -> str:
    """Return that suspended accounts take items; empty if they do not.

    Accounts of the case that were released may take items. Without numbers per account, nobody
    knows who did.
    """
    known, now = before.items_of(held), found.items_of(held)
    if not held or known is None or now is None or found.last <= max(before.last, before.moment):
        return ""
    items = now - known
    if items < FEWEST_NEW_ITEMS:
        return ""
    taken = f"{items:,} new items, {items / _days(before.last, found.last):,.0f} per day"
    who = "The account is suspended and was" if found.size == 1 else "Suspended accounts were"
    return f"{who} active afterwards: {taken}."


def _pace(state: CaseState, before: Snapshot, found: Snapshot) -> str:
    items = found.items - before.items
    since = max(before.last, before.moment)
    if items < FEWEST_NEW_ITEMS or found.last <= before.last:
        return ""
    pace = items / _days(before.last, found.last)
    taken = f"{items:,} new items, {pace:,.0f} per day"
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
