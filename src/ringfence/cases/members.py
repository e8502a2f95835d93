"""Release one account from a decision about several, which goes on for the others."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row

from ringfence.cases.decisions import decision_in_force, end_case
from ringfence.cases.left_to_people import leave_to_people
from ringfence.cases.member_data import is_group
from ringfence.cases.moving import move, read_case
from ringfence.cases.open_appeals import open_appeals, write_answer
from ringfence.cases.outbox import end_effect, held_accounts
from ringfence.cases.releases import add_release, released_accounts
from ringfence.cases.states import Act, Move
from ringfence.errors import CasesError


def release_account(connection: Connection, case: int, account: str, reason: str, act: Act) -> None:
    """Release one account, and grant its open appeal. A decision about no other account ends.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        account: name of the account.
        reason: why.
        act: who releases it, and when.

    Raises:
        CasesError: the reason is missing, the case has changed, or no decision applies to the
            account.
    """
    where = f"case {case}"
    if not reason.strip():
        raise CasesError("a reason is needed", where=where, hint="give --reason")
    decision = decision_in_force(connection, case)
    if decision is None:
        raise CasesError("no decision is in force", where=where)
    check_held(connection, decision, account)
    if is_last(connection, decision):
        end_case(connection, case, "reinstate", reason, act)
        return
    appeals = open_appeals(connection, case)
    granted = [one for one in appeals if one.account == account]
    last: Move = "answer" if len(appeals) > len(granted) else "uphold"
    move(connection, case, last if granted else "release", act)
    for appeal in granted:
        write_answer(connection, appeal.id, "overturned", reason, act)
    free_account(connection, decision.id, account, reason.strip(), act)


def free_account(
    connection: Connection, decision: int, account: str, reason: str, act: Act
) -> None:
    """End the effect of a decision on one of its accounts, and record why."""
    add_release(connection, decision, account, reason, act)
    leave_to_people(connection, [account], act)
    end_effect(connection, decision, account, act.moment)


def is_last(connection: Connection, decision: Row[Any]) -> bool:
    """Return whether a decision applies to one account only."""
    return len(_subject_to(connection, decision)) == 1


def _subject_to(connection: Connection, decision: Row[Any]) -> set[str]:
    """Return the accounts to which a decision applies; in shadow mode, those to which it would."""
    if not decision.shadow:
        return set(held_accounts(connection, decision.id))
    known = json.loads(decision.facts)["accounts"]
    return set(known) - released_accounts(connection, decision.id)


def account_meant(connection: Connection, case: int, account: str) -> str:
    """Return the account that a command is about: the named one, or the only one of the case.

    Raises:
        CasesError: the case is about several accounts, and none of them is named; or it is about
            another account.
    """
    row = read_case(connection, case)
    if not is_group(json.loads(row.finding)) and account in {"", row.subject}:
        return str(row.subject)
    if not account:
        raise CasesError(
            "is about several accounts, and one of them must be named",
            where=f"case {case}",
            hint="give --account",
        )
    return account


def check_held(connection: Connection, decision: Row[Any], account: str) -> None:
    """Refuse an account to which a decision does not apply.

    Raises:
        CasesError: it has no effect on the account.
    """
    if account not in _subject_to(connection, decision):
        raise CasesError(
            f"decision {decision.id} does not apply to {account}",
            where=f"case {decision.case_id}",
            hint=f"see: ringfence case show case:{decision.case_id}",
        )
