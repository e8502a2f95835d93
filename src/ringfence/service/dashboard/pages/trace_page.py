"""Trace a complaint, as ``ringfence trace`` does, and say what may be disclosed to whom."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from ringfence.cases.audit import append
from ringfence.cases.moments import now
from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.dashboard.pages.questions_part import ask as ask_question

_FIELDS: Final = ("item", "address", "time", "within")
_GIVEN: Final = _FIELDS[:3]


def show(page: DashboardRequest) -> Response:
    """Answer with the form, and with the last question of this person."""
    return _show(page, {})


def ask(page: DashboardRequest) -> Response:
    """Begin a search. The audit log has the person and the fields used, but no address or item."""
    asked = {name: page.fields.one(name) for name in _FIELDS}
    given = [name for name in _GIVEN if asked[name]]
    problem = "nothing" if not given else ask_question(page, "trace", asked, asked)
    if problem:
        return _show(page, asked, problem)
    with page.writing() as connection:
        append(connection, "trace", {"by": given, "author": page.reviewer.name}, now())
    return page.go("/trace")


def _show(page: DashboardRequest, typed: dict[str, str], problem: str = "") -> Response:
    question = page.office.questions.last("trace", page.reviewer.name)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    known = question.asked if question else dict.fromkeys(_FIELDS, "")
    return page.page(
        "trace", status, question=question, typed=typed or known, problem=problem,
        report=page.office.settings.report,
    )  # fmt: skip
