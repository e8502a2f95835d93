"""The ingest process on its real server: it stops gracefully, and may be killed at any moment."""

from __future__ import annotations

import json
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from tests.service.ingest.live import EVENT, LINES, stored, token

from ringfence.service.event_log import LogWriter, closed_segments
from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.ingest.application import EVENTS_PATH

SERVER = Path(__file__).with_name("serve_ingest.py")

PATIENCE = 30.0
"""Seconds in which the process must answer, also on a busy machine."""


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def start(root: Path, port: int) -> subprocess.Popen[bytes]:
    """Start the process, and wait until it answers."""
    process = subprocess.Popen([sys.executable, str(SERVER), str(root), str(port)])
    until = time.monotonic() + PATIENCE
    with httpx.Client() as client:
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                if client.get(f"http://127.0.0.1:{port}/readyz").is_success:
                    return process
            time.sleep(0.05)
    process.kill()
    process.wait()
    raise AssertionError("the process does not answer")


@contextmanager
def serving(root: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the process, and kill it at the end if it still runs."""
    process = start(root, port)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_a_batch_is_stored_and_the_process_stops_gracefully(tmp_path: Path) -> None:
    """After SIGTERM the process ends with status 0, although clients hold their connections."""
    port = free_port()
    headers = {**token(ServiceFolder(tmp_path)), "Content-Type": LINES}
    with ExitStack() as idle, serving(tmp_path, port) as process:
        for _ in range(20):
            idle.enter_context(socket.create_connection(("127.0.0.1", port)))
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            answer = client.post(EVENTS_PATH, content=json.dumps(EVENT).encode())
            assert answer.status_code == 202
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
    assert stored(tmp_path) == {"events": [EVENT]}
    status = read_status(ServiceFolder(tmp_path), "ingest")
    assert status is not None
    assert not status["running"]


@pytest.mark.slow
def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    """The process says which port, and ends."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, str(SERVER), str(tmp_path), port]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert done.stderr.startswith("service.port: cannot listen on 127.0.0.1")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_log_in_use_is_one_line(tmp_path: Path) -> None:
    """The process says that another one writes the log, and ends."""
    folder = ServiceFolder(tmp_path)
    folder.create()
    with LogWriter(folder.log):
        command = [sys.executable, str(SERVER), str(tmp_path), str(free_port())]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert "another process writes this log" in done.stderr
    assert "Traceback" not in done.stderr


def memory_of(process: subprocess.Popen[bytes]) -> int:
    """Return the most bytes that the process had in memory so far."""
    text = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(text.partition("VmHWM:")[2].split()[0]) << 10


@pytest.mark.slow
def test_an_endless_body_is_cut_off(tmp_path: Path) -> None:
    """A body of 2 GB, with or without its length, is refused after 4 MB, and memory stays flat."""
    port = free_port()
    headers = {**token(ServiceFolder(tmp_path)), "Content-Type": LINES}

    def endless() -> Iterator[bytes]:
        for _ in range(2_000):
            yield bytes(1_000_000)

    with serving(tmp_path, port) as process:
        before = memory_of(process)
        url = f"http://127.0.0.1:{port}{EVENTS_PATH}"
        for extra in ({}, {"Content-Length": "2000000000"}):
            status = 413
            with suppress(httpx.TransportError):  # the server may hang up first
                status = httpx.post(
                    url, content=endless(), headers={**headers, **extra}
                ).status_code
            assert status == 413
        assert httpx.get(f"http://127.0.0.1:{port}/readyz").is_success
        assert memory_of(process) - before < 100 << 20


@pytest.mark.slow
def test_slow_and_idle_clients_do_not_stop_others(tmp_path: Path) -> None:
    """With 3,000 clients that send a byte and wait, another one is answered at once."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= most < 4_000:
        pytest.skip("the system permits too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(now, 4_000), most))
    port = free_port()
    shown = token(ServiceFolder(tmp_path))
    headers = {**shown, "Content-Type": LINES}
    begun = (
        f"POST {EVENTS_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {LINES}\r\n"
        f"Authorization: {shown['Authorization']}\r\nContent-Length: 100\r\n\r\n"
    ).encode()
    with ExitStack() as slow, serving(tmp_path, port):
        waiting = []
        for number in range(3_000):
            one = slow.enter_context(socket.create_connection(("127.0.0.1", port)))
            one.sendall(begun + b"{" if number % 2 else b"P")
            waiting.append(one)
        began = time.monotonic()
        answer = httpx.post(
            f"http://127.0.0.1:{port}{EVENTS_PATH}",
            content=json.dumps(EVENT).encode(),
            headers=headers,
        )
        assert answer.status_code == 202
        assert time.monotonic() - began < 5
        waiting[1].settimeout(5)
        assert b" 408 " in waiting[1].recv(1_000)


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """Mount a disk of 4 MB; skip where that is not allowed."""
    place.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    options = ["-t", "tmpfs", "-o", "size=4m", "none", str(place)]
    if not mount or not unmount or subprocess.run([mount, *options], check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run([unmount, str(place)], check=True)


@pytest.mark.slow
def test_a_full_disk_is_survived(tmp_path: Path) -> None:
    """Nothing is acknowledged while the disk is full; when there is room, everything goes on."""
    port = free_port()
    found: Counter[str] = Counter()
    sent: list[str] = []
    with small_disk(tmp_path / "disk") as root:
        headers = {**token(ServiceFolder(root)), "Content-Type": LINES}
        with (
            serving(root, port) as process,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client,
        ):

            def send() -> int:
                item = f"t{len(sent)}"
                body = json.dumps({**EVENT, "item": item, "client": "x" * 200_000}).encode()
                status = client.post(EVENTS_PATH, content=body).status_code
                if status == 202:
                    sent.append(item)
                return status

            def read() -> None:
                time.sleep(1.5)  # until the segment is closed
                found.update(one["item"] for one in stored(root).get("events", ()))
                for segment in closed_segments(ServiceFolder(root).log):
                    segment.unlink()

            while send() == 202:
                assert len(sent) < 30
            assert client.get("/readyz").status_code == 503
            read()
            assert client.get("/readyz").status_code == 200
            assert send() == 202
            process.terminate()
            assert process.wait(timeout=10) == 0
        read()
    assert len(sent) > 10
    assert found == Counter(sent)


class Client(threading.Thread):
    """A client that sends batches, and repeats each until it is acknowledged."""

    def __init__(self, port: int, headers: dict[str, str], number: int) -> None:
        super().__init__()
        self._url = f"http://127.0.0.1:{port}{EVENTS_PATH}"
        self._headers = headers
        self._number = number
        self.going = True
        self.acknowledged: list[str] = []

    def run(self) -> None:
        """Send until told to stop."""
        # One client, because each loads the certificates of all authorities. Each request has a
        # connection of its own, as before a proxy.
        fresh = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(headers=self._headers, timeout=5, limits=fresh) as client:
            batch = 0
            while self.going:
                self._deliver(client, batch)
                batch += 1

    def _deliver(self, client: httpx.Client, batch: int) -> None:
        """Send one batch until it is acknowledged."""
        items = [f"{self._number}-{batch}-{n}" for n in range(1 + batch % 20)]
        body = "".join(json.dumps({**EVENT, "item": one}) + "\n" for one in items).encode()
        key = {"Idempotency-Key": f"{self._number}-{batch}"}
        while True:
            with suppress(httpx.TransportError):
                if client.post(self._url, content=body, headers=key).status_code == 202:
                    break
            time.sleep(0.02)
        self.acknowledged += items


def check_kills(root: Path, count: int) -> None:
    """Kill and restart the process under load, and compare what is stored with what was sent."""
    port = free_port()
    headers = {**token(ServiceFolder(root)), "Content-Type": LINES}
    chance = random.Random(18)  # noqa: S311 - moments, not secrets
    clients = [Client(port, headers, number) for number in range(4)]
    process = start(root, port)
    for client in clients:
        client.start()
    for _ in range(count):
        time.sleep(chance.uniform(0.05, 0.6))
        process.kill()
        process.wait()
        process = start(root, port)
    for client in clients:
        client.going = False
    for client in clients:
        client.join()
    process.terminate()
    assert process.wait(timeout=10) == 0
    sent = sorted(item for client in clients for item in client.acknowledged)
    found = Counter(one["item"] for one in stored(root)["events"])
    assert max(found.values()) == 1
    assert sorted(found) == sent


@pytest.mark.slow
def test_nothing_is_lost_or_counted_twice_under_load(tmp_path: Path) -> None:
    """Clients that repeat what was not acknowledged find each event stored once."""
    check_kills(tmp_path, 3)


@pytest.mark.slow
def test_nothing_is_lost_or_counted_twice_after_ten_kills(tmp_path: Path) -> None:
    """The same holds for ten kills; ``python -m benchmarks.live_kills`` makes more."""
    check_kills(tmp_path, 10)
