"""A dashboard in the test's own process, with people and cases."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from starlette.applications import Starlette

from ringfence.cases import CaseStore, record
from ringfence.cases.moments import now
from ringfence.model.finding import Finding
from ringfence.service.dashboard import Office, dashboard_routes
from ringfence.service.files import ServiceFolder
from ringfence.service.reviewers import (
    Reviewer,
    ReviewerRole,
    add_reviewer,
)
from ringfence.settings import Settings

PASSWORD = "correct horse battery"  # noqa: S105 - of a test
"""The password of everybody."""

_FIELD = re.compile('name="(csrf|form|version)" value="([^"]*)"')


@cache
def password_hash() -> str:
    """Return a hash of the password that is checked in no time."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def add_person(folder: ServiceFolder, name: str, role: ReviewerRole = "reviewer") -> None:
    """Add a person who can log in."""
    add_reviewer(folder, Reviewer(name, role, password_hash(), "2026-11-29T09:00:00Z"))


class Browser:
    """A browser with its cookies, which follows no redirection by itself."""

    def __init__(self, application: Starlette, runner: asyncio.Runner, **headers: str) -> None:
        self._runner = runner
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(application), base_url="http://test", headers=headers
        )

    @property
    def cookies(self) -> httpx.Cookies:
        """The cookies of all sites."""
        return self.client.cookies

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - of httpx
        """Ask for a path."""
        return self._runner.run(self.client.request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - of httpx
        """Ask for a page."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - of httpx
        """Send a form."""
        return self.request("POST", path, **options)


class Desk:
    """An application with its folder, in which people can log in."""

    def __init__(self, root: Path, settings: Settings) -> None:
        self.folder = ServiceFolder(root)
        self.folder.create()
        self.runner = asyncio.Runner()
        self.office = Office(self.folder, settings)
        self.application = Starlette(routes=dashboard_routes(self.office))

    @property
    def store(self) -> CaseStore:
        """The case store of the pages."""
        return self.office.store

    def find(self, *findings: Finding) -> None:
        """Record what a scan has found."""
        with self.store.writing() as connection:
            record(connection, findings, now(), "report")

    def browser(self, **headers: str) -> Browser:
        """Return a browser in which nobody is logged in."""
        return Browser(self.application, self.runner, **headers)

    def close(self) -> None:
        """Close the office and the loop."""
        self.office.close()
        self.runner.close()

    def log_in(self, name: str, role: ReviewerRole = "reviewer", **headers: str) -> Browser:
        """Add a person, and return a browser in which he or she is logged in."""
        add_person(self.folder, name, role)
        browser = self.browser(**headers)
        answer = log_in(browser, name)
        assert answer.status_code == 303, answer.text
        return browser


def log_in(browser: Browser, name: str, password: str = PASSWORD, **fields: str) -> httpx.Response:
    """Send the form of the login."""
    form = fields_of(browser.get("/login").text)["form"]
    data = {"form": form, "name": name, "password": password, **fields}
    return browser.post("/login", data=data)


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of the forms on a page."""
    return dict(_FIELD.findall(page))


def send(browser: Browser, path: str, act: str = "", **fields: str) -> httpx.Response:
    """Open a page, and send one of its forms as a browser would."""
    hidden = fields_of(browser.get(path).text)
    target = f"{path}/{act}" if act else path
    return browser.post(target, data={**hidden, **fields})


@contextmanager
def desk(root: Path, **settings: Any) -> Iterator[Desk]:  # noqa: ANN401 - any setting
    """Give a desk whose decisions have effect."""
    chosen = {
        "policy": {"mode": "enforce", "ground": "5.2"},
        "statements": {"service": "Example Music", "contact": "help@example.org"},
        **settings,
    }
    opened = Desk(root / "live", Settings(**chosen))
    try:
        yield opened
    finally:
        opened.close()
