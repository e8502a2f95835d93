"""People log in with a password, and are slowed down if they guess."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.service.dashboard.desk import PASSWORD, add_person, desk, log_in

from ringfence.service.reviewers.sessions import IDLE_SECONDS


def test_a_right_password_begins_a_session(tmp_path: Path) -> None:
    """The cookie is for this site only, and no script can read it."""
    with desk(tmp_path) as opened:
        add_person(opened.folder, "Mia")
        browser = opened.browser()
        answer = log_in(browser, "Mia")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = next(
            one for one in answer.headers.get_list("set-cookie") if one.startswith("ringfence=")
        )
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        assert "Domain" not in cookie
        assert browser.get("/").status_code == 200


def test_behind_tls_the_cookie_is_sent_by_tls_only(tmp_path: Path) -> None:
    """With an address that begins with https, the cookie is bound to host and TLS."""
    with desk(tmp_path, service={"public_url": "https://test"}) as opened:
        add_person(opened.folder, "Mia")
        browser = opened.browser()
        browser.client.base_url = "https://test"  # type: ignore[assignment] # httpx takes texts
        answer = log_in(browser, "Mia")
        cookie = next(
            one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-")
        )
        assert "Secure" in cookie
        assert "strict-transport-security" in browser.get("/").headers


@pytest.mark.parametrize(("name", "password"), [("Mia", "wrong"), ("Nobody", PASSWORD), ("", "")])
def test_a_wrong_name_or_password_is_refused_alike(
    tmp_path: Path, name: str, password: str
) -> None:
    """The answer does not say which of the two was wrong."""
    with desk(tmp_path) as opened:
        add_person(opened.folder, "Mia")
        browser = opened.browser()
        answer = log_in(browser, name, password)
        assert answer.status_code == 401
        assert "Name or password is wrong." in answer.text
        assert browser.get("/").status_code == 303


def test_guessing_is_slowed_down(tmp_path: Path) -> None:
    """After five wrong passwords one must wait, even with the right one."""
    with desk(tmp_path) as opened:
        add_person(opened.folder, "Mia")
        browser = opened.browser()
        assert [log_in(browser, "Mia", "wrong").status_code for _ in range(6)] == [401] * 5 + [429]
        late = log_in(browser, "Mia")
        assert (late.status_code, browser.get("/").status_code) == (429, 303)
        assert int(late.headers["retry-after"]) >= 1


def test_another_site_cannot_log_somebody_in(tmp_path: Path) -> None:
    """The form of the login has a text that the browser has in a cookie too."""
    with desk(tmp_path) as opened:
        add_person(opened.folder, "Mia")
        browser = opened.browser()
        data = {"name": "Mia", "password": PASSWORD, "form": "x"}
        assert browser.post("/login", data=data).status_code == 403
        browser.get("/login")
        assert browser.post("/login", data=data).status_code == 403


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        ("/cases/3", "/cases/3"),
        ("/cases?state=all&account=a%2Fb", "/cases?state=all&account=a%2Fb"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/x:y", "/"),
        ("/a\nSet-Cookie: x", "/"),
    ],
)
def test_the_login_leads_to_a_page_of_the_service(
    tmp_path: Path, wanted: str, location: str
) -> None:
    """It leads to the page that was asked for, and never to another site."""
    with desk(tmp_path) as opened:
        add_person(opened.folder, "Mia")
        assert log_in(opened.browser(), "Mia", next=wanted).headers["location"] == location


def test_log_out_ends_the_session(tmp_path: Path) -> None:
    """The cookie is worth nothing afterwards, also for somebody who has copied it."""
    with desk(tmp_path) as opened:
        browser = opened.log_in("Mia")
        cookie = browser.cookies["ringfence"]
        csrf = browser.get("/").text.split('name="csrf" value="')[1].split('"')[0]
        assert browser.post("/logout", data={"csrf": csrf}).status_code == 303
        thief = opened.browser()
        thief.cookies.set("ringfence", cookie)
        assert thief.get("/").status_code == 303


def test_polls_do_not_keep_somebody_logged_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two hours without a person the session is over, although its page renews itself."""
    with desk(tmp_path) as opened:
        browser = opened.log_in("Mia")
        sessions = opened.office.sessions
        begin = sessions._clock()  # noqa: SLF001 - the clock of the test
        poll = {"HX-Request": "true"}
        for part in (0.6, 0.9):
            monkeypatch.setattr(sessions, "_clock", lambda at=part: begin + at * IDLE_SECONDS)
            assert browser.get("/parts/now", headers=poll).status_code == 200
        monkeypatch.setattr(sessions, "_clock", lambda: begin + 1.01 * IDLE_SECONDS)
        assert browser.get("/parts/now", headers=poll).status_code == 401


def test_without_people_the_login_says_how_to_add_one(tmp_path: Path) -> None:
    """The first thing that an operator sees names the command."""
    with desk(tmp_path) as opened:
        assert "ringfence reviewer add" in opened.browser().get("/login").text


def test_the_language_is_chosen_by_the_browser_or_the_person(tmp_path: Path) -> None:
    """A French browser gets French pages, until the person chooses English."""
    with desk(tmp_path) as opened:
        browser = opened.log_in("Mia", **{"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"})
        page = browser.get("/").text
        assert '<html lang="fr">' in page
        csrf = page.split('name="csrf" value="')[1].split('"')[0]
        data = {"csrf": csrf, "language": "en", "next": "/cases"}
        assert browser.post("/language", data=data).headers["location"] == "/cases"
        assert '<html lang="en">' in browser.get("/cases").text
