"""A store has real names or pseudonyms, and a scan with the other kind is refused."""

from __future__ import annotations

import pytest
from tests.cases.findings import ANA, by, finding, moment, ring
from tests.test_pseudonym_key import SECRET

from ringfence.cases import CaseStore, Permission, add_grant, check_store_names, record
from ringfence.errors import CasesError
from ringfence.model.finding import Finding
from ringfence.pseudonym_key import PseudonymKey

KEY = PseudonymKey(SECRET)
ANN, BOB = KEY.pseudonym("ann"), KEY.pseudonym("bob")


def is_refused(store: CaseStore, *, pseudonyms: bool) -> bool:
    """Return whether a scan is refused, with one line that says which names the store has."""
    said = ""
    try:
        with store.reading() as connection:
            check_store_names(connection, pseudonyms=pseudonyms)
    except CasesError as error:
        said = str(error)
    assert "\n" not in said
    return ("has real names" if pseudonyms else "has pseudonyms") in said


def test_an_empty_store_fits_both(store: CaseStore) -> None:
    """Nothing was said about anybody yet."""
    assert not is_refused(store, pseudonyms=True)
    assert not is_refused(store, pseudonyms=False)


@pytest.mark.parametrize(
    ("found", "pseudonyms"),
    [(finding("ann"), False), (finding(ANN), True), (ring("ann", "bob"), False),
     (ring(ANN, BOB), True), (finding("pseudonymous"), False)],
)  # fmt: skip
def test_cases_tell_which_names_a_store_has(
    store: CaseStore, found: Finding, *, pseudonyms: bool
) -> None:
    """A case about an account or a ring fits scans of one kind alone."""
    with store.writing() as connection:
        record(connection, [found], moment(0))
    assert not is_refused(store, pseudonyms=pseudonyms)
    assert is_refused(store, pseudonyms=not pseudonyms)


@pytest.mark.parametrize(("name", "pseudonyms"), [("ann", False), (ANN, True)])
def test_a_grant_tells_it_as_well(store: CaseStore, name: str, *, pseudonyms: bool) -> None:
    """A grant that no account of the scan could use is not passed over in silence."""
    with store.writing() as connection:
        permission = Permission(name, "an archive", "the library", moment(0), moment(9))
        add_grant(connection, permission, by(ANA, 0))
    assert not is_refused(store, pseudonyms=pseudonyms)
    assert is_refused(store, pseudonyms=not pseudonyms)
