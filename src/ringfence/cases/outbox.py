"""The outbox: the effects of decisions, written in the transaction of the decision.

A row says what an account's state is from now on. Another process delivers the rows to connected
systems later (:mod:`ringfence.enforcement`), so a crash leaves both a decision and its
effects, or neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select

from ringfence.cases.effects import LIFT, STRENGTH, Hold, strongest
from ringfence.cases.paging import VALUES_AT_ONCE, pages
from ringfence.cases.releases import released_accounts
from ringfence.cases.schema import DECISIONS, EFFECTS, OUTBOX


def write_effects(connection: Connection, decision: int, moment: int) -> None:
    """Bring the effects on accounts in line with a decision that was just made or ended.

    An account gets a row in the outbox only if its state changes. A decision in shadow mode and one
    to observe change nothing.

    Args:
        connection: the writing connection on which the decision was made or ended.
        decision: number of the decision.
        moment: now, microseconds since 1970.
    """
    row = connection.execute(select(DECISIONS).where(DECISIONS.c.id == decision)).one()
    if row.shadow or row.action not in STRENGTH:
        return
    accounts = _accounts(connection, row)
    for some in pages(accounts):
        with _telling(connection, some, decision, moment):
            _write_holds(connection, row, some)


def end_effect(connection: Connection, decision: int, account: str, moment: int) -> None:
    """End the effect of one decision on one account. Another decision may still hold it.

    Args:
        connection: a writing connection of the store.
        decision: number of the decision.
        account: name of the account.
        moment: now, microseconds since 1970.
    """
    with _telling(connection, [account], decision, moment):
        here = (EFFECTS.c.decision_id == decision, EFFECTS.c.account == account)
        connection.execute(delete(EFFECTS).where(*here))


def held_accounts(connection: Connection, decision: int) -> Sequence[str]:
    """Return the accounts that a decision holds now, by name."""
    query = select(EFFECTS.c.account).where(EFFECTS.c.decision_id == decision)
    return connection.execute(query.order_by(EFFECTS.c.account)).scalars().all()


@contextmanager
def _telling(
    connection: Connection, accounts: Sequence[str], decision: int, moment: int
) -> Iterator[None]:
    """Write a row for each of the accounts whose state changes within the context."""
    before = _states(connection, accounts)
    yield
    after = _states(connection, accounts)
    changed = [account for account in accounts if before.get(account) != after.get(account)]
    rows = [_message(one, after.get(one), decision, moment) for one in changed]
    if rows:
        connection.execute(insert(OUTBOX), rows)


def _accounts(connection: Connection, decision: Row[Any]) -> Sequence[str]:
    """Return the accounts that the decision holds: those of its own facts when it is made.

    When it ends, they are those that it has held, whatever has become of the ring since.
    """
    if decision.ended is None:
        released = released_accounts(connection, decision.id)
        return sorted(set(json.loads(decision.facts)["accounts"]) - released)
    return held_accounts(connection, decision.id)


def _write_holds(connection: Connection, decision: Row[Any], accounts: Sequence[str]) -> None:
    if decision.ended is None:
        values = {
            "decision_id": decision.id,
            "effect": decision.action,
            "until": decision.until,
        }
        rows = [{"account": account, **values} for account in accounts]
        connection.execute(insert(EFFECTS), rows)
        return
    connection.execute(
        delete(EFFECTS).where(EFFECTS.c.decision_id == decision.id, EFFECTS.c.account.in_(accounts))
    )


def _message(account: str, hold: Hold | None, decision: int, moment: int) -> dict[str, Any]:
    """Return the row that tells sinks the new state of an account."""
    return {
        "account": account,
        "effect": hold.effect if hold else LIFT,
        "decision_id": hold.decision if hold else decision,
        "key": uuid4().hex,
        "made": moment,
        "until": hold.until if hold else None,
        "ground": hold.ground if hold else "",
    }


def _states(connection: Connection, accounts: Sequence[str]) -> dict[str, Hold | None]:
    query = _holds_query().where(EFFECTS.c.account.in_(accounts)).order_by(EFFECTS.c.account)
    return dict(_strongest_of_each(connection, query))


def states_at(
    connection: Connection, moment: int, accounts: Sequence[str]
) -> Iterator[tuple[str, Hold]]:
    """Yield those of some accounts that a decision holds at a moment, by account.

    Args:
        connection: any connection of the store.
        moment: microseconds since 1970. A decision whose time is over by then does not count,
            although nothing has ended it yet.
        accounts: at most some hundred accounts.
    """
    query = _holds_query().where(EFFECTS.c.account.in_(accounts), _holds_at(moment))
    return _strongest_of_each(connection, query.order_by(EFFECTS.c.account))


def state_of(connection: Connection, account: str) -> Hold | None:
    """Return the decision whose effect counts for an account, or None if none is in force."""
    return _states(connection, [account]).get(account)


def all_states(connection: Connection, moment: int | None = None) -> Iterator[tuple[str, Hold]]:
    """Yield every account that a decision holds, with the decision that counts, by account.

    The rows are read as they are needed, so memory does not grow with their number.

    Args:
        connection: any connection of the store.
        moment: if given, a decision whose time is over by then does not count.
    """
    query = _holds_query().order_by(EFFECTS.c.account).execution_options(yield_per=VALUES_AT_ONCE)
    return _strongest_of_each(
        connection, query if moment is None else query.where(_holds_at(moment))
    )


def _holds_query() -> Select[Any]:
    columns = (EFFECTS.c.account, EFFECTS.c.decision_id, EFFECTS.c.effect, EFFECTS.c.until)
    return select(*columns, DECISIONS.c.ground).join(DECISIONS)


def _holds_at(moment: int) -> ColumnElement[bool]:
    return EFFECTS.c.until.is_(None) | (EFFECTS.c.until > moment)


def _strongest_of_each(connection: Connection, query: Select[Any]) -> Iterator[tuple[str, Hold]]:
    """Yield the accounts of a query that is ordered by account."""
    for account, rows in groupby(connection.execute(query), key=itemgetter(0)):
        # Unpacked, because reading a column by its name takes longer, and there may be millions.
        hold = strongest(
            Hold(decision, effect, until, ground) for _, decision, effect, until, ground in rows
        )
        if hold is not None:
            yield account, hold


def newest_effect(connection: Connection) -> int:
    """Return the number of the newest effect; 0 if there is none.

    A state that is read from the same connection contains all effects up to this one.
    """
    return connection.execute(select(func.max(OUTBOX.c.id))).scalar() or 0
