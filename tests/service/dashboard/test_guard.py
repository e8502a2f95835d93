"""Nobody sees or changes anything without a session, a role and the text of the form."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.routing import Route
from tests.cases.findings import finding
from tests.service.dashboard.desk import Desk, desk, fields_of, send

from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.application import ingest_application
from ringfence.service.reviewers import remove_reviewer
from ringfence.settings import Settings

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")
OPEN = {
    "/login", "/login/openid", "/login/openid/return", "/login/openid/leave",
    "/static/{name:str}", "/healthz", "/readyz",
    "/openapi.json",
}  # fmt: skip
"""What anybody may ask for: the login, three files, two probes, and the description."""

VALUES = {
    "{leak:str}": "x", "{pack:str}": "x", "{case:int}": "1", "{grant:int}": "1",
    "{question:int}": "1", "{act:str}": "decide",
}  # fmt: skip


def path_of(route: Route) -> str:
    """Return a path that leads to a route."""
    path = route.path
    for place, value in VALUES.items():
        path = path.replace(place, value)
    assert "{" not in path
    return path


def routes(opened: Desk) -> list[Route]:
    """Return all routes of the whole application that are not open to everybody."""
    application = ingest_application(opened.folder, opened.office.settings)
    found = [one for one in application.routes if isinstance(one, Route)]
    assert {one.path for one in found} > OPEN
    assert len(found) == len(application.routes)
    return [one for one in found if one.path not in OPEN]


def test_every_route_denies_without_a_session(tmp_path: Path) -> None:
    """Each path, with each method, redirects to the login or refuses, and says nothing else."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        every = routes(opened)
        opened.application.router.routes[:] = every
        browser = opened.browser()
        for route in every:
            paths = [one for one in every if one.path == route.path]
            known = {method for one in paths for method in one.methods or ()}
            for method in METHODS:
                answer = browser.request(method, path_of(route))
                expected = {401, 303} if method in known else {405}
                assert answer.status_code in expected, (method, route.path)
                assert "ann" not in answer.text
                if answer.status_code == 303:
                    assert answer.headers["location"].startswith("/login?next=")
    assert len(every) > 15


def test_every_page_has_the_headers_that_protect_it(tmp_path: Path) -> None:
    """Pages, refusals, files and the login forbid inline script, frames and copies in caches."""
    with desk(tmp_path) as opened:
        browser = opened.log_in("Mia", "admin")
        for path in ("/", "/cases", "/cases/7", "/login", "/static/page.js", "/settings"):
            headers = browser.get(path).headers
            policy = headers["content-security-policy"]
            assert "unsafe" not in policy
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["x-frame-options"] == "DENY"
            assert headers["x-content-type-options"] == "nosniff"
            assert ("no-store" in headers["cache-control"]) == (path != "/static/page.js")
            assert "strict-transport-security" not in headers


def test_a_form_of_another_session_changes_nothing(tmp_path: Path) -> None:
    """Without its own CSRF token, and from another site, no form is taken."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia, leo = opened.log_in("Mia"), opened.log_in("Leo")
        theirs = fields_of(mia.get("/cases/1").text)
        data = {"version": "1", "reason": "a library", "csrf": theirs["csrf"]}
        for wrong in ({**data, "csrf": ""}, {**data, "csrf": "é"}, data):
            assert leo.post("/cases/1/dismiss", data=wrong).status_code == 403
        site = {"Sec-Fetch-Site": "cross-site"}
        assert mia.post("/cases/1/dismiss", data=data, headers=site).status_code == 403
        assert "dismissed" not in mia.get("/parts/cases?state=all").text
        assert mia.post("/cases/1/dismiss", data=data).status_code == 303


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{}", "application/json", 415),
        (b"a=%ff", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 2_000, "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * 300_000, "application/x-www-form-urlencoded", 413),
    ],
    ids=["json", "no text", "many fields", "large"],
)
def test_a_body_that_is_no_form_is_refused(
    tmp_path: Path, content: bytes, kind: str, status: int
) -> None:
    """JSON, bytes that are not UTF-8, thousands of fields and large bodies change nothing."""
    with desk(tmp_path) as opened:
        browser = opened.log_in("Mia")
        answer = browser.post("/grants", content=content, headers={"Content-Type": kind})
        assert answer.status_code == status


def test_a_role_permits_what_it_says(tmp_path: Path) -> None:
    """A viewer changes nothing, and only an admin sees the settings."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        people = {
            role: opened.log_in(role, role)  # type: ignore[arg-type] # each is a role
            for role in ("viewer", "reviewer", "admin")
        }
        csrf = {role: fields_of(one.get("/cases/1").text) for role, one in people.items()}
        settings = {role: one.get("/settings").status_code for role, one in people.items()}
        assert settings == {"viewer": 403, "reviewer": 403, "admin": 200}
        for path in ("/cases/1/dismiss", "/grants", "/grants/1/end", "/outbox/resend"):
            data = {**csrf["viewer"], "reason": "x", "version": "1"}
            assert people["viewer"].post(path, data=data).status_code == 403
        assert "/cases/1/dismiss" not in people["viewer"].get("/cases/1").text
        assert send(people["reviewer"], "/cases/1", "dismiss", reason="x").status_code == 303


def test_a_person_who_is_removed_is_out_at_once(tmp_path: Path) -> None:
    """The session ends with the reviewer, and does not come back with a new one of that name."""
    with desk(tmp_path) as opened:
        browser = opened.log_in("Mia")
        cookie = browser.cookies["ringfence"]
        remove_reviewer(opened.folder, "Mia")
        assert browser.get("/cases").status_code == 303
        again = opened.log_in("Mia", "admin")
        assert again.get("/cases").status_code == 200
        again.cookies.set("ringfence", cookie)
        again.cookies.delete("ringfence", domain="test.local")
        assert browser.get("/cases").status_code == 303


def test_polls_without_a_session_lead_to_the_login(tmp_path: Path) -> None:
    """A page that renews itself is told where to go."""
    with desk(tmp_path) as opened:
        answer = opened.browser().get("/parts/cases", headers={"HX-Request": "true"})
        assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


def test_a_failure_is_told_without_its_details(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the program is an error page that names no file and no account."""
    with desk(tmp_path) as opened:
        browser = opened.log_in("Mia")

        def fail(*_: object) -> None:
            raise ValueError("secret detail")

        monkeypatch.setattr("ringfence.service.dashboard.pages.queue_page.list_cases", fail)
        answer = browser.get("/cases")
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "content-security-policy" in answer.headers


def test_the_pages_are_part_of_the_service(tmp_path: Path) -> None:
    """The application that takes events serves the first page at the root."""
    application = ingest_application(
        ServiceFolder(tmp_path / "live"), Settings(service={"free_disk_mb": 0})
    )
    assert {"/", "/api/v1/events"} <= {one.path for one in application.routes}  # type: ignore[attr-defined]
