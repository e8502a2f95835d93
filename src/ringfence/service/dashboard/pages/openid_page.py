"""Log in with OpenID Connect: send the browser to the provider, and take it back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ringfence.errors import SettingsError
from ringfence.service.dashboard.forms import read_query
from ringfence.service.dashboard.office import Office
from ringfence.service.dashboard.pages.login_page import LoginPage, own_path
from ringfence.service.openid import OpenIdIdentity, OpenIdLogin
from ringfence.service.openid.attempts import ATTEMPT_SECONDS
from ringfence.service.reviewers import RefusedLoginError, Reviewer, admit, known_subject

_LOGGER: Final = logging.getLogger("ringfence.service.dashboard")
_AT_ONCE: Final = 4
_MOST_WAITING: Final = 32


class OpenIdPage:
    """The addresses of a login with OpenID Connect. Without a provider, there is no page.

    Args:
        office: the objects that all pages share.
        login: the page that shows why somebody cannot log in.
    """

    def __init__(self, office: Office, login: LoginPage) -> None:
        self._office = office
        self._login = login
        # Anybody can begin a login. A flood of them must not become one against the provider.
        self._asking = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider."""
        openid = self._provider()
        wanted = own_path(read_query(request).one("next"))
        try:
            async with self._turn():
                attempt, address = await openid.begin(wanted)
        except RefusedLoginError as error:
            return self._refuse(request, wanted, error)
        answer = RedirectResponse(address, HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            self._cookie, attempt.browser, max_age=ATTEMPT_SECONDS, path="/", httponly=True,
            secure=self._office.is_secure, samesite="lax",
        )  # fmt: skip
        return answer

    async def come_back(self, request: Request) -> Response:
        """Check whom the provider has sent back, and begin a session."""
        openid, answer = self._provider(), dict(read_query(request).pairs)
        wanted = "/"
        try:
            browser = request.cookies.get(self._cookie, "")
            attempt = openid.returned(answer.get("state", ""), browser)
            wanted = attempt.wanted
            async with self._turn():
                identity = await openid.finish(attempt, answer)
            reviewer = await self._office.run(self._admit, identity)
        except RefusedLoginError as error:
            return self._refuse(request, wanted, error)
        response = await self._login.begin_session(reviewer, wanted)
        self._forget(response)
        return response

    async def leave(self, request: Request) -> Response:
        """Send the browser to the page of the provider on which a person logs out there."""
        openid = self._provider()
        try:
            async with self._turn():
                address = await openid.logout_url()
        except RefusedLoginError as error:
            return self._refuse(request, "/", error, "a logout at the provider failed")
        if not address:
            return self._login.show_form(request, "/", problem="openid stays")
        return RedirectResponse(address, HTTPStatus.SEE_OTHER)

    def _admit(self, identity: OpenIdIdentity) -> Reviewer:
        folder = self._office.folder
        if identity.role is None:
            # Somebody who had a role until now loses the sessions that are open.
            known = known_subject(folder, identity.issuer, identity.subject)
            if known is not None:
                self._office.sessions.end_all(known.name)
            raise RefusedLoginError("role", f"{identity.name!r} has no role")
        moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        try:
            person = Reviewer(
                identity.name, identity.role, "", moment, identity.issuer, identity.subject
            )
        except SettingsError as error:
            raise RefusedLoginError("name", error.what) from error
        return admit(folder, person)

    def _refuse(
        self,
        request: Request,
        wanted: str,
        error: RefusedLoginError,
        what: str = "nobody logs in with OpenID Connect",
    ) -> Response:
        _LOGGER.warning("%s: %s", what, error)
        failed = error.why == "failed"
        status = HTTPStatus.SERVICE_UNAVAILABLE if failed else HTTPStatus.FORBIDDEN
        response = self._login.show_form(request, wanted, status, f"openid {error.why}")
        self._forget(response)
        return response

    def _provider(self) -> OpenIdLogin:
        if self._office.openid is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return self._office.openid

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= _MOST_WAITING:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE)
        self._waiting += 1
        try:
            async with self._asking:
                yield
        finally:
            self._waiting -= 1

    @property
    def _cookie(self) -> str:
        return "__Host-ringfence-openid" if self._office.is_secure else "ringfence-openid"

    def _forget(self, response: Response) -> None:
        response.delete_cookie(
            self._cookie, path="/", secure=self._office.is_secure, httponly=True, samesite="lax"
        )
