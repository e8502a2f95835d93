"""The queue, several cases at once, grants, the outbox, accounts, and how the service is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.cases.findings import finding, ring
from tests.service.dashboard.desk import Desk, desk, fields_of, send

from ringfence import enforcement
from ringfence.cases.listing import count_cases
from ringfence.enforcement import Effect, SinkError
from ringfence.service.dashboard.pages.queue_page import PAGE_LENGTH
from ringfence.service.files import write_status
from ringfence.service.tokens import add_token, new_token


def shown(page: str) -> list[int]:
    """Return the numbers of the cases on a page of the queue."""
    return [int(number) for number in re.findall('<tr id="row-([0-9]+)"', page)]


def test_the_queue_has_filters(tmp_path: Path) -> None:
    """Cases are found by state, kind, verdict and account; words that are none show what waits."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"), finding("bob", verdict="suspect"), ring("ann", "cy"))
        mia = opened.log_in("Mia")
        send(mia, "/cases/2", "dismiss", reason="r")
        asked = {
            "": [3, 1], "state=dismissed": [2], "state=all": [2, 3, 1], "kind=ring": [3],
            "verdict=suspect&state=all": [2], "account=ann": [3, 1], "account=none": [],
            "state=x&kind=y&verdict=z&after=1-x": [3, 1],
        }  # fmt: skip
        assert {query: shown(mia.get(f"/cases?{query}").text) for query in asked} == asked


def test_the_queue_has_pages(tmp_path: Path) -> None:
    """The second page goes on where the first one ends."""
    with desk(tmp_path) as opened:
        opened.find(*(finding(f"a{number}") for number in range(PAGE_LENGTH + 3)))
        mia = opened.log_in("Mia")
        first = mia.get("/cases?kind=account").text
        address = re.search(r'href="(/cases\?[^"]*after=[^"]*)"', first)
        assert address is not None
        second = mia.get(address[1].replace("&amp;", "&")).text
        assert len(shown(first)) == PAGE_LENGTH
        assert len(shown(second)) == 3
        assert set(shown(first)).isdisjoint(shown(second))
        assert "kind=account" in address[1]


def test_a_new_case_appears_on_an_open_page(tmp_path: Path) -> None:
    """The part of the queue that renews itself says nothing until something has changed."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia = opened.log_in("Mia")
        poll = re.search('hx-get="([^"]*)"', mia.get("/cases").text)
        assert poll is not None
        address = poll[1].replace("&amp;", "&")
        assert mia.get(address).status_code == 204
        opened.find(finding("bob"))
        assert shown(mia.get(address).text) == [2, 1]


def chosen(page: str) -> list[str]:
    """Return the values of the boxes of the queue."""
    return re.findall('name="case" value="([^"]*)"', page)


def states(opened: Desk) -> dict[str, int]:
    """Return the number of cases in each state."""
    with opened.store.reading() as connection:
        return dict(count_cases(connection))


@pytest.mark.parametrize(("act", "state"), [("dismiss", "dismissed"), ("observe", "decided")])
def test_several_cases_are_asked_about_twice(tmp_path: Path, act: str, state: str) -> None:
    """The first form changes nothing; the second one needs a reason and a word that one is sure."""
    with desk(tmp_path) as opened:
        opened.find(*(finding(name) for name in ("ann", "bob", "cy")))
        mia, leo = opened.log_in("Mia"), opened.log_in("Leo")
        page = mia.get("/cases").text
        data = {"csrf": fields_of(page)["csrf"], "act": act, "case": chosen(page)}
        question = mia.post("/bulk/ask", data=data)
        assert "I have looked at each of these cases." in question.text
        assert chosen(question.text) == chosen(page)
        for missing in ({"reason": "r"}, {"sure": "yes"}):
            assert mia.post("/bulk/do", data={**data, **missing}).status_code == 200
        assert states(opened) == {"open": 3}
        send(leo, "/cases/2", "decide", action="throttle", reason="r")
        done = mia.post("/bulk/do", data={**data, "reason": "r", "sure": "yes"})
        assert "has changed since the page was made" in done.text
        expected = {"dismissed": 2, "decided": 1} if act == "dismiss" else {"decided": 3}
        assert states(opened) == expected
        assert state in expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "suspend", "case": "1-1"},
        {"act": "dismiss", "case": "1"},
        {"act": "dismiss", "case": [f"{number}-1" for number in range(PAGE_LENGTH + 1)]},
    ],
    ids=["suspend", "no version", "too many"],
)
def test_what_the_queue_does_not_offer_is_refused(
    tmp_path: Path, wrong: dict[str, str | list[str]]
) -> None:
    """Many accounts are never suspended by one form."""
    with desk(tmp_path) as opened:
        mia = opened.log_in("Mia")
        csrf = fields_of(mia.get("/cases").text)["csrf"]
        data = {**wrong, "csrf": csrf, "reason": "r", "sure": "yes"}
        for path in ("/bulk/ask", "/bulk/do"):
            assert mia.post(path, data=data).status_code == 400


def test_a_grant_is_added_and_ended(tmp_path: Path) -> None:
    """A wrong form is explained and keeps what was typed; a right one allows the case."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia = opened.log_in("Mia")
        form = {"account": "ann", "reason": "text mining", "contact": "bo@example.org"}
        wrong = send(mia, "/grants", **form, until="tomorrow")
        assert wrong.status_code == 422
        assert 'value="text mining"' in wrong.text
        assert send(mia, "/grants", **form, until="2999-06-30", budget="x").status_code == 422
        added = send(mia, "/grants", **form, until="2999-06-30", budget="5000", items="tr-* x")
        assert added.headers["location"] == "/grants?done=add"
        page = mia.get("/grants").text
        assert "2999-06-30" in page
        assert "tr-* x" in page
        assert states(opened) == {"allowed": 1}
        csrf = fields_of(page)["csrf"]
        assert mia.post("/grants/1/end", data={"csrf": csrf, "reason": "over"}).status_code == 303
        assert mia.post("/grants/1/end", data={"csrf": csrf, "reason": "over"}).status_code == 422
        assert mia.post(f"/grants/{10**20}/end", data={"csrf": csrf}).status_code == 404


