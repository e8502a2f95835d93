"""A reviewer reads a case and acts on it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cases.findings import finding, ring
from tests.service.dashboard.desk import Desk, desk, fields_of, send

from ringfence.cases.listing import describe_case
from ringfence.cases.moments import now
from ringfence.cases.proposals import propose_to_reviewer
from ringfence.model.details import AccountDetails
from ringfence.model.evidence import Evidence

HOSTILE = ('<script>alert("x")</script>', "\"><img src=x onerror='alert(1)'>", "{{ 7 * 7 }}\u202e")


def case(opened: Desk, number: int = 1) -> dict[str, Any]:
    """Return a case as the store has it."""
    with opened.store.reading() as connection:
        return describe_case(connection, number)


@pytest.mark.slow
def test_a_case_from_finding_to_reinstatement(tmp_path: Path) -> None:
    """Decide, appeal, answer by another person, decide again and reinstate: all is in the store."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia, leo = opened.log_in("Mia"), opened.log_in("Leo")
        page = mia.get("/cases/1").text
        assert "Took 900 items on its busiest day." in page
        done = send(mia, "/cases/1", "decide", action="suspend", reason="4,000 items", days="30")
        assert done.headers["location"] == "/cases/1?done=decide"
        assert "The decision is recorded." in mia.get("/cases/1?done=decide").text
        assert send(mia, "/cases/1", "appeal", statement="I am\na library").status_code == 303
        own = send(mia, "/cases/1", "answer", outcome="upheld", answer="No.")
        assert own.status_code == 422
        assert "cannot answer the appeal" in own.text
        assert send(leo, "/cases/1", "answer", outcome="upheld", answer="No.").status_code == 303
        assert send(leo, "/cases/1", "reinstate", reason="a contract").status_code == 303
        told = case(opened)
    decision = told["decisions"][0]
    assert (told["state"], decision["author"], decision["ended_by"]) == ("closed", "Mia", "Leo")
    assert (decision["action"], decision["ground"], decision["shadow"]) == ("suspend", "5.2", False)
    assert decision["appeals"][0]["statement"] == "I am\na library"
    assert decision["appeals"][0]["answered_by"] == "Leo"


def test_members_of_a_ring_are_released_and_appeal(tmp_path: Path) -> None:
    """One account of a ring is released, another appeals; spaces in names are kept."""
    with desk(tmp_path) as opened:
        opened.find(ring("ann ", "bob", "cy"))
        mia, leo = opened.log_in("Mia"), opened.log_in("Leo")
        assert send(mia, "/cases/1", "decide", action="throttle", reason="r").status_code == 303
        assert send(mia, "/cases/1", "release", account="ann ", reason="r").status_code == 303
        again = send(mia, "/cases/1", "release", account="ann ", reason="r")
        assert again.status_code == 422
        assert send(mia, "/cases/1", "appeal", account="bob", statement="s").status_code == 303
        answer = {"account": "bob", "outcome": "overturned", "answer": "yes"}
        assert send(leo, "/cases/1", "answer", **answer).status_code == 303
        decision = case(opened)["decisions"][0]
    assert [one["account"] for one in decision["releases"]] == ["ann ", "bob"]
    assert decision["ended"] is None


