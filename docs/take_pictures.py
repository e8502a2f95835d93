"""Take the pictures of the pages for the documentation: ``make pictures``.

It starts the pages on an invented service in a temporary folder, and opens them in Chromium.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import httpx
from tests.service.dashboard.chromium import Tab, chromium
from tests.service.dashboard.desk import PASSWORD, add_person
from tests.service.ingest.test_process import free_port

from ringfence.service.files import ServiceFolder

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs/images"
SERVER = ROOT / "tests/service/dashboard/serve_dashboard.py"


def main() -> None:
    """Make a log with hidden extractors, scan it, and take a picture of each page."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        folder = ServiceFolder(root / "live")
        folder.create()
        add_person(folder, "Mia")
        ringfence = [sys.executable, "-m", "ringfence"]
        subprocess.run([*ringfence, "demo", "--out", str(root / "demo")], check=True)
        log, out = root / "demo/access.log", root / "out"
        scan = [*ringfence, "scan", str(log), "--cases", str(folder.cases), "--out", str(out)]
        subprocess.run(scan, check=True)
        _take(folder, root)


def _take(folder: ServiceFolder, root: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([sys.executable, str(SERVER), str(folder.root), str(port)])
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


def _pictures(tab: Tab, address: str) -> None:
    tab.open(f"{address}/cases")
    tab.picture(IMAGES / "queue.png")
    tab.open(f"{address}/cases/2")
    tab.press("s")
    tab.type("50,000 items in five days, none of them twice")
    tab.run("scrollTo(0, 0)")
    tab.picture(IMAGES / "case.png")
    tab.look_like(390, 844, dark=True)
    tab.open(f"{address}/cases/1")
    tab.picture(IMAGES / "case-on-a-phone.png")


def _wait(address: str) -> None:
    for _ in range(400):
        with suppress(httpx.HTTPError):
            if httpx.get(f"{address}/healthz").is_success:
                return
        time.sleep(0.05)
    raise SystemExit("the pages do not answer")


if __name__ == "__main__":
    main()
