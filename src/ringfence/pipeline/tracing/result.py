"""The answer to a complaint, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from ringfence.pipeline.tracing.criteria import Criteria

TraceOrigin = Literal["logs", "ledger"]
"""Where an answer comes from."""

Certainty = Literal["seen", "possible"]
"""``seen``: one access is recorded that fits. ``possible``: the ledger does not exclude it."""

TraceOutcome = Literal["one", "several", "partial", "none", "unanswered"]
"""One account fits, several do, some fit in part only, or none does; or nothing could be searched.
"""


@dataclass(frozen=True)
class Access:
    """One access that fits.

    Attributes:
        time: UTC without zone.
        item: what was taken.
        address: from where; None if the source has none.
        client: what the client calls itself; None if the source has none.
    """

    time: datetime
    item: str
    address: str | None
    client: str | None

    def to_json(self) -> dict[str, Any]:
        """Return all values, the time as ISO 8601 in UTC."""
        return {
            "time": iso(self.time),
            "item": self.item,
            "address": self.address,
            "client": self.client,
        }


@dataclass(frozen=True)
class Holding:
    """The uses of the item by an account, as the ledger knows them.

    Attributes:
        first: first use, UTC without zone.
        last: last use.
        uses: number of uses; a double click counts once.
    """

    first: datetime
    last: datetime
    uses: int

    def to_json(self) -> dict[str, Any]:
        """Return all values, times as ISO 8601 in UTC."""
        return {"first": iso(self.first), "last": iso(self.last), "uses": self.uses}


@dataclass(frozen=True)
class TracedAccount:
    """An account that fits a complaint.

    Attributes:
        account: its name.
        visitor: whether it is an address without a login.
        origin: where the answer comes from.
        certainty: whether an access that fits is recorded, or only not excluded.
        matches: the criteria that one of its accesses fulfils together.
        accesses: number of accesses that fulfil them; for the ledger, uses of the
            item or, without an item, uses in these hours or from these networks.
        first: time of the first one, UTC without zone; None if the ledger does not tell.
        last: time of the last one.
        addresses: the addresses seen, most used first; at most five.
        of_addresses: number of addresses seen.
        clients: the clients seen, most used first; at most five.
        of_clients: number of clients seen.
        sample: the first ten accesses that fit.
        holding: what the ledger knows about the account and the item; None without an item.
        sure: how sure this is, in words.
    """

    account: str
    visitor: bool
    origin: TraceOrigin
    certainty: Certainty
    matches: tuple[str, ...]
    accesses: int
    first: datetime | None
    last: datetime | None
    addresses: tuple[str, ...] = ()
    of_addresses: int = 0
    clients: tuple[str, ...] = ()
    of_clients: int = 0
    sample: tuple[Access, ...] = ()
    holding: Holding | None = None
    sure: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return all values, times as ISO 8601 in UTC."""
        return {
            "account": self.account,
            "visitor": self.visitor,
            "origin": self.origin,
            "certainty": self.certainty,
            "matches": list(self.matches),
            "accesses": self.accesses,
            "first": iso(self.first),
            "last": iso(self.last),
            "addresses": list(self.addresses),
            "of_addresses": self.of_addresses,
            "clients": list(self.clients),
            "of_clients": self.of_clients,
            "sample": [one.to_json() for one in self.sample],
            "holding": self.holding.to_json() if self.holding else None,
            "sure": self.sure,
        }


@dataclass(frozen=True)
class FitCount:
    """The number of accounts and accesses that fulfil some criteria together.

    Attributes:
        criteria: their names.
        accounts: number of accounts with such an access.
        accesses: number of such accesses.
    """

    criteria: tuple[str, ...]
    accounts: int
    accesses: int

    def to_json(self) -> dict[str, Any]:
        """Return all values."""
        return {
            "criteria": list(self.criteria),
            "accounts": self.accounts,
            "accesses": self.accesses,
        }


@dataclass(frozen=True)
class WindowCount:
    """The number of accounts that fit if the time may be wrong by a number of seconds.

    Attributes:
        seconds: in both directions.
        accounts: number of accounts that fit.
        accesses: number of their accesses; None if the ledger answers.
        origin: where the numbers come from.
    """

    seconds: int
    accounts: int
    accesses: int | None
    origin: TraceOrigin

    def to_json(self) -> dict[str, Any]:
        """Return all values."""
        return {
            "seconds": self.seconds,
            "accounts": self.accounts,
            "accesses": self.accesses,
            "origin": self.origin,
        }


@dataclass(frozen=True)
class SearchedPeriod:
    """The accesses that were searched.

    Attributes:
        origin: the logs or the ledger.
        events: number of accesses.
        first: time of the first one, UTC without zone; None if there is none.
        last: time of the last one.
    """

    origin: TraceOrigin
    events: int
    first: datetime | None
    last: datetime | None

    def contains(self, window: tuple[datetime, datetime]) -> bool:
        """Return whether accesses are known from before a window and from after it."""
        if self.first is None or self.last is None:
            return False
        return self.first <= window[0] and window[1] <= self.last

    def touches(self, window: tuple[datetime, datetime]) -> bool:
        """Return whether a window and the time that was searched have a moment in common."""
        if self.first is None or self.last is None:
            return False
        return self.first <= window[1] and window[0] <= self.last

    def to_json(self) -> dict[str, Any]:
        """Return all values, times as ISO 8601 in UTC."""
        return {
            "origin": self.origin,
            "events": self.events,
            "first": iso(self.first),
            "last": iso(self.last),
        }


@dataclass(frozen=True)
class SearchAnswer:
    """The answer of the logs, or of the ledger, to a complaint.

    Attributes:
        period: what was searched.
        candidates: the accounts that fit best, at most 1,000.
        accounts: number of accounts that fit all criteria.
        fits: numbers for each set of criteria; empty for the ledger.
        windows: how the number of accounts grows with the uncertainty of the time.
        crowd: accounts that used the address at any time; None if no address is given.
    """

    period: SearchedPeriod
    candidates: tuple[TracedAccount, ...]
    accounts: int
    fits: tuple[FitCount, ...] = ()
    windows: tuple[WindowCount, ...] = ()
    crowd: int | None = None


def criteria_json(criteria: Criteria) -> dict[str, Any]:
    """Return the criteria as they were understood."""
    time = criteria.time
    return {
        "item": criteria.item,
        "address": criteria.address_text or None,
        "time": None if time is None else {"first": iso(time.first), "last": iso(time.last)},
        "within": criteria.within if time else None,
    }


def iso(moment: datetime | None) -> str | None:
    """Return a UTC time without zone as ISO 8601, to the second."""
    if moment is None:
        return None
    return f"{moment.replace(tzinfo=UTC, microsecond=0).isoformat()[:-6]}Z"
