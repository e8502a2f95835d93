"""Test which case a command changes: never that of another account than the one that is meant."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from tests.cases.findings import finding, moment, ring

from ringfence.cases import CaseStore, record
from ringfence.cases.listing import find_case, find_case_to_change
from ringfence.errors import CasesError
from ringfence.model.finding import Finding


def refusal(connection: Connection, *names: str) -> str:
    """Return why a name is refused."""
    with pytest.raises(CasesError) as refused:
        find_case_to_change(connection, names)
    return str(refused.value)


def with_cases(store: CaseStore, *findings: Finding) -> None:
    """Open cases, numbered from 1."""
    with store.writing() as connection:
        record(connection, findings, moment(0))


def test_a_number_that_is_also_an_account_is_refused(store: CaseStore) -> None:
    """Case 2 is about alice, and case 1 is about the account named 2."""
    with_cases(store, finding("2"), finding("alice"))
    with store.reading() as connection:
        assert refusal(connection, "2") == (
            "2: is the number of a case and the name of an account "
            "(give case:2 for the number, case:1 for the account)"
        )
        assert find_case_to_change(connection, ["case:2"]) == 2
        assert find_case_to_change(connection, ["case:1"]) == 1
        assert find_case_to_change(connection, ["alice"]) == 2
        assert find_case_to_change(connection, ["1"]) == 1
        assert find_case(connection, "case:2") == 2
        with pytest.raises(CasesError, match="is the number of a case and the name of an account"):
            find_case(connection, "2")


def test_a_number_that_is_also_a_member_of_a_ring_is_refused(store: CaseStore) -> None:
    """The account named 1 has no case of its own, so case 1 need not be the one that is meant."""
    with_cases(store, finding("alice"), ring("1", "b", "c"))
    with store.reading() as connection:
        assert "give case:1 for the number, case:2 for the account" in refusal(connection, "1")


def test_a_number_whose_account_has_this_case_is_not_refused(store: CaseStore) -> None:
    """Both meanings are the same case."""
    with_cases(store, finding("1"))
    with store.reading() as connection:
        assert find_case_to_change(connection, ["1"]) == 1


def test_a_member_does_not_lead_to_its_ring(store: CaseStore) -> None:
    """A person who means one member would suspend all. The ring itself can be named."""
    with_cases(store, ring("alice", "b", "c"))
    with store.reading() as connection:
        assert refusal(connection, "alice") == (
            "alice: has no case of its own, and is one of several accounts of another "
            "(give case:1 and --account alice, or case:1 for all of them)"
        )
        assert find_case_to_change(connection, ["ring-1"]) == 1
        assert find_case(connection, "alice") == 1


def test_an_account_in_a_ring_with_a_case_of_its_own_means_that_case(store: CaseStore) -> None:
    """The case about the account alone changes, and the ring stays."""
    with_cases(store, ring("alice", "b", "c"), finding("alice"))
    with store.reading() as connection:
        assert find_case_to_change(connection, ["alice"]) == 2


def test_an_account_with_the_name_of_a_ring_is_refused(store: CaseStore) -> None:
    """Two cases have the name, so a number is needed."""
    with_cases(store, ring("a", "b", name="ring-1"), finding("ring-1"))
    with store.reading() as connection:
        assert refusal(connection, "ring-1").endswith("(give case:1 or case:2)")


def test_another_name_of_the_account_counts_as_well(store: CaseStore) -> None:
    """With pseudonyms, the account named 1 has its case under the pseudonym."""
    with_cases(store, finding("alice"), finding("pseudonym-1"))
    with store.reading() as connection:
        assert "give case:1 for the number" in refusal(connection, "1", "pseudonym-1")
        assert find_case_to_change(connection, ["eve", "pseudonym-1"]) == 2


@pytest.mark.parametrize("name", ["eve", "9", "case:9", "case:", "case:alice", "case:²"])
def test_an_unknown_name_is_refused(store: CaseStore, name: str) -> None:
    """No case is about it."""
    with_cases(store, finding("alice"))
    with store.reading() as connection:
        assert "there is no such case" in refusal(connection, name)
