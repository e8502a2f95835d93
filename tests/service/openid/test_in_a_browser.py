"""Somebody logs in with OpenID Connect in a real browser, at a real provider."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.service.dashboard.chromium import CHROMIUM, chromium
from tests.service.dashboard.test_browser import SERVER, wait_for_service
from tests.service.ingest.test_process import free_port
from tests.service.openid.providers import OPENID, real_provider, register

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None or find_spec("oidc_provider_mock") is None,
        reason="needs Chromium and oidc-provider-mock",
    ),
]
PERSON = {"sub": "m", "email": "mia@example.org", "groups": ["desk"]}


def test_a_person_clicks_through_the_provider(tmp_path: Path) -> None:
    """The cookies of the service survive the way to another site and back, and so does the page."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with real_provider(PERSON) as given:
        # The browser takes localhost for another site.
        issuer = given.replace("127.0.0.1", "localhost")
        client = register(issuer, address)
        (tmp_path / "secret").write_text(client["client_secret"])
        openid = {
            "issuer": issuer, "client_id": client["client_id"],
            "client_secret_file": str(tmp_path / "secret"), "title": "Example <ID>",
        }  # fmt: skip
        more = {"public_url": address, "openid": {**OPENID, **openid}}
        command = [sys.executable, str(SERVER), str(tmp_path / "live"), str(port), json.dumps(more)]
        with subprocess.Popen(command) as process:
            try:
                wait_for_service(address)
                with chromium(tmp_path / "profile") as browser:
                    tab = browser.tab()
                    tab.open(f"{address}/cases?state=all")
                    tab.see("Log in with Example <ID>")
                    assert not tab.run("Boolean(document.querySelector('#password'))")
                    tab.click("a[href^='/login/openid']")
                    tab.click("button[value=m]")
                    tab.wait("location.pathname + location.search === '/cases?state=all'")
                    tab.see("mia@example.org")
                    # The provider's own page loads a style from the internet.
                    assert not [one for one in tab.complaints if "Security Policy" in one]
            finally:
                process.terminate()
