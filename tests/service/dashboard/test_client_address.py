"""Somebody who guesses passwords behind a proxy keeps nobody else out."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.requests import Request
from tests.service.dashboard.desk import add_person, desk, log_in

from ringfence.service.dashboard.client_address import client_address


@pytest.mark.parametrize(
    ("peer", "said", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::1", ["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.7", "203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("2001:db8:1:2:3::4", [], "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
    ],
)
def test_only_a_proxy_on_this_machine_names_the_client(
    peer: str, said: list[str], address: str
) -> None:
    """Of several addresses, the last one counts: those before come from the client itself."""
    headers = [(b"x-forwarded-for", one.encode()) for one in said]
    assert client_address(Request({"type": "http", "client": (peer, 1), "headers": headers})) == (
        address
    )


@pytest.mark.slow
def test_one_who_guesses_slows_down_nobody_elsewhere(tmp_path: Path) -> None:
    """After many failures from one address behind a proxy, a person logs in from another one."""
    with desk(tmp_path) as opened:
        add_person(opened.folder, "Mia")
        guessing, at_home = opened.browser(), opened.browser()
        guessing.client.headers["x-forwarded-for"] = "203.0.113.9"
        at_home.client.headers["x-forwarded-for"] = "198.51.100.7"
        for number in range(21):
            log_in(guessing, f"nobody {number}", "a wrong password")
        assert log_in(guessing, "Mia").status_code == 429
        assert log_in(at_home, "Mia").status_code == 303
