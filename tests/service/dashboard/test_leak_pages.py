"""The pages about published copies, canaries and notices."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from tests.cases.findings import finding
from tests.leaks.leak_folders import HOSTILE, assessment, write_folders
from tests.service.dashboard.desk import Browser, desk, fields_of, send
from tests.service.dashboard.test_question_pages import answered
from tests.service.questions.live_ledger import LOG, held_ledger

from ringfence.leaks.register import open_register
from ringfence.model.evidence import Evidence

PAGES = ("/leaks", "/leaks/canaries", "/leaks/notices")


def text_of(page: str) -> str:
    """Return the words of a page, as a person reads them."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def first_link(browser: Browser, path: str, begin: str) -> str:
    """Return the first address on a page that begins with a text."""
    found = re.search(f'href="({begin}[^"]*)"', browser.get(path).text)
    assert found is not None
    return found[1]


def test_a_published_copy_is_shown(tmp_path: Path) -> None:
    """The list and the page have the shares, the sentence, the bands and the one-file report."""
    with desk(tmp_path, **write_folders(tmp_path)) as opened:
        vi = opened.log_in("Vi", "viewer")
        shown = text_of(vi.get("/leaks").text)
        for said in ("2026-03 copy", "from this catalogue", "33.6", "99.9", "2025-07-01"):
            assert said in shown
        address = first_link(vi, "/leaks", "/leaks/assessed/")
        page = vi.get(address)
        one = text_of(page.text)
        assert "The published data contains files of 336 of our 1,000 items." in one
        assert "between 33" in one
        assert "the most used 10 %" in one
        assert "2 of 20,001 accounts and rings are named" in one
        report = vi.get(f"{address}/report")
        assert "The report" in report.text
        assert "default-src 'none'" in report.headers["content-security-policy"]
        assert "script-src" not in report.headers["content-security-policy"]


def test_sources_lead_to_their_cases(tmp_path: Path) -> None:
    """A source with a case has a link to it; the list has the cases that attributions opened."""
    evidence = (Evidence("leak", 300.0, 4.2, 1e-30, "A published copy has 300 of its items."),)
    with desk(tmp_path, **write_folders(tmp_path)) as opened:
        opened.find(finding("bob"), finding("ann", evidence=evidence))
        mia = opened.log_in("Mia")
        page = mia.get(first_link(mia, "/leaks", "/leaks/assessed/")).text
        rows = re.findall(r'<tr>\s*<th scope="row">account.*?</tr>', page, re.DOTALL)
        assert len(rows) == 2
        assert 'href="/cases/2"' in rows[0]
        assert "no case" in rows[1]
        listed = mia.get("/leaks").text
        assert "A published copy has 300 of its items." in listed
        assert "/cases/1" not in listed


def test_hostile_names_run_nothing(tmp_path: Path) -> None:
    """Names of folders, accounts, hosts and texts of documents are escaped, and signs are seen."""
    settings = write_folders(tmp_path, name=HOSTILE.replace("/", "|"))
    (folder,) = (tmp_path / "assessed").iterdir()
    changes = dict.fromkeys(("headline", "sentence", "catalogue"), HOSTILE)
    row = {"label": HOSTILE, "items": 1, "use": None, "metadata": 0.5, "files": 0.5}
    told = assessment(**changes, notes=[HOSTILE], coverage={"band": [row], HOSTILE: [row]})
    (folder / "leak.json").write_text(json.dumps(told))
    (tmp_path / "packs" / HOSTILE.replace("/", "!")).mkdir()
    ((tmp_path / "packs" / HOSTILE.replace("/", "!")) / "pack.json").write_text("{")
    with desk(tmp_path, **settings) as opened:
        mia = opened.log_in("Mia")
        pages = [mia.get(path).text for path in PAGES]
        pages += [
            mia.get(first_link(mia, "/leaks", "/leaks/assessed/")).text,
            mia.get(first_link(mia, "/leaks/notices", "/leaks/notices/")).text,
        ]
        for page in pages:
            assert "<script>document" not in page
            assert "\u202e" not in page
        assert "&lt;script&gt;" in pages[0]
        assert "\\u{202e}" in pages[3]


