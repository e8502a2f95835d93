"""The guard of every page: a session, a role, and for every change the text of the form."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ringfence.errors import RingfenceError
from ringfence.service.dashboard.forms import FormFields, read_form, read_query
from ringfence.service.dashboard.office import Office
from ringfence.service.dashboard.page_request import DashboardRequest, PageAnswer, language_of
from ringfence.service.dashboard.rendering import render
from ringfence.service.dashboard.safe_headers import add_safe_headers
from ringfence.service.reviewers import Reviewer, ReviewerRole, Session, read_reviewers

LOGIN_PATH: Final = "/login"
"""Where people log in."""

_FOR_PROGRAMS: Final = ("/api/", "/v1/", "/metrics", "/healthz", "/readyz", "/.well-known/")
"""Beginnings of paths that no person opens."""

_LOGGER: Final = logging.getLogger("ringfence.service.dashboard")
_SAME_SITE: Final = frozenset({"", "same-origin", "none"})


@dataclass(frozen=True)
class PageRoute:
    """A page, or a change that a page can make.

    Attributes:
        path: as Starlette writes it.
        method: the only one that is answered. GET includes HEAD.
        answer: what answers a person who may do this.
        role: that the person needs at least.
    """

    path: str
    method: str
    answer: PageAnswer
    role: ReviewerRole = "viewer"


def session_cookie(office: Office) -> str:
    """Return the name of the cookie. Browsers bind ``__Host-`` to this host and to TLS."""
    return "__Host-ringfence" if office.is_secure else "ringfence"


def page_route(route: PageRoute, office: Office) -> Route:
    """Return the route of a page, behind its guard."""

    async def guarded(request: Request) -> Response:
        found = await office.run(_find, request, office)
        if found is None:
            return _log_in_first(request)
        reviewer, session = found
        if not reviewer.may(route.role):
            raise HTTPException(HTTPStatus.FORBIDDEN, "needs another role")
        fields = read_query(request) if route.method == "GET" else await read_form(request)
        if route.method != "GET":
            check_same_site(request)
            _check_csrf(fields, session)
        page = DashboardRequest(request, office, reviewer, session, fields)
        return await office.run(route.answer, page)

    return Route(route.path, shielded(guarded, office), methods=[route.method])


def shielded(
    answer: Callable[[Request], Awaitable[Response]], office: Office
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that adds the safe headers, and turns every error into a page."""

    async def endpoint(request: Request) -> Response:
        try:
            response = await answer(request)
        except HTTPException as error:
            response = _error_page(request, error.status_code, error.detail)
        except RingfenceError as error:
            _LOGGER.warning("%s: %s", request.url.path, error)
            response = _error_page(request, HTTPStatus.SERVICE_UNAVAILABLE, error.what)
        except Exception:
            # Its details go to the service's own log.
            _LOGGER.exception("%s failed", request.url.path)
            response = _error_page(request, HTTPStatus.INTERNAL_SERVER_ERROR, "")
        return add_safe_headers(response, secure=office.is_secure)

    return endpoint


def page_of_error(request: Request, status: int, office: Office) -> Response | None:
    """Return the page of an error for a browser; None for a program, which wants JSON.

    Args:
        request: to an address that no page has.
        status: of the answer.
        office: the objects that all pages share.
    """
    if "text/html" not in request.headers.get("accept", "") or request.url.path.startswith(
        _FOR_PROGRAMS
    ):
        return None
    return add_safe_headers(_error_page(request, status, ""), secure=office.is_secure)


def check_same_site(request: Request) -> None:
    """Refuse a change that another site has sent.

    Raises:
        HTTPException: the browser says that another site has sent it.
    """
    if request.headers.get("sec-fetch-site", "") not in _SAME_SITE:
        raise HTTPException(HTTPStatus.FORBIDDEN, "sent by another site")


def _find(request: Request, office: Office) -> tuple[Reviewer, Session] | None:
    """Return who is logged in; None if nobody is, or the person was removed or changed since."""
    secret = request.cookies.get(session_cookie(office), "")
    counts = "hx-request" not in request.headers
    session = office.sessions.find(secret, counts=counts)
    if session is None:
        return None
    for reviewer in read_reviewers(office.folder):
        is_same = reviewer.name == session.name and reviewer.stamp == session.stamp
        if is_same and _may_log_in(reviewer, office):
            return reviewer, session
    return None


def _may_log_in(reviewer: Reviewer, office: Office) -> bool:
    """Return whether a person is not disabled, nor of a provider that the settings do not name."""
    return not reviewer.disabled and reviewer.issuer in {"", office.settings.service.openid.issuer}


def _log_in_first(request: Request) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": LOGIN_PATH})
    if request.method not in {"GET", "HEAD"}:
        return _error_page(request, HTTPStatus.UNAUTHORIZED, "")
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{LOGIN_PATH}?next={quote(wanted, safe='')}", HTTPStatus.SEE_OTHER)


def _check_csrf(fields: FormFields, session: Session) -> None:
    if not hmac.compare_digest(fields.one("csrf").encode(), session.csrf.encode()):
        raise HTTPException(HTTPStatus.FORBIDDEN, "form of another session")


def _error_page(request: Request, status: int, detail: str) -> Response:
    text = render(language_of(request), "error", status=int(status), detail=detail)
    return HTMLResponse(text, int(status))
