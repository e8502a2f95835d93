"""Debian's bouncer of CrowdSec reads decisions from the service itself."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from tests.enforcement.acts import end, open_case, order
from tests.enforcement.bouncers import debian_bouncer
from tests.service.bouncers.test_endpoints import key
from tests.service.ingest.test_process import free_port, serving

from ringfence.cases import open_store
from ringfence.service.files import ServiceFolder


@pytest.mark.slow
def test_a_bouncer_adds_and_deletes_what_the_service_says(tmp_path: Path) -> None:
    """It adds what is held when it starts and later, each once, and deletes what is lifted."""
    folder, port = ServiceFolder(tmp_path / "live"), free_port()
    folder.create()
    shown = key(folder, "debian")["X-Api-Key"]
    url = f"http://127.0.0.1:{port}/"
    with open_store(folder.cases) as store:
        case = open_case(store, "ann é'; rm -rf $HOME")
        order(store, case, "suspend")
        with serving(folder.root, port), debian_bouncer(tmp_path, url, shown) as told:
            assert told(1)[0][:2] == ["add", "ann é'; rm -rf $HOME"]
            order(store, open_case(store, "192.0.2.7"), "challenge")
            assert told(2)[1][:2] == ["add", "192.0.2.7"]
            end(store, case)
            assert told(3)[2][:2] == ["del", "ann é'; rm -rf $HOME"]
            time.sleep(0.5)
            assert len(told(3)) == 3, "nothing is told twice"
            wrong = httpx.get(f"{url}v1/decisions/stream", headers={"X-Api-Key": "wrong"})
            assert wrong.status_code == 401