@pytest.mark.slow
def test_the_secret_list_is_never_shown(tmp_path: Path) -> None:
    """The page counts canaries and names only the used ones, to a reviewer who asks."""
    log = tmp_path / "access.log"
    log.write_text(LOG)
    evidence = (Evidence("canary", 2.0, 0.0, 1e-6, "Used 2 canary items."),)
    with desk(tmp_path, service={"free_disk_mb": 0}, **write_folders(tmp_path)) as opened:
        opened.find(finding("ann", evidence=evidence), finding("bob"))
        mia, vi = opened.log_in("Mia"), opened.log_in("Vi", "viewer")
        assert vi.get("/leaks/canaries").status_code == 403
        assert "/leaks/canaries" not in vi.get("/leaks").text
        csrf = fields_of(vi.get("/leaks").text)["csrf"]
        assert vi.post("/leaks/canaries", data={"csrf": csrf}).status_code == 403
        before = mia.get("/leaks/canaries").text
        assert "Planted canaries 10" in text_of(before)
        assert "Used 2 canary items." in before
        assert "/cases/2" not in before
        with held_ledger(opened.folder, [log]):
            assert send(mia, "/leaks/canaries").headers["location"] == "/leaks/canaries"
            page = answered(mia, "/leaks/canaries")
        assert "1 of 10 canaries were used." in page, text_of(page)
        assert "<bdi>101</bdi>" in page
        assert [name for name in ("ann", "bob") if f"/accounts?name={name}" in page] == [
            "ann",
            "bob",
        ]
        assert "/accounts?name=eve" not in page
        assert "secret-" not in page + before + mia.get("/leaks").text
        assert "dashboard: Mia" in mia.get("/audit").text


def test_the_register_is_counted_while_it_is_in_use(tmp_path: Path) -> None:
    """The states, the trend and the hosts are shown while another process has the register."""
    with (
        desk(tmp_path, **write_folders(tmp_path)) as opened,
        open_register(tmp_path / "register"),
    ):
        page = opened.log_in("Vi", "viewer").get("/leaks/notices").text
    shown = text_of(page)
    for said in ("removed 1", "back again 1", "found, nobody told 2", "a.example 1", "b.example 2"):
        assert said in shown, said
    assert "On 2026-02-10, 3 links were still there and 1 were removed." in html.unescape(page)
    assert 'class="counted" points="60.0,20.0' in page
    assert "https://a.example" not in page


def test_packs_are_shown_by_host(tmp_path: Path) -> None:
    """The list has the numbers of a pack, and its page the batches of each host."""
    with desk(tmp_path, **write_folders(tmp_path)) as opened:
        mia = opened.log_in("Mia")
        shown = text_of(mia.get("/leaks/notices").text)
        assert "DMCA, DSA" in shown
        assert "hosts: 6 , google: 2 , bing: 2" in shown or "hosts: 6, google: 2, bing: 2" in shown
        page = text_of(mia.get(first_link(mia, "/leaks/notices", "/leaks/notices/")).text)
        assert "a.example.com 2" in page
        assert "b.example.com 1" in page
        assert "The signature is not checked here." in page


def test_without_settings_the_pages_say_what_to_set(tmp_path: Path) -> None:
    """Each page names the setting that is missing, and none fails."""
    with desk(tmp_path) as opened:
        mia = opened.log_in("Mia")
        assert "leaks.assessments" in mia.get("/leaks").text
        assert "canaries.file" in mia.get("/leaks/canaries").text
        notices = mia.get("/leaks/notices").text
        assert "leaks.packs" in notices
        assert "leaks.link_register" in notices
        for path in ("/leaks/assessed/x", "/leaks/assessed/x/report", "/leaks/notices/x"):
            assert mia.get(path).status_code == 404


def test_folders_that_are_not_there_are_told_without_their_place(tmp_path: Path) -> None:
    """A wrong setting gives a sentence and hides no other part; no page has the path of it."""
    wrong = str(tmp_path / "private-place")
    settings = {
        "leaks": {"assessments": wrong, "packs": wrong, "link_register": wrong},
        "canaries": {"file": wrong},
    }
    with desk(tmp_path, **settings) as opened:
        mia = opened.log_in("Mia")
        for path in PAGES:
            page = mia.get(path)
            assert page.status_code == 200, path
            assert "cannot be read" in page.text or "is not a register" in page.text
            assert "private-place" not in page.text
        notices = mia.get("/leaks/notices").text
        assert "The folder of packs:" in notices
        assert "The register:" in notices


@pytest.mark.parametrize("key", ["..%2f..%2flive", "2026-03 copy", "%2e%2e%2fpacks", "x" * 5_000])
def test_no_address_leads_out_of_the_folders(tmp_path: Path, key: str) -> None:
    """Only the keys of listed folders are answered."""
    with desk(tmp_path, **write_folders(tmp_path)) as opened:
        mia = opened.log_in("Mia")
        for path in (f"/leaks/assessed/{key}/report", f"/leaks/notices/{key}"):
            assert mia.get(path).status_code == 404
