"""People log in at a real provider."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from tests.service.dashboard.desk import Desk, desk, fields_of
from tests.service.openid.providers import log_in_really, real_provider, register, service

from ringfence.service.reviewers import (
    ReviewerRole,
    disable_reviewer,
    enable_reviewer,
    read_reviewers,
)

pytestmark = pytest.mark.skipif(
    find_spec("oidc_provider_mock") is None, reason="oidc-provider-mock is not installed"
)

PEOPLE = (
    {"sub": "m", "email": "mia@example.org", "email_verified": True, "groups": ["x", "desk"]},
    {"sub": "c", "email": "cleo@example.org", "groups": ["staff", "chiefs"]},
    {"sub": "v", "email": "vic@example.org", "groups": "staff"},
    {"sub": "n", "email": "nobody@example.org", "groups": ["guests"]},
    {"sub": "g", "email": "gone@example.org"},
)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Run the provider."""
    with real_provider(*PEOPLE) as address:
        yield address


@pytest.fixture
def opened(tmp_path: Path, issuer: str) -> Iterator[Desk]:
    """Give a service that is a client of the provider."""
    client = register(issuer)
    secret = tmp_path / "secret"
    secret.write_text(client["client_secret"] + "\n")
    chosen = {"client_id": client["client_id"], "client_secret_file": str(secret)}
    with desk(tmp_path, service=service(issuer, **chosen)) as one:
        yield one


def test_a_wrong_secret_lets_nobody_in(tmp_path: Path, issuer: str) -> None:
    """The provider refuses the code of a client that cannot show the secret."""
    secret = tmp_path / "secret"
    secret.write_text("wrong")
    chosen = {"client_id": register(issuer)["client_id"], "client_secret_file": str(secret)}
    with desk(tmp_path, service=service(issuer, **chosen)) as opened:
        assert log_in_really(opened.browser(), "m").status_code == 503
        assert read_reviewers(opened.folder) == ()


def test_a_person_logs_in_works_and_logs_out(opened: Desk, issuer: str) -> None:
    """The session is as with a password: a name, a role, the text of forms, and an end."""
    browser = opened.browser()
    answer = log_in_really(browser, "m", "/cases?state=all")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cases?state=all")
    cookies = {one.split("=")[0]: one for one in answer.headers.get_list("set-cookie")}
    assert all(word in cookies["ringfence"] for word in ("HttpOnly", "SameSite=lax", "Path=/"))
    assert "Max-Age=0" in cookies["ringfence-openid"]
    page = browser.get("/cases")
    assert "mia@example.org" in page.text
    assert browser.get("/settings").status_code == 403
    left = browser.post("/logout", data=fields_of(page.text))
    assert left.status_code == 303
    assert browser.get("/").status_code == 303
    # The session at the provider goes on, so the page leads to the logout there.
    assert 'href="/login/openid/leave"' in browser.get(left.headers["location"]).text
    address = browser.get("/login/openid/leave").headers["location"]
    assert address.startswith(f"{issuer}/oauth2/end_session?client_id=")
    assert "End session" in httpx.get(address).text


@pytest.mark.parametrize(("subject", "role"), [("v", "viewer"), ("m", "reviewer"), ("c", "admin")])
def test_groups_give_the_role_that_permits_most(
    opened: Desk, subject: str, role: ReviewerRole
) -> None:
    """Other groups count for nothing, and one group may be a text instead of a list."""
    assert log_in_really(opened.browser(), subject).status_code == 303
    assert [one.role for one in read_reviewers(opened.folder)] == [role]


@pytest.mark.parametrize("subject", ["n", "g"])
def test_nobody_gets_in_without_a_role(opened: Desk, subject: str) -> None:
    """A person in no known group, or without the claim, is told so and is not stored."""
    browser = opened.browser()
    answer = log_in_really(browser, subject)
    assert answer.status_code == 403
    assert "You have no role here." in answer.text
    assert browser.get("/").status_code == 303
    assert read_reviewers(opened.folder) == ()


def test_a_disabled_person_is_out_at_once_and_stays_out(opened: Desk) -> None:
    """The session ends, no new one begins, and a person who is enabled has to log in again."""
    browser = opened.browser()
    log_in_really(browser, "m")
    disable_reviewer(opened.folder, "mia@example.org")
    assert browser.get("/").status_code == 303
    answer = log_in_really(opened.browser(), "m")
    assert (answer.status_code, "You may not log in." in answer.text) == (403, True)
    enable_reviewer(opened.folder, "mia@example.org", "2026-11-29T10:00:00Z")
    assert browser.get("/").status_code == 303
    assert log_in_really(browser, "m").status_code == 303
    assert browser.get("/").status_code == 200


def test_the_answer_of_the_provider_counts_once_and_in_one_browser(opened: Desk) -> None:
    """A thief who sees the address to which a person is sent back cannot use it."""
    browser, thief = opened.browser(), opened.browser()
    begun = browser.get("/login/openid")
    back = httpx.post(begun.headers["location"], data={"sub": "m"}).headers["location"]
    path = f"{urlsplit(back).path}?{urlsplit(back).query}"
    thief.get("/login/openid")
    assert thief.get(path).status_code == 403
    cookie = browser.cookies["ringfence-openid"]
    assert browser.get(path).status_code == 303
    browser.cookies.set("ringfence-openid", cookie, domain="test.local", path="/")
    again = browser.get(path)
    assert (again.status_code, "The login took too long" in again.text) == (403, True)


def test_a_person_who_refuses_at_the_provider_is_told(opened: Desk) -> None:
    """The login page says that the provider has not logged the person in, in clear words."""
    browser = opened.browser()
    begun = browser.get("/login/openid")
    state = dict(parse_qsl(urlsplit(begun.headers["location"]).query))["state"]
    denied = httpx.post(begun.headers["location"], data={"action": "deny"})
    told = dict(parse_qsl(urlsplit(denied.headers["location"]).query))
    assert told["error"] == "access_denied"
    answer = browser.get("/login/openid/return", params={**told, "state": state})
    assert answer.status_code == 403
    assert "The provider has not logged you in." in answer.text


def test_a_wrong_code_is_refused(opened: Desk) -> None:
    """A code that the provider never gave begins no session."""
    browser = opened.browser()
    begun = browser.get("/login/openid")
    state = dict(parse_qsl(urlsplit(begun.headers["location"]).query))["state"]
    answer = browser.get("/login/openid/return", params={"code": "guessed", "state": state})
    assert answer.status_code == 503
    assert browser.get("/").status_code == 303
