"""The pages that ask questions: trace a complaint, and replay a policy."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from tests.service.dashboard.desk import Browser, desk, fields_of, send
from tests.service.questions.live_ledger import LOG, days_of, held_ledger, wait_for

from ringfence.policy.toml_text import policy_toml
from ringfence.policy_settings import PolicySettings
from ringfence.service.dashboard.pages.policy_page import MOST_DAYS
from ringfence.settings import load_settings

HOSTILE = '"><script>alert(1)</script>{{ 7 * 7 }}'


def answered(browser: Browser, path: str) -> str:
    """Wait until the last question is answered, and return its page."""
    poll = re.search('hx-get="(/parts/questions/[0-9]+)"', browser.get(path).text)
    assert poll is not None

    def has_ended() -> bool:
        return browser.get(poll[1]).headers.get("hx-redirect") == path

    wait_for(has_ended)
    return html.unescape(browser.get(path).text)


@pytest.mark.slow
def test_a_complaint_is_traced(tmp_path: Path) -> None:
    """The page says who fits, what each reader may be told, and the audit who has searched."""
    log = tmp_path / "access.log"
    log.write_text(LOG.replace("- ann", "- <b>ann</b>"))
    with desk(tmp_path, service={"free_disk_mb": 0, "trace_logs": [str(log)]}) as opened:
        mia, leo = opened.log_in("Mia"), opened.log_in("Leo", **{"Accept-Language": "fr"})
        asked = {"item": "101", "address": "192.0.2.11", "time": "", "within": ""}
        assert send(mia, "/trace", **asked).headers["location"] == "/trace"
        assert "<b>ann" not in mia.get("/trace").text
        page = answered(mia, "/trace")
        assert "One account took this item" in page
        assert "No log is searched here" not in page
        assert "&lt;b&gt;ann&lt;/b&gt;" in mia.get("/trace").text
        assert "every name, login, address and client" in page
        assert "192.0.2.11" not in leo.get("/trace").text
        assert "Divulgation" in leo.get("/trace").text
        audit = mia.get("/audit").text
        assert "dashboard: Mia" in audit
        assert "192.0.2.11" not in audit


@pytest.mark.slow
def test_a_policy_is_tried(tmp_path: Path) -> None:
    """The page has a column per policy and a row per day, and a link to each account."""
    with desk(tmp_path, service={"free_disk_mb": 0}) as opened:
        mia = opened.log_in("Mia")
        other = '[policy]\nextracting = "observe"\nsuspect = "observe"\n'
        with held_ledger(opened.folder, days_of(tmp_path)):
            assert send(mia, "/policy", days="2", policy=other).status_code == 303
            page = answered(mia, "/policy")
        rows = re.findall(r'<th scope="row">(2025-06-0[0-9])</th>(.*?)</tr>', page, re.DOTALL)
        assert [day for day, _ in rows] == ["2025-06-04", "2025-06-03"]
        cells = [re.findall("<strong>([a-z]+)</strong>", row) for _, row in rows]
        assert ["suspend", "observe"] in cells
        assert "/accounts?name=greedy" in page
        assert "waits for a person" in page
        assert "left to a person: 1" in page
        assert 'extracting = "observe"' in page


def test_wrong_questions_are_explained(tmp_path: Path) -> None:
    """Nothing is asked without a criterion, with a wrong policy, or for too many days."""
    with desk(tmp_path) as opened:
        mia = opened.log_in("Mia")
        assert "Give an item" in send(mia, "/trace", item=" ").text
        wrong = {
            "not TOML at all [": "TOML", "[service]\nport = 1": "has no [policy]",
            '[policy]\nmode = "x"': "policy.mode", "[policy]\nmoed = 1": "policy.mode",
            "[policy]\n#" + "a" * 100_001: "too long",
        }  # fmt: skip
        for text, said in wrong.items():
            page = send(mia, "/policy", days="1", policy=text)
            assert page.status_code == 422
            assert said in html.unescape(page.text), text[:20]
        for days in ("0", str(MOST_DAYS + 1), "x", ""):
            assert "The number of days" in send(mia, "/policy", days=days, policy="").text
        assert mia.get("/policy").text.count("<progress") == 0


def test_questions_belong_to_people(tmp_path: Path) -> None:
    """A viewer asks nothing; a question of another person is not there; the asker stops it."""
    with desk(tmp_path) as opened:
        mia, leo = opened.log_in("Mia"), opened.log_in("Leo")
        vi = opened.log_in("Vi", "viewer")
        asked = send(mia, "/trace", item=HOSTILE)
        assert asked.status_code == 303
        page = mia.get("/trace").text
        assert "<script>alert" not in page
        assert leo.get("/parts/questions/1").status_code == 404
        assert leo.get(f"/parts/questions/{10**30}").status_code == 404
        csrf = {name: fields_of(one.get("/policy").text)["csrf"] for name, one in
                (("leo", leo), ("vi", vi), ("mia", mia))}  # fmt: skip
        assert leo.post("/questions/1/stop", data={"csrf": csrf["leo"]}).status_code == 404
        for path in ("/trace", "/policy", "/questions/1/stop"):
            assert vi.post(path, data={"csrf": csrf["vi"], "item": "x"}).status_code == 403
        assert vi.get("/trace").status_code == 403
        assert "/trace" not in vi.get("/policy").text
        assert "textarea" not in vi.get("/policy").text
        mia.post("/questions/1/stop", data={"csrf": csrf["mia"]})
        assert "The search was stopped." in mia.get("/trace").text


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"mode": "enforce", "ground": 'a "quoted" é \x7f\n clause', "escalate": ["throttle"]},
        {
            "classes": {"employee": ["staff"]},
            "rules": [
                {"kind": "ring", "action": "suspend", "automatic": True},
                {"action": "observe", "most_p_value": 1e-9, "reason": "[[policy.rules]]"},
            ],
        },
    ],
    ids=["usual", "texts", "rules"],
)
def test_a_policy_as_text_is_the_same_policy(tmp_path: Path, told: dict[str, object]) -> None:
    """The form begins with the policy in force, and sending it unchanged tries nothing else."""
    policy = PolicySettings.model_validate(told)
    path = tmp_path / "ringfence.toml"
    path.write_text(policy_toml(policy), encoding="utf-8")
    assert load_settings(path).policy == policy
