"""The page of a case: its evidence, its decisions, and the forms for acting on it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from http import HTTPStatus
from math import ceil
from typing import Any, Final

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ringfence.cases.listing import WAITING, describe_case, list_cases
from ringfence.cases.moments import now
from ringfence.cases.moving import read_case
from ringfence.cases.outbox import held_accounts
from ringfence.cases.statements import statement
from ringfence.cases.states import MOVES
from ringfence.enforcement import harder_holds
from ringfence.enforcement.connected import state_sinks
from ringfence.errors import CasesError, RingfenceError
from ringfence.page_templates import page_url
from ringfence.service.dashboard.languages import PAGE_LANGUAGES
from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.files import ServiceFolder

_LARGEST_NUMBER: Final = 2**63 - 1
_NEIGHBOURS: Final = 500
_DONE: Final = frozenset({
    "decide", "dismiss", "reopen", "reinstate", "release", "appeal", "answer",
})  # fmt: skip


def case_number(page: DashboardRequest) -> int:
    """Return the number of the case in the path.

    Raises:
        HTTPException: no database can have this number.
    """
    number = int(page.request.path_params["case"])
    if number > _LARGEST_NUMBER:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return number


def show(page: DashboardRequest) -> Response:
    """Answer with the case."""
    done = page.fields.one("done")
    return show_case(page, done=done if done in _DONE else "")


def show_case(
    page: DashboardRequest,
    *,
    status: int = HTTPStatus.OK,
    done: str = "",
    problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Answer with the case as it is now.

    Args:
        page: who asks.
        status: of the answer.
        done: what was just done.
        problem: why something could not be done.
        typed: the texts of the form that could not be done.

    Raises:
        HTTPException: there is no such case.
    """
    number = case_number(page)
    with page.reading() as connection:
        described = _described(connection, number)
        values = {
            "case": described,
            "lifts": harder_holds(
                connection, state_sinks(page.office.settings.enforcement), number
            ),
            "held": _held(connection, described),
            "letters": list(_letters(page, connection, described)),
            **_neighbours(connection, number),
        }
    seen = page.office.sessions.look(page.reviewer.name, number, described["version"], now())
    decision = next((one for one in described["decisions"] if one["ended"] is None), None)
    appeals = [one for one in decision["appeals"] if one["answered"] is None] if decision else []
    return page.page(
        "case",
        status,
        done=done,
        problem=problem,
        typed=typed or {},
        seen=seen,
        decision=decision,
        appeals=appeals,
        possible=_possible(page, described, decision),
        proposed_days=_proposed_days(described),
        ground=page.office.settings.policy.ground,
        shadow=page.office.settings.policy.mode == "shadow",
        account_url=_account_url(page, described),
        charts=case_charts_of(page.office.folder, number),
        **values,
    )


def case_charts_of(folder: ServiceFolder, number: int) -> dict[str, Any]:
    """Return the charts that the last whole scan has drawn for a case; empty if it has none."""
    try:
        found = json.loads((folder.charts / f"{number}.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def show_news(page: DashboardRequest) -> Response:
    """Answer whether the case has changed since the page was made; with nothing if it has not."""
    number = case_number(page)
    with page.reading() as connection:
        try:
            version = read_case(connection, number).version
        except CasesError as error:
            raise HTTPException(HTTPStatus.NOT_FOUND) from error
    if version == page.fields.number("version"):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return page.page("case_news", number=number)


def _described(connection: Connection, number: int) -> dict[str, Any]:
    try:
        return describe_case(connection, number)
    except CasesError as error:
        raise HTTPException(HTTPStatus.NOT_FOUND, "there is no such case") from error


def _held(connection: Connection, case: Mapping[str, Any]) -> list[str]:
    """Return the accounts to which the decision in force applies now."""
    current = [one["id"] for one in case["decisions"] if one["ended"] is None]
    return list(held_accounts(connection, current[0])) if current else []


def _possible(
    page: DashboardRequest, case: Mapping[str, Any], decision: Mapping[str, Any] | None
) -> frozenset[str]:
    """Return the acts that this person can do now with the case."""
    if not page.reviewer.may("reviewer"):
        return frozenset()
    acts = {name for name, rule in MOVES.items() if case["state"] in rule.before}
    acts &= _DONE
    # An appeal needs a decision that had an effect.
    if decision is None or decision["shadow"] or decision["action"] == "observe":
        acts.discard("appeal")
    if case["kind"] != "ring" or decision is None or decision["shadow"]:
        acts.discard("release")
    if case["kind"] == "account" and case["state"] == "appealed":
        acts.discard("appeal")
    return frozenset(acts)


def _proposed_days(case: Mapping[str, Any]) -> int | None:
    """Return the days that the policy proposes, as whole days of at least one; None for no end."""
    days = (case["proposal"] or {}).get("days")
    return max(1, ceil(days)) if days else None


def _neighbours(connection: Connection, number: int) -> dict[str, int | None]:
    """Return the case before and the case after this one in the queue of those that wait."""
    waiting = [row.id for row in list_cases(connection, WAITING, limit=_NEIGHBOURS)]
    if number not in waiting:
        return {"previous": None, "following": waiting[0] if waiting else None}
    place = waiting.index(number)
    return {
        "previous": waiting[place - 1] if place else None,
        "following": waiting[place + 1] if place + 1 < len(waiting) else None,
    }


def _letters(
    page: DashboardRequest, connection: Connection, case: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the letters to account holders about the last decision, or why there is none."""
    decisions = case["decisions"]
    if not decisions or decisions[-1]["shadow"] or decisions[-1]["action"] == "observe":
        return
    own = page.office.settings.statements.language
    for language in sorted(PAGE_LANGUAGES, key=lambda one: one != own):
        try:
            letter = statement(connection, decisions[-1]["id"], language, page.office.settings)
            yield {**asdict(letter), "problem": ""}
        except RingfenceError as error:
            yield {"language": language, "text": "", "problem": str(error)}
            return


def _account_url(page: DashboardRequest, case: Mapping[str, Any]) -> str:
    """Return the page of the account in the operator's own tools; empty if there is none."""
    if case["kind"] != "account":
        return ""
    details = case["finding"].get("details") or {}
    known = str(details.get("url", ""))
    return known or page_url(page.office.settings.report.account_url, case["subject"])
