"""Test grants: what they need, what they permit, and what they do to cases."""

from __future__ import annotations

from typing import Any

import pytest
from tests.cases.findings import ANA, at, by, finding, moment

from ringfence.cases import (
    CaseStore,
    Permission,
    Ruling,
    add_grant,
    decide,
    end_grant,
    exemptions,
    faults,
    list_grants,
    record,
)
from ringfence.cases.moving import read_case
from ringfence.errors import CasesError
from ringfence.model.exemption import Exemption


def permission(**changes: Any) -> Permission:  # noqa: ANN401 - any field
    """Return the permission of a text-mining project of 90 days."""
    fields: dict[str, Any] = {
        "account": "ann", "reason": "text mining", "contact": "lib@example.org",
        "start": moment(0), "until": moment(90), "budget": 5_000, "groups": ("nature-*",),
    }  # fmt: skip
    return Permission(**{**fields, **changes})


def test_a_grant_becomes_an_exemption(store: CaseStore) -> None:
    """A scan is told account, dates, budget and scope."""
    with store.writing() as connection:
        number = add_grant(connection, permission(), by(ANA, 1))
        assert exemptions(connection) == (
            Exemption(number, "ann", at(0), at(90), 5_000, groups=("nature-*",)),
        )


def test_a_grant_that_ends_early_permits_what_was_taken_before(store: CaseStore) -> None:
    """Use during the grant stays permitted."""
    with store.writing() as connection:
        number = add_grant(connection, permission(), by(ANA, 1))
        end_grant(connection, number, "the project is over", by(ANA, 30))
        assert exemptions(connection)[0].until == at(30)
        with pytest.raises(CasesError, match="has ended already"):
            end_grant(connection, number, "again", by(ANA, 31))


def test_a_grant_that_ends_before_it_begins_permits_nothing(store: CaseStore) -> None:
    """An item from before the end that is used after the planned start would count otherwise."""
    with store.writing() as connection:
        number = add_grant(connection, permission(start=moment(50)), by(ANA, 1))
        end_grant(connection, number, "the project was cancelled", by(ANA, 30))
        assert exemptions(connection) == ()


def test_a_grant_allows_an_open_case(store: CaseStore) -> None:
    """The case leaves the queue, and comes back if the account takes more than is granted."""
    with store.writing() as connection:
        (status,) = record(connection, [finding("ann")], moment(0))
        add_grant(connection, permission(), by(ANA, 1))
        assert read_case(connection, status.case).state == "allowed"
        beyond = finding("ann", items=9_000, last=at(10))
        (again,) = record(connection, [beyond], moment(10))
        assert (again.status, again.state) == ("changed", "open")
        assert list(faults(connection)) == []


def test_a_grant_does_not_overrule_a_decision(store: CaseStore) -> None:
    """A suspended account must be reinstated first, by somebody who says why."""
    with store.writing() as connection:
        (status,) = record(connection, [finding("ann")], moment(0))
        decide(connection, status.case, Ruling("suspend", "fast", "5"), by(ANA, 1))
    with pytest.raises(CasesError, match="a decision about ann is in force"), store.writing() as c:
        add_grant(c, permission(), by(ANA, 2))
    with store.reading() as connection:
        assert list(list_grants(connection)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"account": ""},
        {"reason": " "},
        {"contact": ""},
        {"until": moment(0)},
        {"budget": 0},
    ],
)
def test_a_grant_needs_all_its_parts(changes: dict[str, Any]) -> None:
    """A grant without account, reason, contact, end or budget is refused."""
    with pytest.raises(CasesError):
        permission(**changes)
