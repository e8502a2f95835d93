"""Log in, log out, and choose the language."""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ringfence.service.dashboard.client_address import client_address
from ringfence.service.dashboard.forms import read_form, read_query
from ringfence.service.dashboard.guard import LOGIN_PATH, check_same_site, session_cookie
from ringfence.service.dashboard.languages import PAGE_LANGUAGES
from ringfence.service.dashboard.office import Office
from ringfence.service.dashboard.page_request import LANGUAGE_COOKIE, DashboardRequest, language_of
from ringfence.service.dashboard.rendering import render
from ringfence.service.openid import LEAVE_PATH, OPENID_PATH
from ringfence.service.reviewers import Reviewer, check_password, read_reviewers
from ringfence.service.reviewers.sessions import SESSION_SECONDS
from ringfence.stats.seconds import DAY, HOUR

_FORM_COOKIE: Final = "ringfence-login"
"""A random text that the form of the login repeats, so that no other site can send it."""

_LARGEST_LOGIN: Final = 16_384
"""Bytes of the form. Anybody can send one, and many people can at once."""

_CHECKS_AT_ONCE: Final = 1
_MOST_WAITING: Final = 16
_YEAR: Final = 365 * DAY
_OWN_PATH: Final = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9_/-]*)?(?:\?[A-Za-z0-9_=&%.+-]*)?")


class LoginPage:
    """The page on which people log in.

    Args:
        office: the objects that all pages share.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        # A check of a password takes 64 MB and a core, beside the events that come in.
        self._checks = asyncio.Semaphore(_CHECKS_AT_ONCE)
        self._waiting = 0

    async def show(self, request: Request) -> Response:
        """Answer with the form."""
        query = read_query(request)
        has_left = query.one("left") == "yes" and self._office.openid is not None
        return self.show_form(request, query.one("next"), problem="left" if has_left else "")

    async def log_in(self, request: Request) -> Response:
        """Check name and password, and begin a session."""
        fields = await read_form(request, _LARGEST_LOGIN)
        check_same_site(request)
        known, sent = request.cookies.get(_FORM_COOKIE, ""), fields.one("form")
        wanted = fields.one("next")
        if not known or not hmac.compare_digest(known.encode(), sent.encode()):
            return self.show_form(request, wanted, HTTPStatus.FORBIDDEN, "expired")
        name, address = fields.one("name"), client_address(request)
        throttle = self._office.throttle
        if (seconds := throttle.wait(name, address)) > 0:
            answer = self.show_form(request, wanted, HTTPStatus.TOO_MANY_REQUESTS, "wait", seconds)
            answer.headers["Retry-After"] = str(int(seconds) + 1)
            return answer
        # Counted before the check, so that many guesses at once are no way around it.
        throttle.failed(name, address)
        reviewer = await self._checked(name, dict(fields.pairs).get("password", ""))
        if reviewer is None:
            return self.show_form(request, wanted, HTTPStatus.UNAUTHORIZED, "wrong")
        throttle.succeeded(name, address)
        return await self.begin_session(reviewer, wanted)

    async def begin_session(self, reviewer: Reviewer, wanted: str) -> Response:
        """Log somebody in, and lead to a page of the service.

        Args:
            reviewer: who has shown who he or she is.
            wanted: the path of the page. For anything else, it is the first page.
        """
        secret = await self._office.run(self._office.sessions.begin, reviewer)
        answer = RedirectResponse(own_path(wanted), HTTPStatus.SEE_OTHER)
        self._set(answer, session_cookie(self._office), secret, SESSION_SECONDS, "lax")
        answer.delete_cookie(_FORM_COOKIE, path=LOGIN_PATH)
        return answer

    async def _checked(self, name: str, password: str) -> Reviewer | None:
        """Return who has this name and password, or None.

        Raises:
            HTTPException: too many people log in at once.
        """
        if self._waiting >= _MOST_WAITING:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE)
        self._waiting += 1
        try:
            async with self._checks:
                return await self._office.run(self._check, name, password)
        finally:
            self._waiting -= 1

    def _check(self, name: str, password: str) -> Reviewer | None:
        found = next((one for one in read_reviewers(self._office.folder) if one.name == name), None)
        usable = found.password_hash if found and not found.disabled else None
        is_right = check_password(password, usable)
        return found if is_right else None

    def show_form(
        self,
        request: Request,
        wanted: str,
        status: int = HTTPStatus.OK,
        problem: str = "",
        seconds: float = 0,
    ) -> Response:
        """Answer with the form.

        Args:
            request: for the page.
            wanted: the path of the page that is shown after the login.
            status: of the answer.
            problem: why somebody could not log in, or that somebody has logged out; empty if nobody
                has tried.
            seconds: to wait before the next attempt.
        """
        text = request.cookies.get(_FORM_COOKIE) or secrets.token_urlsafe(24)
        people, openid = read_reviewers(self._office.folder), self._office.settings.service.openid
        page = render(
            language_of(request), "login", form=text, next=own_path(wanted), problem=problem,
            seconds=int(seconds) + 1, nobody=not (people or openid.issuer), path=request.url.path,
            openid=openid.title if openid.issuer else "", login_path=LOGIN_PATH,
            openid_path=OPENID_PATH, leave_path=LEAVE_PATH,
            passwords=not openid.issuer or any(one.password_hash for one in people),
        )  # fmt: skip
        answer = HTMLResponse(page, status)
        answer.set_cookie(
            _FORM_COOKIE, text, max_age=HOUR, path=LOGIN_PATH, httponly=True, samesite="strict",
            secure=self._office.is_secure,
        )  # fmt: skip
        return answer

    def _set(self, answer: Response, name: str, value: str, seconds: int, same_site: str) -> None:
        answer.set_cookie(
            name, value, max_age=seconds, path="/", httponly=True, secure=self._office.is_secure,
            samesite=same_site,  # type: ignore[arg-type] # one of its words
        )  # fmt: skip


def log_out(page: DashboardRequest) -> Response:
    """End the session."""
    page.office.sessions.end(page.session)
    answer = page.go(f"{LOGIN_PATH}?left=yes")
    answer.delete_cookie(
        session_cookie(page.office), path="/", secure=page.office.is_secure, httponly=True
    )
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def choose_language(page: DashboardRequest) -> Response:
    """Remember the language in the browser.

    Raises:
        HTTPException: there is no such language.
    """
    chosen = page.fields.one("language")
    if chosen not in PAGE_LANGUAGES:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    answer = page.go(own_path(page.fields.one("next")))
    answer.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=_YEAR, path="/", httponly=True, samesite="lax",
        secure=page.office.is_secure,
    )  # fmt: skip
    return answer


def own_path(wanted: str) -> str:
    """Return the path of a page of this service; that of the first page for anything else."""
    return wanted if len(wanted) < 500 and _OWN_PATH.fullmatch(wanted) else "/"
