"""The pages on the real server, in a real browser."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cases.findings import finding, ring
from tests.leaks.leak_folders import write_folders
from tests.report import sample
from tests.service.dashboard.axe import AXE, serious_faults
from tests.service.dashboard.chromium import CHROMIUM, Chromium, Tab, chromium
from tests.service.dashboard.desk import PASSWORD, add_person
from tests.service.ingest.test_process import free_port

from ringfence.cases import CaseStore, open_store, record
from ringfence.cases.listing import describe_case
from ringfence.cases.moments import now
from ringfence.cases.outbox import state_of
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Finding
from ringfence.report import write_html
from ringfence.report.case_charts import case_charts
from ringfence.service.files import ServiceFolder

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here; install it with: sudo apt-get install chromium"
)
SERVER = Path(__file__).with_name("serve_dashboard.py")
LONG_NAME = '"><script>document.title="own"+"ed"<|script>' + "x" * 180
HOSTILE = '"><script>document.title="owned"</script>' + "x" * 300
PAGES = (
    "/", "/cases?state=all", "/cases/1", "/cases/2", "/accounts?search=x", "/accounts?name=ann",
    "/grants", "/outbox", "/audit?verify=1", "/settings", "/trace", "/policy", "/people",
    "/leaks", "/leaks/canaries", "/leaks/notices",
)  # fmt: skip


@dataclass
class Site:
    """The running service."""

    address: str
    folder: ServiceFolder
    store: CaseStore
    browser: Chromium

    def find(self, *findings: Finding) -> None:
        """Record what a scan has found."""
        with self.store.writing() as connection:
            record(connection, findings, now(), "report")

    def log_in(self, name: str) -> Tab:
        """Open a tab in which somebody logs in by hand."""
        tab = self.browser.tab()
        tab.look_like(1280)
        tab.open(f"{self.address}/login")
        tab.fill("#name", name)
        tab.fill("#password", PASSWORD)
        tab.send()
        tab.wait("location.pathname === '/'")
        return tab


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Run a browser, whose tabs share nothing."""
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def site(tmp_path: Path, browser: Chromium) -> Iterator[Site]:
    """Run the service for one test."""
    with running_site(tmp_path, browser) as opened:
        yield opened


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory, browser: Chromium) -> Iterator[Site]:
    """Run a service whose names are long and hostile."""
    evidence = (Evidence("volume", 1.0, 1.0, 0.001, HOSTILE),)
    with running_site(tmp_path_factory.mktemp("hostile"), browser) as opened:
        opened.find(
            finding(HOSTILE, clients=(HOSTILE,), evidence=evidence),
            ring("ann", HOSTILE, "bob", name="ring-1", member_items=(9, 9, 9)),
        )
        yield opened


@pytest.fixture(scope="module")
def full_site(tmp_path_factory: pytest.TempPathFactory, browser: Chromium) -> Iterator[Site]:
    """Run a service with an account, a ring, and a report with charts."""
    with running_site(tmp_path_factory.mktemp("full"), browser) as opened:
        opened.find(finding("ann"), ring("bob", "cy", member_items=(9, 9)))
        drawn = (sample.finding(), sample.ring())
        write_html(sample.contents(drawn), _report(opened.folder))
        for number, one in enumerate(drawn, 1):
            path = opened.folder.charts / f"{number}.json"
            path.write_text(json.dumps(case_charts(one)), "utf-8")
        yield opened


@contextmanager
def running_site(root: Path, browser: Chromium) -> Iterator[Site]:
    """Run the service with two people."""
    folder, port = ServiceFolder(root / "live"), free_port()
    folder.create()
    for name in ("Mia", "Leo"):
        add_person(folder, name, "admin")
    more, others = json.dumps({}), json.dumps(write_folders(root / "leaks", name=LONG_NAME))
    command = [sys.executable, str(SERVER), str(folder.root), str(port), more, others]
    process = subprocess.Popen(command)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for_service(address)
        with open_store(folder.cases) as store:
            yield Site(address, folder, store, browser)
    finally:
        process.kill()
        process.wait()


def _report(folder: ServiceFolder) -> Path:
    """Return where the report is, with the folders that a scan makes."""
    for one in (folder.report, folder.charts):
        one.mkdir(exist_ok=True)
    return folder.report / "report.html"


def _pages_of_leaks(tab: Tab, site: Site) -> list[str]:
    """Return the addresses of the copy and the pack."""
    found = []
    for page in ("/leaks", "/leaks/notices"):
        tab.open(site.address + page)
        found.append(tab.attribute("table.stack a", "href"))
    return found


def wait_for_service(address: str) -> None:
    """Wait until the service answers."""
    with httpx.Client() as client:
        for _ in range(400):
            with suppress(httpx.HTTPError):
                if client.get(f"{address}/healthz").is_success:
                    return
            time.sleep(0.05)
    raise AssertionError("the service does not answer")


def case(site: Site) -> dict[str, Any]:
    """Return the first case as the store has it."""
    with site.store.reading() as connection:
        return describe_case(connection, 1)


def held(site: Site) -> str:
    """Return the state of the account ann."""
    with site.store.reading() as connection:
        state = state_of(connection, "ann")
    return state.effect if state else ""


