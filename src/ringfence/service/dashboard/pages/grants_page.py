"""The page of grants: permitted bulk access."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ringfence import cases as store_of
from ringfence.cases.moments import MICROSECONDS_PER_DAY, midnight, now, to_moment
from ringfence.errors import CasesError
from ringfence.pseudonym_key import name_in_use
from ringfence.service.dashboard.forms import FormFields
from ringfence.service.dashboard.page_request import DashboardRequest

_LARGEST_NUMBER: Final = 2**63 - 1


def show(page: DashboardRequest) -> Response:
    """Answer with all grants."""
    return _show(page)


def add(page: DashboardRequest) -> Response:
    """Add a grant."""
    act = page.act()
    try:
        permission = _permission(page.fields, act, page.office.settings.privacy.pseudonym_key)
        with page.writing() as connection:
            pseudonyms = bool(page.office.settings.privacy.pseudonym_key)
            store_of.check_store_names(connection, pseudonyms=pseudonyms)
            store_of.add_grant(connection, permission, act)
    except CasesError as error:
        return _show(page, error.what, dict(page.fields.pairs))
    return page.go("/grants?done=add")


def end(page: DashboardRequest) -> Response:
    """End a grant before its time.

    Raises:
        HTTPException: no database can have its number.
    """
    number = int(page.request.path_params["grant"])
    if number > _LARGEST_NUMBER:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    try:
        with page.writing() as connection:
            store_of.end_grant(connection, number, page.fields.one("reason"), page.act())
    except CasesError as error:
        return _show(page, error.what)
    return page.go("/grants?done=end")


def _show(
    page: DashboardRequest, problem: str = "", typed: dict[str, str] | None = None
) -> Response:
    with page.reading() as connection:
        rows = [
            {**row._asdict(), "scope": json.loads(row.scope), "last": row.until - 1}
            for row in store_of.list_grants(connection)
        ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    done = page.fields.one("done") if page.request.method != "POST" else ""
    return page.page(
        "grants", status, rows=rows, problem=problem, typed=typed or {}, moment=now(), done=done
    )


def _permission(fields: FormFields, act: store_of.Act, key: str) -> store_of.Permission:
    """Return the grant that a form describes.

    Raises:
        CasesError: a field is missing or wrong.
    """
    budget = fields.number("budget")
    if fields.one("budget") and budget is None:
        raise CasesError("the budget is not a number")
    start, account = fields.one("start"), fields.one("account")
    return store_of.Permission(
        name_in_use(account, key) if account else "",
        fields.one("reason"),
        fields.one("contact"),
        start=_day(start) if start else midnight(act.moment),
        until=_day(fields.one("until")) + MICROSECONDS_PER_DAY,
        budget=budget,
        **{name: tuple(fields.one(name).split()) for name in ("items", "groups", "surfaces")},
    )


def _day(text: str) -> int:
    """Return the beginning of a day as a moment.

    Raises:
        CasesError: the text is not a date.
    """
    try:
        return to_moment(datetime.combine(date.fromisoformat(text), time(), UTC))
    except ValueError as error:
        raise CasesError("the first or last day is not a date, such as 2027-06-30") from error
