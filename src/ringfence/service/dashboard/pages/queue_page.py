"""The queue of cases, with filters."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from sqlalchemy import Row
from starlette.responses import Response

from ringfence.cases.listing import WAITING, count_cases, list_cases
from ringfence.model.case_status import CaseState
from ringfence.pseudonym_key import name_in_use
from ringfence.service.dashboard.page_request import DashboardRequest

PAGE_LENGTH: Final = 50
"""Cases on a page of the queue."""

_EVERY: Final[tuple[CaseState, ...]] = (
    "open", "appealed", "decided", "dismissed", "allowed", "closed",
)  # fmt: skip
_STATES: Final[Mapping[str, Sequence[CaseState]]] = {
    "waiting": WAITING,
    **{state: (state,) for state in _EVERY},
    "all": _EVERY,
}
_KINDS: Final = ("account", "ring")
_VERDICTS: Final = ("extracting", "suspect")


def show(page: DashboardRequest) -> Response:
    """Answer with the queue."""
    return page.page("queue", **_values(page))


def show_part(page: DashboardRequest) -> Response:
    """Answer with the rows alone; with nothing if they are as the page has them."""
    values = _values(page)
    if values["digest"] == page.fields.one("seen"):
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return page.page("queue_rows", **values)


def _values(page: DashboardRequest) -> dict[str, Any]:
    chosen = _chosen(page)
    account = chosen["account"]
    key = page.office.settings.privacy.pseudonym_key
    with page.reading() as connection:
        rows = list_cases(
            connection,
            _STATES[chosen["state"]],
            account=name_in_use(account, key) if account else None,
            kind=chosen["kind"],
            verdict=chosen["verdict"],
            limit=PAGE_LENGTH + 1,
            after=_after(page.fields.one("after")),
        )
        counts = count_cases(connection)
    shown = rows[:PAGE_LENGTH]
    looks = page.office.sessions.looks(page.reviewer.name, [row.id for row in shown])
    asked = {name: value for name, value in chosen.items() if value}
    if after := page.fields.one("after"):
        asked["after"] = after
    return {
        "rows": shown,
        "looks": looks,
        "counts": counts,
        "waiting": sum(counts.get(state, 0) for state in WAITING),
        "chosen": chosen,
        "states": tuple(_STATES),
        "query": urlencode(asked),
        "next": _next(rows, chosen),
        "digest": _digest(shown, looks, counts),
    }


def _chosen(page: DashboardRequest) -> dict[str, str]:
    """Return the filters. Words that are none are left out."""
    state, kind, verdict = (page.fields.one(name) for name in ("state", "kind", "verdict"))
    return {
        "state": state if state in _STATES else "waiting",
        "kind": kind if kind in _KINDS else "",
        "verdict": verdict if verdict in _VERDICTS else "",
        "account": page.fields.one("account"),
    }


def _after(text: str) -> tuple[int, int] | None:
    """Return the place after which a page begins; None for the first page."""
    changed, _, number = text.partition("-")
    if all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (changed, number)):
        return int(changed), int(number)
    return None


def _next(rows: Sequence[Row[Any]], chosen: Mapping[str, str]) -> str:
    """Return the address of the next page; empty on the last one."""
    if len(rows) <= PAGE_LENGTH:
        return ""
    last = rows[PAGE_LENGTH - 1]
    asked = {name: value for name, value in chosen.items() if value}
    return "/cases?" + urlencode({**asked, "after": f"{last.changed}-{last.id}"})


def _digest(rows: Sequence[Row[Any]], *others: object) -> str:
    text = repr(([tuple(row) for row in rows], *others))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
