"""The page of the outbox: deliveries to connected systems, and dead letters."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ringfence import enforcement
from ringfence.cases.moments import now
from ringfence.enforcement.connected import state_sinks
from ringfence.enforcement.departed import departed_sinks
from ringfence.errors import CasesError
from ringfence.service.dashboard.page_request import DashboardRequest

_STATES: Final = ("dead", "waiting", "done")
_ROWS: Final = 200


def show(page: DashboardRequest) -> Response:
    """Answer with the deliveries, the dead letters first."""
    return _show(page)


def change(page: DashboardRequest) -> Response:
    """Send a dead letter again, or write that the change was made by hand.

    Raises:
        HTTPException: it is neither of the two, or no effect is named.
    """
    act, effect = page.request.path_params["act"], page.fields.number("effect")
    if act not in {"resend", "settle"} or effect is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    sink = page.fields.one("sink")
    try:
        with page.writing() as connection:
            if act == "resend":
                enforcement.resend(connection, effect, sink, page.act())
            else:
                enforcement.settle(connection, effect, sink, page.act())
    except CasesError as error:
        return _show(page, error.what)
    return page.go("/outbox?done=" + act)


def _show(page: DashboardRequest, problem: str = "") -> Response:
    state = page.fields.one("state")
    chosen = state if state in _STATES else ""
    connected = page.office.settings.enforcement.names
    with page.reading() as connection:
        dead = enforcement.deliveries(connection, "dead", _ROWS)
        rows = enforcement.deliveries(connection, chosen, _ROWS)
        states = state_sinks(page.office.settings.enforcement)
        lifts = enforcement.harder_holds(connection, states)
        departed = list(departed_sinks(connection, connected, now()))
    status = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
    done = page.fields.one("done") if page.request.method != "POST" else ""
    return page.page(
        "outbox", status, rows=rows, dead=dead, lifts=lifts, departed=departed, chosen=chosen,
        connected=connected, problem=problem, done=done,
    )  # fmt: skip