def test_a_case_that_has_changed_is_not_decided(tmp_path: Path) -> None:
    """A person with an old page is told so, sees the case as it is, and keeps the text."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia, leo = opened.log_in("Mia"), opened.log_in("Leo")
        old = fields_of(leo.get("/cases/1").text)
        assert send(mia, "/cases/1", "decide", action="observe", reason="wait").status_code == 303
        data = {**old, "act": "decide", "action": "suspend", "reason": "my <long> text"}
        late = leo.post("/cases/1/decide", data=data)
        assert late.status_code == 409
        assert "the case has changed since you opened it" in late.text
        assert "my &lt;long&gt; text" in late.text
        assert fields_of(late.text)["version"] == "2"
        assert leo.post("/cases/1/decide", data={**data, "version": ""}).status_code == 409
        assert [one["action"] for one in case(opened)["decisions"]] == ["observe"]


def test_an_open_page_is_told_of_a_change(tmp_path: Path) -> None:
    """The page asks whether the case has changed, and shows it only if it has."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia, leo = opened.log_in("Mia"), opened.log_in("Leo")
        mia.get("/cases/1")
        assert mia.get("/parts/cases/1?version=1").status_code == 204
        send(leo, "/cases/1", "dismiss", reason="r")
        assert "This case has changed." in mia.get("/parts/cases/1?version=1").text
        assert "changed since you last looked" in mia.get("/cases/1").text
        assert "changed since you last looked" not in mia.get("/cases/1").text


@pytest.mark.parametrize(
    ("act", "fields", "said"),
    [
        ("decide", {"action": "suspend"}, "a decision needs a reason"),
        ("decide", {"action": "delete", "reason": "r"}, "no action is chosen"),
        ("decide", {"action": "observe", "reason": "r", "days": "0"}, "number of days"),
        ("dismiss", {"reason": "  "}, "a reason is needed"),
        ("reinstate", {"reason": "r"}, "is open"),
        ("answer", {"answer": "a"}, "no outcome is chosen"),
    ],
)
def test_a_wrong_form_is_explained(
    tmp_path: Path, act: str, fields: dict[str, str], said: str
) -> None:
    """The page says what is missing or impossible, and nothing is done."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        answer = send(opened.log_in("Mia"), "/cases/1", act, **fields)
        assert answer.status_code == 422
        assert said in html.unescape(answer.text)
        assert case(opened)["version"] == 1


@pytest.mark.parametrize("path", ["/cases/9", f"/cases/{10**30}", "/parts/cases/9"])
def test_a_case_that_does_not_exist_is_not_found(tmp_path: Path, path: str) -> None:
    """A number that no case has, or that no database can have, is a page that says so."""
    with desk(tmp_path) as opened:
        assert opened.log_in("Mia").get(path).status_code == 404


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_hostile_names_are_text(tmp_path: Path, name: str, language: str) -> None:
    """Whatever an account, a client or an evidence sentence contains, no page has it as markup."""
    with desk(tmp_path, report={"account_url": "https://admin.example/{account}"}) as opened:
        evidence = (Evidence("volume", 1.0, 1.0, 0.001, name),)
        opened.find(finding(name, clients=(name,), evidence=evidence), ring(name, "b", name="r"))
        mia = opened.log_in("Mia", "admin", **{"Accept-Language": language})
        send(mia, "/cases/1", "decide", action="suspend", reason=name, ground=name)
        send(mia, "/cases/1", "appeal", statement=name)
        send(mia, "/grants", account="x" + name, reason=name, contact=name, until="2999-01-01")
        pages = (
            "/", "/cases", "/cases/1", "/cases/2", "/grants", "/outbox", "/audit", "/settings",
            "/trace", "/policy", "/people",
            "/accounts?search=a", "/parts/now", "/parts/cases", "/accounts?search=" + name,
            "/accounts?name=" + name, "/cases?account=" + name,
        )  # fmt: skip
        for path in pages:
            text = mia.get(path.replace("&", "%26").replace("#", "%23")).text
            own = re.sub(r'<script src="/static/[a-z.]+" defer></script>', "", text)
            assert not re.search(r"<script|<img|\u202e|\bstyle=|\bon\w+=[\"']?alert", own), path
            assert "49" not in re.findall(r"<bdi[^>]*>(.*?)</bdi>", text)


def test_the_letter_is_there_to_copy(tmp_path: Path) -> None:
    """The statement of reasons about a decision with effect is shown in both languages."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia = opened.log_in("Mia")
        assert "Letter" not in mia.get("/cases/1").text
        send(mia, "/cases/1", "decide", action="suspend", reason="4,000 items in a day")
        page = mia.get("/cases/1").text
        assert len(re.findall('<textarea class="letter"', page)) == 2
        assert "Example Music" in page


