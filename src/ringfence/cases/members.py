"""Release one account of a ring from a decision that goes on for the others."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row

from ringfence.cases.clearances import clear_accounts
from ringfence.cases.decisions import decision_in_force, end_case
from ringfence.cases.moving import move, read_case
from ringfence.cases.open_appeals import open_appeals, write_answer
from ringfence.cases.outbox import end_effect, held_accounts
from ringfence.cases.releases import add_release
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
    if is_last(connection, decision.id):
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
    clear_accounts(connection, [account], act)
    end_effect(connection, decision, account, act.moment)


def is_last(connection: Connection, decision: int) -> bool:
    """Return whether a decision applies to one account only."""
    return len(held_accounts(connection, decision)) == 1


def account_meant(connection: Connection, case: int, account: str) -> str:
    """Return the account that a command is about: the named one, or the only one of the case.

    Raises:
        CasesError: the case is about a ring, and none of its accounts is named; or it is about
            another account.
    """
    row = read_case(connection, case)
    if row.kind == "account" and account in {"", row.subject}:
        return str(row.subject)
    if not account:
        raise CasesError(
            "is about a ring, and one of its accounts must be named",
            where=f"case {case}",
            hint="give --account",
        )
    return account


def check_held(connection: Connection, decision: Row[Any], account: str) -> None:
    """Refuse an account to which a decision does not apply.

    Raises:
        CasesError: it has no effect on the account.
    """
    if account not in held_accounts(connection, decision.id):
        raise CasesError(
            f"decision {decision.id} does not apply to {account}",
            where=f"case {decision.case_id}",
            hint=f"see: ringfence case show case:{decision.case_id}",
        )
