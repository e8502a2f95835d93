"""Parts of the pages that ask questions: the progress, and the button that stops."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.questions import Question, QuestionKind, RefusedQuestionError

PAGE_OF: Final[Mapping[QuestionKind, str]] = {
    "trace": "/trace",
    "replay": "/policy",
    "canaries": "/leaks/canaries",
}
"""The page that shows the answers to each kind of question."""

_LARGEST: Final = 2**53


def show_progress(page: DashboardRequest) -> Response:
    """Answer with the progress of a question; lead to its page when it has ended."""
    question = _asked(page)
    if question.is_open:
        return page.page("question_part", question=question)
    return Response(headers={"HX-Redirect": PAGE_OF[question.kind]})


def stop(page: DashboardRequest) -> Response:
    """Stop a question, and go back to its page."""
    question = _asked(page)
    page.office.questions.stop(question.number, page.reviewer.name)
    return page.go(PAGE_OF[question.kind])


def ask(
    page: DashboardRequest, kind: QuestionKind, asked: Mapping[str, str], task: Mapping[str, Any]
) -> str:
    """Ask a question, and return the reason if it is refused, else an empty text."""
    try:
        page.office.questions.ask(kind, page.reviewer.name, asked, task)
    except RefusedQuestionError as error:
        return error.what
    return ""


def _asked(page: DashboardRequest) -> Question:
    """Return the question of this person that the path names.

    Raises:
        HTTPException: there is no such one, or not any more.
    """
    number = int(page.request.path_params["question"])
    found = page.office.questions.find(min(number, _LARGEST), page.reviewer.name)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found
