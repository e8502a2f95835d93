"""Find decisions about other cases that hold accounts of a case."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, select

from ringfence.cases.paging import pages
from ringfence.cases.schema import DECISIONS, EFFECTS


def other_holds(
    connection: Connection, case: int, accounts: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Yield the decisions about other cases that apply to accounts now, by account.

    They stay in force when the decision about this case ends.

    Args:
        connection: a connection of the store.
        case: number of the case.
        accounts: names of accounts that the case is or was about.
    """
    columns = (EFFECTS.c.account, DECISIONS.c.case_id, EFFECTS.c.decision_id, EFFECTS.c.effect)
    query = select(*columns).join(DECISIONS).where(DECISIONS.c.case_id != case)
    for names in pages(sorted(accounts)):
        some = query.where(EFFECTS.c.account.in_(names))
        for account, other, decision, effect in connection.execute(
            some.order_by(EFFECTS.c.account, EFFECTS.c.decision_id)
        ):
            yield {"account": account, "case": other, "decision": decision, "effect": effect}