class Refusing:
    """A sink that refuses everything."""

    name = "forum"

    def apply(self, effect: Effect) -> None:
        """Refuse it for good."""
        raise SinkError(f"404 <b>no such user</b> ({effect.number})", retry=False)


def test_dead_letters_are_sent_again_or_settled(tmp_path: Path) -> None:
    """A dead letter is listed with its error, is sent again, and is settled by hand."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia = opened.log_in("Mia")
        send(mia, "/cases/1", "decide", action="suspend", reason="r")
        enforcement.deliver(opened.store, (Refusing(),))
        page = mia.get("/outbox").text
        assert "404 &lt;b&gt;no such user&lt;/b&gt;" in page
        data = {"csrf": fields_of(page)["csrf"], "effect": "1", "sink": "forum"}
        assert mia.post("/outbox/resend", data=data).status_code == 303
        assert mia.post("/outbox/resend", data=data).status_code == 409
        enforcement.deliver(opened.store, (Refusing(),))
        assert mia.post("/outbox/settle", data=data).status_code == 303
        assert mia.post("/outbox/drop", data=data).status_code == 404
        assert mia.post("/outbox/settle", data={**data, "effect": ""}).status_code == 404


def test_accounts_are_searched(tmp_path: Path) -> None:
    """A part of a name finds accounts; signs of a pattern stand for themselves."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann_1"), ring("annX1", "50%", "bob"))
        mia = opened.log_in("Mia")
        found = {
            part: re.findall(r"\?name=([^\"&]*)\"", mia.get(f"/accounts?search={part}").text)
            for part in ("nn", "n_1", "0%25", "zz")
        }
        assert found == {"nn": ["annX1", "ann_1"], "n_1": ["ann_1"], "0%25": ["50%25"], "zz": []}
        send(mia, "/cases/1", "decide", action="throttle", reason="r")
        assert "In force now: throttle" in mia.get("/accounts?name=ann_1").text


