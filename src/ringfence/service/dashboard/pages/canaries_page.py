"""The page about canaries: how many are planted, and who has used which. It never lists others."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from ringfence.cases.audit import append
from ringfence.cases.by_evidence import cases_with_evidence
from ringfence.cases.moments import now
from ringfence.errors import SettingsError
from ringfence.leaks.overview import CanaryCounts, count_canaries
from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.dashboard.pages.questions_part import ask as ask_question

_CASES: Final = 100
_CANARY_TEST: Final = "canary"


def show(page: DashboardRequest) -> Response:
    """Answer with the numbers of the list, the cases, and the last answer of this person."""
    return _show(page)


def ask(page: DashboardRequest) -> Response:
    """Begin to look for used canaries. The audit log has who has asked."""
    if problem := ask_question(page, "canaries", {}, {}):
        return _show(page, problem)
    with page.writing() as connection:
        append(connection, "canaries", {"author": page.reviewer.name}, now())
    return page.go("/leaks/canaries")


def _show(page: DashboardRequest, problem: str = "") -> Response:
    counts, fault = _counts(page.office.settings.canaries.file)
    with page.reading() as connection:
        cases = cases_with_evidence(connection, _CANARY_TEST, _CASES)
    question = page.office.questions.last("canaries", page.reviewer.name)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    return page.page(
        "canaries", status, counts=counts, fault=fault, cases=cases, question=question,
        problem=problem,
    )  # fmt: skip


def _counts(path: str) -> tuple[CanaryCounts | None, str]:
    """Return the numbers of the list, or why it cannot be read, without its place."""
    if not path:
        return None, ""
    try:
        return count_canaries(path), ""
    except SettingsError as error:
        return None, error.what
