"""Refuse the name of a group where the name of an account is needed."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from ringfence.cases.member_data import is_group
from ringfence.cases.schema import CASES
from ringfence.errors import CasesError


def check_is_account(connection: Connection, name: str) -> None:
    """Refuse the name of a ring, or of a crawler under whose name several visitors came.

    Raises:
        CasesError: a case has this name, and its accounts have others.
    """
    query = select(CASES.c.id, CASES.c.finding).where(CASES.c.subject == name)
    for case, finding in connection.execute(query):
        if is_group(json.loads(finding)):
            raise CasesError(
                f"is not an account, but the name of case {case}, which is about several",
                where=name,
                hint=f"name its accounts one by one; see: ringfence case show case:{case}",
            )
