"""Debian's crowdsec-custom-bouncer reads decisions, and tells its script what to add and delete."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.enforcement.acts import end, open_case, order
from tests.enforcement.bouncers import KEY, Told, debian_bouncer, decisions_served

from ringfence.cases import CaseStore


@pytest.fixture
def told(store: CaseStore, tmp_path: Path) -> Iterator[Told]:
    """Start the bouncer, and return a function that waits for a number of calls of its script."""
    with decisions_served(store) as url, debian_bouncer(tmp_path, url, KEY) as wait:
        yield wait


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
