"""The accounts with a standing: restricted by a decision, under a grant, or cleared by a person.

They are read from the case store each second, if it has changed. Only accounts with such a standing
are in memory. If the store cannot be read, the last standings stay in force.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from ringfence.cases import exemptions, open_store
from ringfence.cases.moments import now
from ringfence.cases.outbox import all_states, newest_effect
from ringfence.cases.schema import CLEARED, EFFECTS, GRANTS
from ringfence.cases.store import CaseStore
from ringfence.model.exemption import Exemption

_READ_AGAIN: Final = 60.0
"""Seconds after which everything is read, also if nothing seems to have changed."""


class PermittedUse(NamedTuple):
    """A grant.

    Attributes:
        start: seconds since 1970.
        until: seconds since 1970.
        budget: items by which it raises each allowance; None if there is no limit.
        covers: whether an item's name is permitted.
    """

    start: float
    until: float
    budget: int | None
    covers: Callable[[str], bool]


@dataclass(frozen=True)
class AccountStanding:
    """The standing of an account.

    Attributes:
        effect: of the decision that holds it: throttle, challenge or suspend; empty if none does.
        until: when this ends, in seconds since 1970.
        trusted: whether a person has decided in its favour.
        grants: bulk access that it is permitted.
    """

    effect: str = ""
    until: float = float("inf")
    trusted: bool = False
    grants: tuple[PermittedUse, ...] = ()

    def effect_at(self, now: float) -> str:
        """Return the effect at a moment, in seconds since 1970."""
        return self.effect if now < self.until else ""

    def grant_for(self, item: str, now: float) -> PermittedUse | None:
        """Return the most generous grant that covers an item now, or None."""
        found = [one for one in self.grants if one.start <= now < one.until and one.covers(item)]
        return max(found, key=_generosity, default=None)


def _generosity(grant: PermittedUse) -> float:
    return float("inf") if grant.budget is None else grant.budget


ORDINARY: Final = AccountStanding()
"""The standing of all other accounts."""


class StandingReader:
    """Reads the standings from a case store.

    Args:
        url: of the store, as in ``cases.url``.
        number: returns the number of an account's name.
    """

    def __init__(self, url: str | Path, number: Callable[[str], int]) -> None:
        self._url = url
        self._number = number
        self._store: CaseStore | None = None
        self._seen: tuple[object, ...] = ()
        self._due = 0.0

    def changed(self) -> dict[int, AccountStanding] | None:
        """Return the standings by the number of the account; None if they have not changed.

        Raises:
            CasesError: the store is missing or cannot be read.
        """
        if self._store is None:
            self._store = open_store(self._url, create=False)
        with self._store.reading() as connection:
            seen = _signature(connection)
            if seen == self._seen and time.monotonic() < self._due:
                return None
            found = self._read(connection)
        self._seen, self._due = seen, time.monotonic() + _READ_AGAIN
        return found

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()

    def _read(self, connection: Connection) -> dict[int, AccountStanding]:
        found: dict[int, AccountStanding] = {}
        # Of a hold whose time is over, a weaker one behind it counts.
        for account, hold in all_states(connection, now()):
            until = float("inf") if hold.until is None else hold.until / 1e6
            found[self._number(account)] = AccountStanding(hold.effect, until)
        favours = select(CLEARED.c.account).where(CLEARED.c.favour)
        for account in connection.execute(favours).scalars():
            number = self._number(account)
            found[number] = replace(found.get(number, ORDINARY), trusted=True)
        for one in exemptions(connection):
            number = self._number(one.account)
            before = found.get(number, ORDINARY)
            found[number] = replace(before, grants=(*before.grants, _permitted(one)))
        return found


def _signature(connection: Connection) -> tuple[object, ...]:
    """Return values of which one differs after each change of a standing."""
    counted = select(func.count(), func.max(GRANTS.c.id), func.count(GRANTS.c.ended))
    cleared = select(func.count(), func.max(CLEARED.c.cleared))
    held = select(func.count()).select_from(EFFECTS)
    return (
        newest_effect(connection),
        *connection.execute(counted).one(),
        *connection.execute(cleared).one(),
        connection.execute(held).scalar(),
    )


def _permitted(grant: Exemption) -> PermittedUse:
    """Return a grant. The gateway knows no groups and surfaces: the judge counts these exactly."""
    return PermittedUse(
        grant.start.timestamp(), grant.until.timestamp(), grant.budget, _covering(grant.items)
    )


def _covering(patterns: Iterable[str]) -> Callable[[str], bool]:
    parts = [".*".join(map(re.escape, pattern.split("*"))) for pattern in patterns]
    if not parts:
        return lambda _: True
    matches = re.compile("|".join(parts), re.DOTALL).fullmatch
    return lambda item: matches(item) is not None
