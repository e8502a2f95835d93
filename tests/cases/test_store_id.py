"""The id of a store stays, and no other store has it."""

from __future__ import annotations

from collections.abc import Callable

from tests.cases.findings import ANA, by, finding, moment

from ringfence.cases import CaseStore, open_store, record
from ringfence.cases.erasure import erase_account
from ringfence.cases.store_id import store_id


def test_the_id_is_made_with_the_first_case_and_stays(store: CaseStore) -> None:
    """Later cases, and the erasure of the first one, leave it as it is."""
    with store.writing() as connection:
        assert store_id(connection).int == 0
        record(connection, [finding("ann")], moment(0))
        made = store_id(connection)
        record(connection, [finding("bob")], moment(1))
        erase_account(connection, "ann", "request 7", by(ANA, 2))
    with store.reading() as connection:
        assert store_id(connection) == made
    assert made.int != 0


def test_stores_with_the_same_cases_have_other_ids(new_url: Callable[[], str]) -> None:
    """The id cannot be computed from the content of a store."""
    ids = set()
    for _ in range(3):
        with open_store(new_url()) as store, store.writing() as connection:
            record(connection, [finding("ann")], moment(0))
            ids.add(store_id(connection))
    assert len(ids) == 3