def test_the_audit_says_what_was_altered(tmp_path: Path) -> None:
    """A row that was changed past the program is named; a hash that is none is refused."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia = opened.log_in("Mia")
        assert "A hash has 64" in mia.get("/audit?verify=1&head=12").text
        missing = mia.get(f"/audit?verify=1&head={'0' * 64}").text
        assert "NOT intact" in missing
        with opened.store.writing() as connection:
            connection.exec_driver_sql("UPDATE audit SET event = 'other' WHERE number = 1")
        assert "row 1 was altered" in mia.get("/audit?verify=1").text


def test_the_first_page_says_how_the_service_is(tmp_path: Path) -> None:
    """It has the numbers of the processes, names problems, and a process that is silent."""
    with desk(tmp_path) as opened:
        mia = opened.log_in("Mia")
        write_status(opened.folder, "ingest", {"running": True, "events": 12_345, "problems": []})
        write_status(
            opened.folder, "judge",
            {"events": 9, "free_bytes": 5e9, "error": "", "last_scan": {"error": "no <b>disk"}},
        )  # fmt: skip
        page = mia.get("/parts/now").text
        assert "12,345" in page
        assert "5.0" in page
        assert "no &lt;b&gt;disk" in page
        lights = re.findall(
            '<th scope="row">([a-z]+)</th>.*?class="light ([a-z]+)"', page, re.DOTALL
        )
        assert lights == [("ingest", "good"), ("judge", "bad"), ("authorize", "bad")]


@pytest.mark.slow
@pytest.mark.parametrize("told", [b"", b"[]", b"{broken", json.dumps({"last_scan": None}).encode()])
def test_a_damaged_status_is_no_failure(tmp_path: Path, told: bytes) -> None:
    """Whatever is in the files of the status, the first page opens."""
    with desk(tmp_path) as opened:
        mia = opened.log_in("Mia")
        for name in ("ingest", "judge", "authorize"):
            (opened.folder.status / f"{name}.json").write_bytes(told)
        assert mia.get("/").status_code == 200


def test_the_report_of_the_last_scan_opens(tmp_path: Path) -> None:
    """It is served to people who are logged in, and may run no script."""
    with desk(tmp_path) as opened:
        mia = opened.log_in("Mia")
        assert mia.get("/report").status_code == 404
        opened.folder.report.mkdir()
        (opened.folder.report / "report.html").write_text("<p>The report")
        answer = mia.get("/report")
        assert answer.text == "<p>The report"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "script-src" not in answer.headers["content-security-policy"]


def test_the_first_page_says_what_is_at_risk_and_which_systems_work(tmp_path: Path) -> None:
    """It has the coverage of open cases, each followed source, and each connected system."""
    sinks = [{"name": "proxy", "type": "nginx", "file": str(tmp_path / "map"), "reload": []}]
    service = {"files": [{"path": "/var/log/x.log"}], "catalogue": "items.csv"}
    with desk(tmp_path, service=service, enforcement={"sinks": sinks}) as opened:
        mia = opened.log_in("Mia")
        at_risk = {"accounts": 480, "items": 9, "catalogue": 0.0312, "use": 0.25}
        told = {"last_scan": {"at_risk": at_risk}, "sinks": [{"sink": "proxy", "error": "<i>"}]}
        write_status(opened.folder, "judge", told)
        source = {"name": "/var/log/x.log", "format": "combined", "behind": 7, "lines": 1_234,
                  "last_event": 0.0, "error": "", "seconds_behind": 90.0}  # fmt: skip
        write_status(opened.folder, "tailer", {"lagging": [source["name"]], "sources": [source]})
        page = mia.get("/").text
        for text in (
            "3.1\u202f%",
            "25\u202f% of all use",
            "480 accounts",
            "1,234",
            ">lags<",
            "&lt;i&gt;",
        ):
            assert text in page, text
        write_status(opened.folder, "judge", {"last_scan": {"at_risk": {"accounts": 1}}})
        assert mia.get("/").status_code == 200


def test_a_case_has_the_charts_of_the_last_scan(tmp_path: Path) -> None:
    """They stand in the page as they were drawn. A damaged file leaves the page without them."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"), ring("bob", "cy"))
        mia = opened.log_in("Mia", **{"Accept-Language": "fr"})
        assert "<svg" not in mia.get("/cases/1").text
        opened.folder.charts.mkdir()
        drawn = {"over_time": "<svg>own</svg>", "step": "day", "compared_with": "<b>"}
        weeks = [["2026-03-09", "<svg>first</svg>"], ["2026-03-16", "<svg>second</svg>"]]
        for number, charts in ((1, drawn), (2, {"weeks": weeks})):
            (opened.folder.charts / f"{number}.json").write_text(json.dumps(charts))
        account, group = (mia.get(f"/cases/{number}").text for number in (1, 2))
        assert "<svg>own</svg>" in account
        assert "Une barre par jour." in account
        assert group.index("first</svg>") < group.index("second</svg>")
        assert "jusqu’au 2026-03-16" in group
        (opened.folder.charts / "1.json").write_text("{broken")
        assert mia.get("/cases/1").status_code == 200


