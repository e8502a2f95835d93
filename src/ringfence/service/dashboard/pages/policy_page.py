"""The page of the policy: its rules in words, and its replay over past days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import ValidationError
from starlette.responses import Response

from ringfence.errors import SettingsError
from ringfence.policy.toml_text import policy_toml
from ringfence.policy.words import in_words
from ringfence.policy_settings import PolicySettings
from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.dashboard.pages.questions_part import ask as ask_question
from ringfence.settings import setting_names
from ringfence.settings_errors import refused_setting
from ringfence.toml_files import parse_toml

MOST_DAYS: Final = 90
"""Days that a person can have replayed at once. Each costs as much as a scan."""

_USUAL_DAYS: Final = 14
_LONGEST_TEXT: Final = 100_000


def show(page: DashboardRequest) -> Response:
    """Answer with the policy, and with the last replay of this person."""
    return _show(page, {})


def ask(page: DashboardRequest) -> Response:
    """Begin a replay."""
    asked = {name: page.fields.one(name) for name in ("days", "policy")}
    days = page.fields.number("days") or 0
    if not 1 <= days <= MOST_DAYS:
        return _show(page, asked, "days")
    try:
        other = _read(asked["policy"])
    except SettingsError as error:
        return _show(page, asked, str(error))
    task: dict[str, Any] = {"days": days}
    if other != page.office.settings.policy:
        task["policy"] = other.model_dump(mode="json")
    problem = ask_question(page, "replay", asked, task)
    return _show(page, asked, problem) if problem else page.go("/policy")


def _read(text: str) -> PolicySettings:
    """Return the policy in a settings file.

    Raises:
        SettingsError: it is none.
    """
    if len(text) > _LONGEST_TEXT:
        raise SettingsError("the text is too long")
    told = parse_toml(text, "")
    if set(told) != {"policy"}:
        raise SettingsError("the text has no [policy], or something else beside it")
    try:
        return PolicySettings.model_validate(told["policy"])
    except ValidationError as error:
        problem = error.errors()[0]
        within = {**problem, "loc": ("policy", *problem["loc"])}
        raise refused_setting(within, setting_names()) from error


def _show(page: DashboardRequest, typed: Mapping[str, str], problem: str = "") -> Response:
    policy = page.office.settings.policy
    question = page.office.questions.last("replay", page.reviewer.name)
    known = (
        question.asked if question else {"days": str(_USUAL_DAYS), "policy": policy_toml(policy)}
    )
    answer = question.answer if question and question.state == "answered" else {}
    return page.page(
        "policy",
        HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        sentences=list(in_words(policy)),
        question=question,
        answer=answer,
        days=_by_day(answer),
        typed=typed or known,
        problem=problem,
        most_days=MOST_DAYS,
    )


def _by_day(answer: Mapping[str, Any]) -> dict[str, dict[str, list[Any]]]:
    """Return what each policy would have done, by day and policy; newest day first."""
    found: dict[str, dict[str, list[Any]]] = {
        day: defaultdict(list) for day in reversed(answer.get("days", ()))
    }
    for hit in answer.get("hits", ()):
        found[hit["day"]][hit["policy"]].append(hit)
    return found
