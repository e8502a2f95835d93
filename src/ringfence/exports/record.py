"""The content of the store about a case, as the formats of this package take it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection

from ringfence.cases.listing import describe_case
from ringfence.cases.statements.screening import named_accounts
from ringfence.cases.store_id import store_id


@dataclass(frozen=True)
class CaseRecord:
    """A case with its finding, decisions and appeals.

    Attributes:
        store: id of the store.
        case: the case as JSON values, see :func:`ringfence.cases.listing.describe_case`.
        named: accounts of any case that the grounds of its decisions name.
    """

    store: UUID
    case: Mapping[str, Any]
    named: frozenset[str] = frozenset()

    @property
    def released(self) -> frozenset[str]:
        """The accounts that a decision in force does not apply to any more."""
        return frozenset(
            release["account"]
            for decision in self.case["decisions"]
            if not decision["ended"]
            for release in decision["releases"]
        )

    def make_id(self, *parts: str | int) -> UUID:
        """Return an id for a part of this case: the same every time, and of no other store.

        Args:
            parts: numbers of the store, and words of this package. Never an account: who knows the
                id of the store could confirm a guess.
        """
        return uuid5(self.store, "/".join(map(str, parts)))


def read_record(connection: Connection, case: int) -> CaseRecord:
    """Read a case.

    Args:
        connection: a connection of the store.
        case: its number.

    Raises:
        CasesError: there is no such case.
    """
    return next(read_records(connection, [case]))


def read_records(connection: Connection, cases: Iterable[int]) -> Iterator[CaseRecord]:
    """Read cases, in their order.

    Args:
        connection: a connection of the store.
        cases: their numbers.

    Raises:
        CasesError: there is no such case.
    """
    # Few texts are the grounds of most decisions, and a search goes through all accounts.
    named: dict[str, frozenset[str]] = {}
    store = store_id(connection)
    for case in cases:
        described = describe_case(connection, case)
        grounds = " ".join(dict.fromkeys(one["ground"] for one in described["decisions"]))
        if grounds not in named:
            named[grounds] = frozenset(named_accounts(connection, grounds))
        yield CaseRecord(store, described, named[grounds])