def test_people_and_tokens_are_listed_without_secrets(tmp_path: Path) -> None:
    """An admin sees who may log in, and when each token was used last."""
    with desk(tmp_path) as opened:
        mia, leo = opened.log_in("Mia", "admin"), opened.log_in("Leo")
        for name in ("web", "unused"):
            token, text = new_token(name, ("ingest",), "2026-11-29T09:00:00Z")
            add_token(opened.folder, token)
            if name != "unused":
                told = {"tokens": {token.id: 1_764_400_000.0}}
                write_status(opened.folder, "ingest", told)
        page = mia.get("/people").text
        for shown_text in ("Mia", "Leo", "reviewer", "web", "2025-11-29", ">never<"):
            assert shown_text in page, shown_text
        for secret in (text, token.digest, "argon2", token.id):
            assert secret not in page
        write_status(opened.folder, "ingest", {"tokens": ["damaged"]})
        assert mia.get("/people").status_code == 200
        assert leo.get("/people").status_code == 403
        assert 'href="/people"' not in leo.get("/").text


def test_settings_hide_passwords(tmp_path: Path) -> None:
    """The address of a store is shown without the user and the password."""
    with desk(tmp_path) as opened:
        cases = opened.office.settings.cases.model_copy(
            update={"url": "postgresql://me:secret@db/cases?password=other"}
        )
        mia = opened.log_in("Mia", "admin")
        opened.office.settings = opened.office.settings.model_copy(update={"cases": cases})
        page = mia.get("/settings").text
        assert "postgresql://db/cases" in page
        assert "secret" not in page
        assert "other" not in page


def test_the_first_page_counts_all_ways_in_and_names_sources_that_fail(tmp_path: Path) -> None:
    """Followed lines count as received, and what a fold could not read counts as unreadable."""
    service = {"files": [{"path": "/var/log/x.log"}]}
    with desk(tmp_path, service=service) as opened:
        mia = opened.log_in("Mia")
        write_status(opened.folder, "ingest", {"running": True, "events": 40, "quarantined": 2})
        write_status(opened.folder, "judge", {"input": {"unreadable": 38}})
        source = {"name": "/var/log/x.log", "error": "no column <x>", "format": "", "lines": 0,
                  "behind": 0, "seconds_behind": 0.0, "last_event": 0.0}  # fmt: skip
        write_status(opened.folder, "tailer", {"lines": 79_000, "sources": [source]})
        page = mia.get("/parts/now").text
    assert "79,040 <small>40 by HTTP, 79,000 from files and Kafka" in page
    assert "40 <small>38 of them after they were accepted" in page
    assert "/var/log/x.log: no column &lt;x&gt;" in page


def test_decisions_without_effect_are_told_when_the_policy_is_enforced(tmp_path: Path) -> None:
    """A person's decision of shadow mode is named on the first page, the queue and the case."""
    with desk(tmp_path, policy={"mode": "shadow"}) as opened:
        opened.find(finding("ann"), finding("bob"))
        mia = opened.log_in("Mia")
        send(mia, "/cases/1", "decide", action="suspend", reason="r")
        send(mia, "/cases/2", "decide", action="observe", reason="r")
        assert "Decide again" not in mia.get("/cases/1").text + mia.get("/").text
    with desk(tmp_path) as opened:
        leo = opened.log_in("Leo")
        assert "have no effect: 1. Decide again." in leo.get("/").text
        page = leo.get("/cases/1").text
        assert "Decide again to give it effect." in page
        assert 'class="state decided shadow"' in page
        assert 'class="state decided shadow"' in leo.get("/cases?state=decided").text
        assert "no end" in page
        send(leo, "/cases/1", "decide", action="suspend", reason="r", days="30")
        assert "Decide again" not in leo.get("/cases/1").text + leo.get("/").text


def test_the_outbox_without_a_sink_does_not_deny_the_gateways(tmp_path: Path) -> None:
    """A gateway that enforces is not a sink, and the page says so."""
    with desk(tmp_path) as opened:
        page = opened.log_in("Mia").get("/outbox").text
    assert "Gateways that ask this service enforce decisions without it." in page


def test_the_audit_shows_values_as_words_and_no_case_twice(tmp_path: Path) -> None:
    """Truth values are yes and no."""
    with desk(tmp_path) as opened:
        opened.find(finding("ann"))
        mia = opened.log_in("Mia")
        send(mia, "/cases/1", "decide", action="suspend", reason="r")
        page = mia.get("/audit").text
    assert "<b>shadow</b> no" in page
    assert "<b>case</b> 1" in page
    for gone in ("False", "True", "case_id"):
        assert gone not in page