def test_the_audit_says_who_was_logged_in(tmp_path: Path) -> None:
    """A decision on a page has the name of the person, who cannot choose another one."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia = opened.log_in("Mia")
        send(mia, "/cases/1", "decide", action="suspend", reason="r", author="Leo")
        page = mia.get("/audit?verify=1").text
        assert "dashboard: Mia" in page
        assert "The audit log is intact." in page
        assert "Leo" not in page


def test_the_days_that_the_policy_proposes_are_in_the_form(tmp_path: Path) -> None:
    """Half a day is a whole one; a person who empties the field keeps it empty."""
    proposed = {"version": 1, "action": "suspend", "reason": "r", "ground": "5.2", "rule": 1,
                "why": "w"}  # fmt: skip
    with desk(tmp_path) as opened:
        opened.find(finding("ann"), finding("bob"))
        mia = opened.log_in("Mia")
        with opened.store.writing() as connection:
            for number, days in ((1, 30.0), (2, 0.5)):
                propose_to_reviewer(connection, number, {**proposed, "days": days}, now())
        field = 'name="days" type="number" min="1" max="3650" inputmode="numeric" value="{}"'
        page = mia.get("/cases/1").text
        assert field.format(30) in page
        assert "The policy proposes 30 days." in page
        assert field.format(1) in mia.get("/cases/2").text
        form = {**fields_of(page), "act": "decide", "action": "none", "reason": "r", "days": ""}
        refused = mia.post("/cases/1/decide", data=form)
        assert field.format("") in refused.text


def test_a_date_of_the_accounts_table_has_no_time(tmp_path: Path) -> None:
    """A time keeps its clock, as an element that the browser writes in its zone."""
    when = datetime(2025, 5, 1, tzinfo=UTC)
    with desk(tmp_path) as opened:
        for name, created in (("ann", when), ("bob", when.replace(hour=7))):
            opened.find(finding(name, details=AccountDetails(created=created)))
        mia = opened.log_in("Mia")
        assert '<time datetime="2025-05-01">2025-05-01</time>' in mia.get("/cases/1").text
        page = mia.get("/cases/2").text
    assert '<time datetime="2025-05-01T07:00:00Z">2025-05-01 07:00 UTC</time>' in page
    assert "Times are UTC." in page


def test_evidence_is_in_the_language_of_the_page(tmp_path: Path) -> None:
    """A sentence that has no translation is marked as English for screen readers."""
    known = "Took 900 new items within one hour. The typical user's busiest hour has 20."
    sentences = (known, "A test of our own found this.")
    with desk(tmp_path) as opened:
        evidence = tuple(Evidence("speed", 900.0, 20.0, 0.001, one) for one in sentences)
        opened.find(finding("ann", evidence=evidence))
        page = opened.log_in("Mia", "admin", **{"Accept-Language": "fr"}).get("/cases/1").text
        english = opened.log_in("Leo").get("/cases/1").text
    assert '<p lang="fr">En une heure, il a pris 900 nouveaux éléments. ' in page
    assert '<p lang="en">A test of our own found this.</p>' in page
    assert known in html.unescape(english)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The login may be stolen. Its owner has done nothing wrong."),
        ("fr", "Son titulaire n’a rien fait de mal."),
    ],
)
def test_a_stolen_login_is_no_accusation(tmp_path: Path, language: str, said: str) -> None:
    """The page says so in both languages, and says nothing of it in other cases."""
    stolen = replace(finding("ann"), may_be_stolen=True)
    with desk(tmp_path) as opened:
        opened.find(stolen)
        opened.find(finding("bob"))
        mia = opened.log_in("Mia")
        header = {"accept-language": language}
        assert said in html.unescape(mia.get("/cases/1", headers=header).text)
        assert said not in html.unescape(mia.get("/cases/2", headers=header).text)