@pytest.mark.slow
def test_a_finding_arrives_and_is_worked_on_by_two_people(site: Site) -> None:
    """It appears on an open page, is suspended with the keyboard, appealed, upheld, reinstated."""
    mia, leo = site.log_in("Mia"), site.log_in("Leo")
    mia.open(f"{site.address}/cases")
    mia.see("There is no such case.")
    site.find(finding("ann"))
    mia.see("account ann")

    mia.press("j")
    mia.press("Enter")
    mia.see("Took 900 items on its busiest day.")
    mia.press("s")
    mia.wait("document.activeElement.id === 'decide-reason'")
    mia.type("4,000 items, and no repeats")
    mia.press("Enter", control=True)
    mia.see("The decision is recorded.")
    assert held(site) == "suspend"

    mia.press("a")
    mia.wait("document.activeElement.id === 'appeal-text'")
    mia.type("We are a library.")
    mia.press("Enter", control=True)
    mia.see("The appeal is recorded.")

    leo.open(f"{site.address}/cases?state=appealed")
    leo.click("#row-1 a")
    leo.see("We are a library.")
    leo.press("w")
    leo.click("input[value=upheld]")
    leo.fill("#answer-text", "Please ask for a grant.")
    leo.click("#act-answer button")
    leo.see("The appeal is answered.")
    mia.see("This case has changed.")
    assert held(site) == "suspend"

    mia.press("r")
    mia.wait("document.activeElement.id === 'reinstate-reason'")
    mia.type("They have a contract now.")
    mia.click("#act-reinstate button")
    mia.see("Nothing was done: the case has changed since you opened it.")
    assert mia.run("document.querySelector('#reinstate-reason').value") == (
        "They have a contract now."
    )
    mia.click("#act-reinstate button")
    mia.see("The decision has ended, with all its effects.")
    assert held(site) == ""
    decision = case(site)["decisions"][0]
    assert (decision["author"], decision["ended_by"]) == ("Mia", "Mia")
    assert decision["appeals"][0]["answered_by"] == "Leo"
    assert [one for one in (*mia.complaints, *leo.complaints) if "409" not in one] == []


@pytest.mark.slow
def test_chosen_rows_stay_chosen_while_the_queue_renews_itself(site: Site) -> None:
    """A new case does not take a choice away, and comes when the choice is gone."""
    site.find(finding("ann"))
    mia = site.log_in("Mia")
    mia.open(f"{site.address}/cases")
    mia.click("#row-1 input")
    site.find(finding("bob"))
    time.sleep(3)
    assert mia.run("document.querySelector('#row-1 input').checked")
    assert not mia.run("document.body.innerText.includes('account bob')")
    mia.click("#row-1 input")
    mia.see("account bob")


@pytest.mark.slow
def test_a_leak_is_followed_with_the_mouse_and_the_keyboard(site: Site) -> None:
    """From the list to a copy, to its source, to the canaries, and to the batches of a pack."""
    site.find(finding("ann"))
    mia = site.log_in("Mia")
    mia.click("nav a[href='/leaks']")
    mia.see("Published copies")
    # The name takes several lines, so the middle of the link may be beside its text.
    mia.focus("table.stack tbody th a")
    mia.press("Enter")
    mia.see("Sentence for a spokesperson")
    mia.click("#sources ~ .scroll td a")
    mia.see("Took 900 items on its busiest day.")
    mia.open(f"{site.address}/leaks")
    mia.click("nav.tabs a[href='/leaks/canaries']")
    mia.see("Planted canaries")
    mia.click("#used ~ form button")
    mia.see("is not there yet")
    mia.click("nav.tabs a[href='/leaks/notices']")
    mia.see("Links in the register")
    mia.focus("table.stack tbody th a")
    mia.press("Enter")
    mia.see("Batches by host")
    assert mia.run("document.querySelector('nav.tabs [aria-current]').innerText") == "Notices"
    assert mia.complaints == []


@pytest.mark.slow
def test_a_page_says_that_the_service_is_gone(site: Site, tmp_path: Path) -> None:
    """If nobody answers, a line says so. A session that is over leads to the login."""
    mia = site.log_in("Mia")
    hidden = "document.querySelector('#connection').hidden"
    assert mia.run(hidden)
    mia.call("Network.enable")
    gone = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    mia.call("Network.emulateNetworkConditions", offline=True, **gone)
    mia.wait(f"!{hidden}")
    mia.call("Network.emulateNetworkConditions", offline=False, **gone)
    mia.wait(hidden)
    mia.call("Network.clearBrowserCookies")
    mia.wait("location.pathname === '/login'")
    mia.picture(tmp_path / "login.png")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "dark"), [(1280, False), (390, False), (360, False), (1280, True)]
)
def test_pages_fit_and_run_nothing_hostile(hostile_site: Site, width: int, dark: bool) -> None:
    """On a desk, on a phone and in the dark nothing overflows, and no name runs as a script."""
    mia = hostile_site.log_in("Mia")
    mia.look_like(width, dark=dark)
    for path in (*PAGES, *_pages_of_leaks(mia, hostile_site)):
        mia.open(hostile_site.address + path)
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert mia.run(over) <= 0, path
        assert "owned" not in mia.run("document.title")
    assert mia.complaints == []


@pytest.mark.slow
@pytest.mark.skipif(AXE is None, reason="axe-core is not here; install axe-playwright-python")
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, False), (1280, True)])
def test_axe_finds_nothing_serious(full_site: Site, width: int, dark: bool) -> None:
    """A screen reader can use every page, and all text has enough contrast."""
    mia = full_site.log_in("Mia")
    mia.look_like(width, dark=dark)
    mia.open(f"{full_site.address}/trace")
    mia.fill("#item", "101")
    mia.send()
    mia.see("there is nothing to search yet")
    for path in (*PAGES, *_pages_of_leaks(mia, full_site), "/report"):
        mia.open(full_site.address + path)
        assert serious_faults(mia) == [], path
