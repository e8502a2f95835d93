"""Logins that may be stolen are remembered, whatever becomes of their cases."""

from __future__ import annotations

from dataclasses import replace

from tests.cases.findings import ANA, by, finding, moment, ring

from ringfence.cases import CaseStore, Ruling, decide, record, reopen
from ringfence.cases.account_export import export_account
from ringfence.cases.decisions import end_case
from ringfence.cases.erasure import erase_account
from ringfence.cases.moments import to_text
from ringfence.cases.retention import Retention, prune
from ringfence.cases.states import POLICY, Act
from ringfence.cases.stolen_login import STOLEN, stolen_logins

NAMES = ["ann", "bob", "cal"]


def test_a_stolen_login_is_remembered(store: CaseStore) -> None:
    """Neither pruning, nor a decision about its ring, nor a trial makes a thief of the owner."""
    stolen = Ruling("challenge", STOLEN, "5", shadow=False)
    with store.writing() as connection:
        record(connection, [finding("ann"), finding("cal")], moment(0))
        decide(connection, 1, stolen, Act(POLICY, moment(0), 1))
        end_case(connection, 1, "reinstate", "reset", by(ANA, 2))
        prune(connection, Retention(case_days=5), by(ANA, 40))
        assert stolen_logins(connection, NAMES) == {"ann"}
        record(connection, [finding("ann")], moment(41))
        decide(connection, 3, Ruling("throttle", "Again.", "5"), Act(POLICY, moment(41), 1))
        assert stolen_logins(connection, NAMES) == {"ann"}
        record(connection, [ring("ann", "bob", "cal")], moment(42))
        decide(connection, 4, Ruling("suspend", "A ring.", "5", shadow=False), by(ANA, 43, 1))
        assert stolen_logins(connection, NAMES) == {"ann"}
        decide(connection, 4, replace(stolen, shadow=False), Act(POLICY, moment(44), 2))
        assert stolen_logins(connection, NAMES) == {"ann"}
        end_case(connection, 4, "reinstate", "reset", by(ANA, 44))
        trial = Ruling("suspend", "A trial.", "5")
        end_case(connection, 3, "reinstate", "over", by(ANA, 44))
        reopen(connection, 3, "again", by(ANA, 45))
        decide(connection, 3, trial, by(ANA, 45))
        assert stolen_logins(connection, NAMES) == {"ann"}


def test_a_person_and_an_erasure_end_it(store: CaseStore) -> None:
    """A person decides about the account for another reason, or it is erased."""
    with store.writing() as connection:
        record(connection, [finding("ann"), finding("bob")], moment(0))
        for case in (1, 2):
            decide(connection, case, Ruling("challenge", STOLEN, "5"), by(ANA, 0, 1))
        decide(connection, 1, Ruling("suspend", "Her own doing.", "5", shadow=False), by(ANA, 1, 2))
        assert stolen_logins(connection, NAMES) == {"bob"}
        assert export_account(connection, "bob")["stolen_logins"] == [
            {"account": "bob", "marked": to_text(moment(0))}
        ]
        erase_account(connection, "bob", "request 1", by(ANA, 2))
        assert stolen_logins(connection, NAMES) == set()
