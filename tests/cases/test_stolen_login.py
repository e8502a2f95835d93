"""Logins that may be stolen are remembered, whatever becomes of their cases."""

from __future__ import annotations

from tests.cases.findings import ANA, by, finding, moment, ring

from ringfence.cases import CaseStore, Ruling, decide, record
from ringfence.cases.account_export import export_account
from ringfence.cases.decisions import end_case
from ringfence.cases.erasure import erase_account
from ringfence.cases.moments import to_text
from ringfence.cases.retention import Retention, prune
from ringfence.cases.states import POLICY, Act
from ringfence.cases.stolen_login import STOLEN, stolen_logins

NAMES = ["ann", "bob", "cal"]


def test_a_member_that_leaves_a_ring_is_still_a_stolen_login(store: CaseStore) -> None:
    """Neither another ring nor pruning its case makes a thief of the owner."""
    with store.writing() as connection:
        record(connection, [ring("ann", "bob"), finding("cal")], moment(0))
        decide(connection, 1, Ruling("challenge", STOLEN, "5"), Act(POLICY, moment(0), 1))
        record(connection, [ring("bob", "dee", "eve")], moment(1))
        end_case(connection, 1, "reinstate", "reset", by(ANA, 2))
        prune(connection, Retention(case_days=5), by(ANA, 40))
        assert stolen_logins(connection, NAMES) == {"ann", "bob"}
        record(connection, [finding("ann")], moment(41))
        decide(connection, 3, Ruling("throttle", "Again.", "5"), Act(POLICY, moment(41), 1))
        assert stolen_logins(connection, NAMES) == {"ann", "bob"}


def test_a_person_and_an_erasure_end_it(store: CaseStore) -> None:
    """A person decides about the account for another reason, or it is erased."""
    with store.writing() as connection:
        record(connection, [finding("ann"), finding("bob")], moment(0))
        for case in (1, 2):
            decide(connection, case, Ruling("challenge", STOLEN, "5"), by(ANA, 0, 1))
        decide(connection, 1, Ruling("suspend", "Her own doing.", "5"), by(ANA, 1, 2))
        assert stolen_logins(connection, NAMES) == {"bob"}
        assert export_account(connection, "bob")["stolen_logins"] == [
            {"account": "bob", "marked": to_text(moment(0))}
        ]
        erase_account(connection, "bob", "request 1", by(ANA, 2))
        assert stolen_logins(connection, NAMES) == set()
