"""Dismiss or observe several cases at once, after a second question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ringfence import cases as store_of
from ringfence.cases.moving import read_case
from ringfence.errors import CasesError
from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.dashboard.pages.case_acts import check_unchanged
from ringfence.service.dashboard.pages.queue_page import PAGE_LENGTH

_ACTS: Final = ("dismiss", "observe")
_CHOSEN: Final = re.compile("([0-9]{1,18})-([0-9]{1,9})")


@dataclass(frozen=True)
class _SeenCase:
    """A case that was chosen, with the version that the page showed."""

    case: int
    version: int


def ask(page: DashboardRequest) -> Response:
    """Show what would be done with the chosen cases, and ask again."""
    act, chosen = _act(page), _chosen(page)
    if not chosen:
        return page.go("/cases")
    with page.reading() as connection:
        rows = [read_case(connection, one.case) for one in chosen if _exists(connection, one)]
    return page.page(
        "bulk", act=act, rows=rows, values=page.fields.every("case"), outcome=None, problem="",
        shadow=page.office.settings.policy.mode == "shadow",
    )  # fmt: skip


def do(page: DashboardRequest) -> Response:
    """Do it with each case that is still as it was seen. The others are listed with the reason."""
    act, chosen, reason = _act(page), _chosen(page), page.fields.one("reason")
    if page.fields.one("sure") != "yes" or not reason:
        return ask(page)
    outcome: list[tuple[int, str]] = []
    with page.writing() as connection:
        for one in chosen:
            try:
                with connection.begin_nested():
                    _do(page, connection, one, act, reason)
            except CasesError as error:
                outcome.append((one.case, error.what))
            except HTTPException:
                outcome.append((one.case, "there is no such case"))
            else:
                outcome.append((one.case, ""))
    return page.page("bulk", act=act, rows=[], values=(), outcome=outcome, problem="", shadow=False)


def _do(
    page: DashboardRequest, connection: Connection, chosen: _SeenCase, act: str, reason: str
) -> None:
    check_unchanged(connection, chosen.case, chosen.version)
    by = page.act(chosen.version)
    if act == "dismiss":
        store_of.dismiss(connection, chosen.case, reason, by)
        return
    policy = page.office.settings.policy
    order = store_of.Ruling("observe", reason, policy.ground, shadow=policy.mode == "shadow")
    store_of.decide(connection, chosen.case, order, by)


def _act(page: DashboardRequest) -> str:
    act = page.fields.one("act")
    if act not in _ACTS:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return act


def _chosen(page: DashboardRequest) -> Sequence[_SeenCase]:
    """Return the chosen cases, each once.

    Raises:
        HTTPException: these are more than a page shows, or not cases with versions.
    """
    found: dict[int, _SeenCase] = {}
    for text in page.fields.every("case"):
        match = _CHOSEN.fullmatch(text)
        if match is None:
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        found[int(match[1])] = _SeenCase(int(match[1]), int(match[2]))
    if len(found) > PAGE_LENGTH:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return tuple(found.values())


def _exists(connection: Connection, chosen: _SeenCase) -> bool:
    try:
        read_case(connection, chosen.case)
    except CasesError:
        return False
    return True
