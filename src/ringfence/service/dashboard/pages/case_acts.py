"""What a reviewer can do with a case: the same functions as in ``ringfence case``."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ringfence import cases as store_of
from ringfence.cases.moments import MICROSECONDS_PER_DAY
from ringfence.cases.moving import read_case
from ringfence.errors import CasesError
from ringfence.model.finding import Action
from ringfence.service.dashboard.forms import FormFields
from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.dashboard.pages.case_page import case_number, show_case
from ringfence.settings import Settings

_MOST_DAYS: Final = 3_650
_CaseAct = Callable[[Connection, int, FormFields, store_of.Act, Settings], object]


class ChangedCaseError(CasesError):
    """The case has changed since the page was made."""


def change(page: DashboardRequest) -> Response:
    """Do something with a case, if it is still as the page showed it.

    Raises:
        HTTPException: nothing of this name can be done, or there is no such case.
    """
    name, number = page.request.path_params["act"], case_number(page)
    do = _ACTS.get(name)
    if do is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    version = page.fields.number("version")
    try:
        with page.writing() as connection:
            check_unchanged(connection, number, version)
            do(connection, number, page.fields, page.act(version), page.office.settings)
    except ChangedCaseError:
        return show_case(
            page, status=HTTPStatus.CONFLICT, problem="changed", typed=dict(page.fields.pairs)
        )
    except CasesError as error:
        return show_case(
            page,
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            problem=error.what,
            typed=dict(page.fields.pairs),
        )
    return page.go(f"/cases/{number}?done={name}")


def check_unchanged(connection: Connection, number: int, version: int | None) -> None:
    """Refuse a change of a case that is not as the reviewer saw it.

    Args:
        connection: a writing connection, so nobody can change the case afterwards.
        number: of the case.
        version: that the page showed.

    Raises:
        ChangedCaseError: the case has another version, or the page named none.
        HTTPException: there is no such case.
    """
    try:
        row = read_case(connection, number)
    except CasesError as error:
        raise HTTPException(HTTPStatus.NOT_FOUND, "there is no such case") from error
    if version != row.version:
        raise ChangedCaseError("has changed since the page was made", where=f"case {number}")


def ruling(fields: FormFields, act: store_of.Act, settings: Settings) -> store_of.Ruling:
    """Return the decision that a form describes.

    Raises:
        CasesError: the action, or the number of days, is none.
    """
    days = fields.number("days")
    if fields.one("days") and (days is None or not 1 <= days <= _MOST_DAYS):
        raise CasesError(f"the number of days must be from 1 to {_MOST_DAYS:,}")
    return store_of.Ruling(
        _action(fields.one("action")),
        fields.one("reason"),
        fields.one("ground") or settings.policy.ground,
        None if days is None else act.moment + days * MICROSECONDS_PER_DAY,
        settings.policy.mode == "shadow",
    )


def _action(word: str) -> Action:
    for action in ("observe", "throttle", "challenge", "suspend"):
        if word == action:
            return action
    raise CasesError("no action is chosen")


def _decide(
    connection: Connection, case: int, fields: FormFields, act: store_of.Act, settings: Settings
) -> None:
    store_of.decide(connection, case, ruling(fields, act, settings), act)


def _dismiss(
    connection: Connection, case: int, fields: FormFields, act: store_of.Act, _: Settings
) -> None:
    store_of.dismiss(connection, case, fields.one("reason"), act)


def _reopen(
    connection: Connection, case: int, fields: FormFields, act: store_of.Act, _: Settings
) -> None:
    store_of.reopen(connection, case, fields.one("reason"), act)


def _reinstate(
    connection: Connection, case: int, fields: FormFields, act: store_of.Act, _: Settings
) -> None:
    store_of.end_case(connection, case, "reinstate", fields.one("reason"), act)


def _release(
    connection: Connection, case: int, fields: FormFields, act: store_of.Act, _: Settings
) -> None:
    store_of.release_account(connection, case, _account(fields), fields.one("reason"), act)


def _appeal(
    connection: Connection, case: int, fields: FormFields, act: store_of.Act, settings: Settings
) -> None:
    due = act.moment + settings.cases.appeal_days * MICROSECONDS_PER_DAY
    text = fields.one("statement")
    store_of.receive_appeal(connection, case, text, due, act, _account(fields))


def _answer(
    connection: Connection, case: int, fields: FormFields, act: store_of.Act, _: Settings
) -> None:
    for outcome in ("upheld", "overturned"):
        if fields.one("outcome") == outcome:
            store_of.answer_appeal(
                connection, case, outcome, fields.one("answer"), act, _account(fields)
            )
            return
    raise CasesError("no outcome is chosen")


def _account(fields: FormFields) -> str:
    """Return the account of a form, with the spaces that are part of its name."""
    return dict(fields.pairs).get("account", "")


_ACTS: Final[dict[str, _CaseAct]] = {
    "decide": _decide,
    "dismiss": _dismiss,
    "reopen": _reopen,
    "reinstate": _reinstate,
    "release": _release,
    "appeal": _appeal,
    "answer": _answer,
}
