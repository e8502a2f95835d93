"""Findings under human care: cases, decisions, appeals, grants, and the audit of all of them.

A store is one database. Every command reads or writes it through a connection:

>>> from ringfence.cases import Act, Author, Ruling, decide, open_store
>>> with open_store("cases.sqlite") as store, store.writing() as connection:  # doctest: +SKIP
...     decide(connection, 1, Ruling("throttle", "4,000 items in a day", "5.2"), act)
"""

from ringfence.cases.appeals import answer_appeal, receive_appeal
from ringfence.cases.audit_check import faults
from ringfence.cases.decisions import (
    Ruling,
    decide,
    decision_in_force,
    decisions_of,
    dismiss,
    end_case,
    expire_decisions,
    reopen,
)
from ringfence.cases.grants import Permission, add_grant, end_grant, exemptions, list_grants
from ringfence.cases.members import release_account
from ringfence.cases.names_in_use import check_store_names
from ringfence.cases.open_appeals import AppealOutcome, open_appeals
from ringfence.cases.proposals import proposal_of
from ringfence.cases.recording import current_states, findings_about, record
from ringfence.cases.states import POLICY, SCAN, Act, Author
from ringfence.cases.store import CaseStore, open_store, store_file

__all__ = [
    "POLICY",
    "SCAN",
    "Act",
    "AppealOutcome",
    "Author",
    "CaseStore",
    "Permission",
    "Ruling",
    "add_grant",
    "answer_appeal",
    "check_store_names",
    "current_states",
    "decide",
    "decision_in_force",
    "decisions_of",
    "dismiss",
    "end_case",
    "end_grant",
    "exemptions",
    "expire_decisions",
    "faults",
    "findings_about",
    "list_grants",
    "open_appeals",
    "open_store",
    "proposal_of",
    "receive_appeal",
    "record",
    "release_account",
    "reopen",
    "store_file",
]
