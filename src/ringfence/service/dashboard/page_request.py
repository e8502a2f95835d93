"""A request for a page by a person who is logged in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ringfence.cases import Act, Author
from ringfence.cases.audit import name_login
from ringfence.cases.moments import now
from ringfence.service.dashboard.forms import FormFields
from ringfence.service.dashboard.languages import wanted_language
from ringfence.service.dashboard.office import Office
from ringfence.service.dashboard.rendering import render
from ringfence.service.reviewers import Reviewer, Session
from ringfence.statement_settings import Language

LANGUAGE_COOKIE: Final = "ringfence-language"
"""The cookie with the language that a person has chosen."""


@dataclass(frozen=True)
class DashboardRequest:
    """A request for a page, of a person who may see it.

    Attributes:
        request: as the server has received it.
        office: the objects that all pages share.
        reviewer: who asks.
        session: in which browser.
        fields: of the form, or of the query of the address.
    """

    request: Request
    office: Office
    reviewer: Reviewer
    session: Session
    fields: FormFields

    def page(self, template: str, status: int = HTTPStatus.OK, **values: object) -> Response:
        """Return a page."""
        known = {"reviewer": self.reviewer, "csrf": self.session.csrf, "path": self.path}
        text = render(language_of(self.request), template, **known, **values)
        return HTMLResponse(text, status)

    @property
    def path(self) -> str:
        """The path of the page."""
        return self.request.url.path

    @property
    def language(self) -> Language:
        """The language of the page."""
        return language_of(self.request)

    def go(self, path: str) -> Response:
        """Return a redirection to another page, after a change."""
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)

    def act(self, version: int | None = None) -> Act:
        """Return the act of this person, now.

        Args:
            version: of the case that the page showed.
        """
        return Act(Author(self.reviewer.name), now(), version)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the case store.

        Raises:
            CasesError: the database fails.
        """
        with self.office.store.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that writes. The audit log has the name of the person who is logged in.

        Raises:
            CasesError: the database fails, or another writer holds it for 30 seconds.
        """
        with self.office.store.writing() as connection:
            name_login(connection, f"dashboard: {self.reviewer.name}")
            yield connection


PageAnswer = Callable[[DashboardRequest], Response]
"""A function that answers a request for a page. It runs in a thread and may wait."""


def language_of(request: Request) -> Language:
    """Return the language of a page."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return wanted_language(chosen, request.headers.get("accept-language", ""))
