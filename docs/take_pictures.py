"""Take the pictures of the pages for the documentation: ``make pictures``.

It starts the pages on an invented service in a temporary folder, and opens them in Chromium.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import httpx
from tests.leaks.leaked_catalogue import (
    items,
    most_used,
    write_catalogue,
    write_listing,
    write_sqlite,
)
from tests.service.dashboard.chromium import Tab, chromium
from tests.service.dashboard.desk import PASSWORD, add_person
from tests.service.ingest.test_process import free_port

from ringfence.cli.demo import make_demo_log
from ringfence.events import find_sources
from ringfence.leaks.assess import assess_leak
from ringfence.leaks.outputs import write_assessment
from ringfence.ledger import open_writable
from ringfence.service.files import ServiceFolder
from ringfence.service.judge import JudgeOptions
from ringfence.service.judge.scanning import scan_ledger
from ringfence.service.judge.snapshot import take_snapshot
from ringfence.settings import Settings

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
SERVER = ROOT / "tests/service/dashboard/serve_dashboard.py"
_LONGEST_ANSWER = 600.0


def main() -> None:
    """Make a log with hidden extractors, scan it, and take a picture of each page."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        folder = ServiceFolder(root / "live")
        folder.create()
        add_person(folder, "Mia")
        log = root / "access.log"
        make_demo_log(log)
        _scan(folder, log)
        _take(folder, root, log)


def _scan(folder: ServiceFolder, log: Path) -> None:
    """Fold the log into the ledger of the service, and scan it as the judge does."""
    settings = Settings()
    book = open_writable(folder.ledger, settings)
    for source in find_sources([log], folder.root):
        book.fold(source)
    book.engine.close()
    take_snapshot(folder)
    outcome = scan_ledger(folder, settings, JudgeOptions())
    if outcome.error:
        raise SystemExit(outcome.error)


def _take(folder: ServiceFolder, root: Path, log: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    more = json.dumps({"trace_logs": [str(log)]})
    others = json.dumps({"leaks": {"assessments": str(_assess(root))}})
    command = [sys.executable, str(SERVER), str(folder.root), str(port), more, others]
    server = subprocess.Popen(command)
    try:
        _wait(address)
        with chromium(root / "profile") as browser:
            tab = browser.tab()
            tab.look_like(1200, 900)
            tab.open(f"{address}/login")
            tab.fill("#name", "Mia")
            tab.fill("#password", PASSWORD)
            tab.press("Enter")
            tab.wait("location.pathname === '/'")
            _pictures(tab, address)
    finally:
        server.terminate()
        server.wait()


def _assess(root: Path) -> Path:
    """Publish a third of an invented catalogue, assess it, and return the folder of copies."""
    listed = items(3_000)
    catalogue = write_catalogue(listed, root / "catalogue.csv")
    dumps = [
        write_listing(most_used(listed, 1_008), root / "files.txt"),
        write_sqlite(random.Random(2).sample(listed, 2_997), root / "metadata.db"),  # noqa: S311
    ]
    folder = root / "assessed" / "forum-copy"
    folder.mkdir(parents=True)
    write_assessment(assess_leak(dumps, catalogue=catalogue), folder)
    return folder.parent


def _pictures(tab: Tab, address: str) -> None:
    tab.open(f"{address}/cases")
    tab.picture(IMAGES / "queue.png")
    tab.open(f"{address}/cases/2")
    tab.press("s")
    tab.type("50,000 items in five days, none of them twice")
    tab.run("scrollTo(0, 0)")
    tab.picture(IMAGES / "case.png")
    _replay(tab, f"{address}/policy")
    tab.run("document.querySelector('#replay').scrollIntoView()")
    tab.picture(IMAGES / "policy.png")
    tab.open(f"{address}/leaks")
    tab.click("table.stack tbody th a")
    tab.see("Sentence for a spokesperson")
    tab.picture(IMAGES / "leak.png")
    tab.open(f"{address}/cases?kind=ring&state=all")
    tab.click("table[data-keys=rows] tbody th a")
    tab.see("until")
    tab.run("document.querySelector('#weeks').scrollIntoView()")
    tab.picture(IMAGES / "ring.png")
    tab.look_like(390, 844, dark=True)
    tab.run("scrollTo(0, 0)")
    tab.picture(IMAGES / "case-on-a-phone.png")


def _replay(tab: Tab, page: str) -> None:
    """Try a milder policy on three days, and wait for the answer."""
    tab.open(page)
    tab.run("document.querySelector('[name=days]').value = 3")
    tab.run("document.querySelector('#policy').value += `extracting = 'throttle'`")
    tab.run("document.querySelector('#policy').form.requestSubmit()")
    tab.wait("document.body.innerText.includes('Result of the replay')", _LONGEST_ANSWER)


def _wait(address: str) -> None:
    for _ in range(400):
        with suppress(httpx.HTTPError):
            if httpx.get(f"{address}/healthz").is_success:
                return
        time.sleep(0.05)
    raise SystemExit("the pages do not answer")


if __name__ == "__main__":
    main()
