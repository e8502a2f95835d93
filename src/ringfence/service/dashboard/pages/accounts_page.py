"""Search accounts, and see everything that the case store knows about one."""

from __future__ import annotations

from typing import Any, Final, get_args

from sqlalchemy import Connection, Row, func, select
from starlette.responses import Response

from ringfence.cases.listing import list_cases
from ringfence.cases.outbox import state_of
from ringfence.cases.schema import CLEARED, GRANTS, MEMBERS
from ringfence.model.case_status import CaseState
from ringfence.page_templates import page_url
from ringfence.pseudonym_key import name_in_use
from ringfence.service.dashboard.page_request import DashboardRequest

_FOUND: Final = 100
_CASES: Final = 100


def show(page: DashboardRequest) -> Response:
    """Answer with the result of the search: accounts with a text in their names, or one account."""
    name = dict(page.fields.pairs).get("name", "")
    text = page.fields.one("search")
    with page.reading() as connection:
        about = _about(page, connection, name) if name else None
        found = _search(connection, text) if text else []
    return page.page("accounts", search=text, found=found, about=about, most=_FOUND)


def _search(connection: Connection, text: str) -> list[Row[Any]]:
    """Return the accounts of cases that have a text in their names, with the number of cases."""
    query = (
        select(MEMBERS.c.account, func.count().label("cases"))
        .where(MEMBERS.c.account.contains(text, autoescape=True))
        .group_by(MEMBERS.c.account)
        .order_by(func.length(MEMBERS.c.account), MEMBERS.c.account)
        .limit(_FOUND)
    )
    return list(connection.execute(query))


def _about(page: DashboardRequest, connection: Connection, typed: str) -> dict[str, Any]:
    account = name_in_use(typed, page.office.settings.privacy.pseudonym_key)
    grants = select(GRANTS).where(GRANTS.c.account == account).order_by(GRANTS.c.id.desc())
    cleared = select(CLEARED.c.cleared).where(CLEARED.c.account == account, CLEARED.c.favour)
    return {
        "account": account,
        "state": state_of(connection, account),
        "rows": list_cases(connection, get_args(CaseState), account=account, limit=_CASES),
        "grants": list(connection.execute(grants)),
        "cleared": connection.execute(cleared).scalar(),
        "url": page_url(page.office.settings.report.account_url, account),
    }
