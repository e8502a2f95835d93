"""The process: it follows the judge, tells its status, and survives kills and broken files."""

from __future__ import annotations

import json
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.service.authorize.processes import Authorize

from ringfence.events import items
from ringfence.service.exposure.feed import FEED_TYPE, feed_numbers, write_feed
from ringfence.service.exposure.keys import hash_names, load_secret
from ringfence.service.exposure.shared_rules import write_item_rules
from ringfence.service.files import ServiceFolder, read_status


@pytest.fixture
def authorize(tmp_path: Path) -> Iterator[Authorize]:
    """Run Ringfence: 20 new items per hour, 10 copies, 25 items per month."""
    process = Authorize(tmp_path / "service")
    process.start()
    yield process
    process.end(signal.SIGKILL)


def taken(authorize: Authorize, account: str) -> dict[str, Any]:
    """Return what an account has taken."""
    reply = authorize.allowance(account)
    body: dict[str, Any] = json.loads(reply.body)
    return body


def rows(folder: ServiceFolder, account: str, names: list[str]) -> Any:  # noqa: ANN401 - an array
    """Return takes of an account in this minute."""
    secret, now = load_secret(folder), int(time.time() * 1_000)
    number = int(hash_names([account], secret)[0])
    found = hash_names(names, secret).tolist()
    return np.array([(number, item, now) for item in found], FEED_TYPE)


def await_that(holds: Callable[[], bool]) -> None:
    """Wait until something holds, at most ten seconds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_takes_are_charged_once_whoever_tells_them(authorize: Authorize) -> None:
    """Takes at the gateway and takes in the feed are charged, and those in both only once."""
    folder = ServiceFolder(authorize.folder)
    assert authorize.ask("ann", "/stream/a").status == 200
    write_feed(folder, 1, rows(folder, "ann", ["a", "b", "c"]))
    write_feed(folder, 2, rows(folder, "ann", ["c", "d"]))
    await_that(lambda: taken(authorize, "ann")["hour"]["taken"] == 4)
    assert "ratelimit" not in authorize.ask("ann", "/stream/d").headers
    status = read_status(folder, "authorize")
    assert status is not None
    await_that(lambda: (read_status(folder, "authorize") or {})["feed_position"] == 2)


@pytest.mark.slow
def test_a_kill_loses_nothing(authorize: Authorize) -> None:
    """After kill -9, and a feed that grew meanwhile, all that was charged is there."""
    folder = ServiceFolder(authorize.folder)
    for number in range(12):
        authorize.ask("ann", f"/stream/{number}")
    write_feed(folder, 5, rows(folder, "bob", [f"{number}" for number in range(7)]))
    await_that(lambda: taken(authorize, "bob")["hour"]["taken"] == 7)
    authorize.end(signal.SIGKILL)
    write_feed(folder, 6, rows(folder, "bob", ["x", "y"]))
    authorize.start()
    assert taken(authorize, "ann")["hour"]["taken"] == 12
    assert taken(authorize, "bob")["hour"]["taken"] == 9
    # The files are removed one after the other.
    await_that(lambda: feed_numbers(folder) in ([5, 6], []))


@pytest.mark.slow
def test_a_graceful_end_is_quick(authorize: Authorize) -> None:
    """SIGTERM ends the process with status 0 within seconds, and everything is kept."""
    authorize.ask("ann", "/stream/1")
    began = time.monotonic()
    assert authorize.end() == 0
    assert time.monotonic() - began < 5
    authorize.start()
    assert taken(authorize, "ann")["hour"]["taken"] == 1


def test_a_damaged_file_of_the_feed_is_put_aside(authorize: Authorize) -> None:
    """The files behind it are counted, answers go on, and the status has the number of them."""
    folder = ServiceFolder(authorize.folder)
    damaged = write_feed(folder, 1, rows(folder, "ann", ["a"]))
    damaged.write_bytes(b"nonsense")
    write_feed(folder, 2, rows(folder, "ann", ["b"]))
    await_that(lambda: taken(authorize, "ann")["hour"]["taken"] in {1, 2})
    assert authorize.ask("bob", "/stream/z").status == 200
    await_that(lambda: (read_status(folder, "authorize") or {})["feed_position"] == 2)


@pytest.mark.slow
def test_clients_that_do_nothing_change_nothing(authorize: Authorize) -> None:
    """2,500 idle connections, half requests and noise do not keep others from an answer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4_000)), hard))
    idle = []
    for number in range(2_500):
        one = socket.create_connection(("127.0.0.1", authorize.port))
        one.sendall((b"", b"GET /api/v1/auth", b"\x00\xff\r\n\r\n")[number % 3])
        idle.append(one)
    for number in range(15):
        assert authorize.ask("ann", f"/stream/{number}").status == 200
    for one in idle:
        one.close()


def test_many_gateways_at_once_are_charged_exactly(authorize: Authorize) -> None:
    """Of one account's requests over several connections, exactly the allowance is allowed."""
    statuses: list[int] = []

    def ask(thread: int) -> None:
        uris = (f"/stream/{thread}-{number}" for number in range(20))
        statuses.extend(authorize.ask("ann", uri).status for uri in uris)

    threads = [threading.Thread(target=ask, args=(one,)) for one in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (statuses.count(200), statuses.count(403)) == (30, 90)


def test_the_rules_of_the_judge_are_used(tmp_path: Path) -> None:
    """If the settings have no rules, URIs are read by those that the judge has learned."""
    process = Authorize(tmp_path / "service", "no-rules")
    folder = ServiceFolder(process.folder)
    process.start()
    assert "ratelimit" not in process.ask("ann", "/works/1").headers
    learned = items.learned_preset((items.Rule(r"/works/(?P<item>\d+)"),))
    write_item_rules(folder, learned)
    await_that(lambda: (read_status(folder, "authorize") or {})["item_rules"] == "learned")
    assert "ratelimit" in process.ask("ann", "/works/2?x").headers
    assert "ratelimit" not in process.ask("ann", "/works/2?y").headers
    process.end()


def test_idle_connections_leave_files_for_the_process() -> None:
    """Where 500 files may be open, 300 of them may be connections."""
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 500))\n"
        "from ringfence.service.authorize import running; print(running._allow_files())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"300"
