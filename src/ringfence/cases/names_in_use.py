"""Refuse a case store whose accounts have other names than a scan uses."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ringfence.cases.schema import GRANTS, MEMBERS
from ringfence.errors import CasesError
from ringfence.pseudonym_key import PSEUDONYM_MARKS


def check_store_names(connection: Connection, *, pseudonyms: bool) -> None:
    """Refuse a store with real names for a scan with pseudonyms, and the other way round.

    The store does not tell the pseudonyms of two keys apart.

    Args:
        connection: a connection of the store.
        pseudonyms: whether the scan uses pseudonyms.

    Raises:
        CasesError: a case or grant is about an account with a name of the other kind.
    """
    for column in (MEMBERS.c.account, GRANTS.c.account):
        has_mark = column.startswith(PSEUDONYM_MARKS["account"], autoescape=True)
        other = select(column).where(~has_mark if pseudonyms else has_mark).limit(1)
        if connection.execute(other).first() is not None:
            raise _mixed(pseudonyms=pseudonyms)


def _mixed(*, pseudonyms: bool) -> CasesError:
    if pseudonyms:
        return CasesError(
            "the case store has real names, and privacy.pseudonym_key is set",
            hint="name another store with --cases or cases.url",
        )
    return CasesError(
        "the case store has pseudonyms, and privacy.pseudonym_key is not set",
        hint="set it to the file of the key, or name another store",
    )
