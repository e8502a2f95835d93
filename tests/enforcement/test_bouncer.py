"""Debian's crowdsec-custom-bouncer reads decisions, and tells its script what to add and delete."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.enforcement.acts import end, open_case, order
from tests.enforcement.bouncers import KEY, decisions_served

from ringfence.cases import CaseStore

CONFIG = """
bin_path: {folder}/script
piddir: {folder}
update_frequency: 200ms
cache_retention_duration: 10s
daemonize: false
log_mode: stdout
log_level: info
api_url: {url}
api_key: {key}
prometheus:
  enabled: false
"""

SCRIPT = """#!/bin/sh
printf '%s\\037' "$@" >> {folder}/told
printf '\\n' >> {folder}/told
"""

Told = Callable[[int], list[list[str]]]


@pytest.fixture
def told(store: CaseStore, tmp_path: Path) -> Iterator[Told]:
    """Start the bouncer, and return a function that waits for a number of calls of its script."""
    program = shutil.which("crowdsec-custom-bouncer")
    if program is None:
        pytest.skip("install: apt-get install crowdsec-custom-bouncer")
    script = tmp_path / "script"
    script.write_text(SCRIPT.format(folder=tmp_path))
    script.chmod(0o700)
    config, log = tmp_path / "bouncer.yaml", tmp_path / "log"
    with decisions_served(store) as url, log.open("wb") as out:
        config.write_text(CONFIG.format(folder=tmp_path, url=url, key=KEY))
        bouncer = subprocess.Popen([program, "-c", str(config)], stdout=out, stderr=out)

        def wait(calls: int) -> list[list[str]]:
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                found = _calls(tmp_path / "told")
                if len(found) >= calls:
                    return found
                time.sleep(0.05)
            raise AssertionError(log.read_text())

        yield wait
        bouncer.terminate()
        bouncer.wait(10)


def _calls(file: Path) -> list[list[str]]:
    if not file.exists():
        return []
    lines = file.read_text().split("\n")[:-1]
    return [line.split("\x1f")[:-1] for line in lines]


def test_a_bouncer_adds_and_deletes(store: CaseStore, told: Told) -> None:
    """A suspension, a change and a reinstatement reach the script, each with its account."""
    case = open_case(store, "ann é'; rm -rf $HOME")
    order(store, case, "suspend")
    (added,) = told(1)
    assert added[:4] == ["add", "ann é'; rm -rf $HOME", str(87_600 * 3600), "ringfence/suspend"]
    assert json.loads(added[4])["scope"] == "username"
    order(store, open_case(store, "192.0.2.7"), "challenge")
    address = told(2)[1]
    assert address[:2] == ["add", "192.0.2.7"]
    assert {"scope": "Ip", "type": "captcha"}.items() <= json.loads(address[4]).items()
    end(store, case)
    deleted = told(3)[2]
    assert deleted[:2] == ["del", "ann é'; rm -rf $HOME"]
    time.sleep(0.5)
    assert len(told(3)) == 3, "nothing is told twice"
