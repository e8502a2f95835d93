"""Clients that send too much, too slowly, or nothing at all."""

from __future__ import annotations

import gzip
import json
import resource
import shutil
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

import httpx
import zstandard
from benchmarks.service_faults.clients import Load
from benchmarks.service_faults.running import RunningService, answers
from benchmarks.service_faults.trial import Trial, faulty, peak_of
from benchmarks.service_faults.wording import answers_in_words

IDLE: Final = 10_000
SLOW: Final = 500
_BODY: Final = 2_000_000_000
_BOMB: Final = 2_000
"""Megabytes of zeros in a compressed body."""

_LINES: Final = "application/x-ndjson"
_EVENTS: Final = "/api/v1/events"
_FLOOD_SECONDS: Final = 20

_GOOD: Final = {"ts": "2026-11-29T09:00:00Z", "account": "x", "item": "y", "ip": "203.0.113.1"}
_POISON: Final[tuple[Any, ...]] = (
    {"ts": "9999-12-31T23:59:59Z"}, {"ts": "0001-01-01T00:00:00Z"}, {"ts": -(10**18)},
    {"ts": 10**300}, {"ts": "now"}, {"ts": None}, {"ts": [1, 2]}, {"account": {"a": [{}] * 99}},
    {"account": 10**400}, {"account": -0.0}, {"account": "\ud800"}, {"account": "\x00\x1b[31m"},
    {"account": "a" * 60_000}, {"item": ["x"] * 1_000}, {"item": True}, {"item": "'); DROP --"},
    {"ip": "999.1.1.1"}, {"ip": "::ffff:203.0.113.1%eth0"}, {"ip": 7}, {"seconds": "1e999"},
    {"seconds": -1}, {"client": "=cmd()"}, {f"k{one}": one for one in range(3_000)},
    {'a"b': 1, "a\\": 2, "": 3}, {"x": [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]},
)  # fmt: skip
"""Differences from a good record, each in a batch of its own and all in one."""


def poison(home: Path) -> Trial:
    """Send records with the values that readers fail at, among good batches."""
    trial = Trial("poison batches")
    service = RunningService(home, "scan_every = 5\n")
    statuses: Counter[int] = Counter()
    with faulty(trial, service):
        records = [json.dumps({**_GOOD, "account": "poison", **one}) for one in _POISON]
        records += ['{"ts": 1, "ts": 2, "account": "x", "item": "y"}', "[" * 5_000, '{"account":']
        for one in (*records, "\n".join(records)):
            answer = httpx.post(
                f"{service.url}{_EVENTS}",
                content=one.encode("utf-8", "surrogatepass"),
                headers={**service.headers, "Content-Type": _LINES},
                timeout=30,
            )
            statuses[answer.status_code] += 1
        time.sleep(10)
        aside = service.status("judge").get("aside", 0)
        trial.seen.append(f"answers: {answers_in_words(statuses)}; put aside: {aside}")
    found = trial.count
    if found:
        # Good parts of these batches count as well.
        trial.seen.append(f"{found.found - found.sent:,} of their records count as events")
        trial.count = type(found)(found.sent, found.sent, found.sent + found.twice, found.aside)
    return trial


def idle(home: Path) -> Trial:
    """Open connections to each port that send nothing, and some that send slowly."""
    trial = Trial(f"{IDLE:,} idle and {SLOW:,} slow connections to each port")
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    service = RunningService(home)
    with faulty(trial, service) as load:
        for name, port in (("events", service.port), ("gateways", service.port + 1)):
            with ExitStack() as open_ones:
                for number in range(IDLE + SLOW):
                    one = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
                    if number >= IDLE:
                        one.sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nX-A")
                before = load.posters[0].acknowledged
                time.sleep(8)
                took = load.posters[0].acknowledged - before
                works = "are answered" if answers(service) else "are not answered"
                trial.seen.append(f"port of {name}: {took:,} events were taken, gateways {works}")
    return trial


def large(home: Path) -> Trial:
    """Send a body of 2 GB, with and without its length, and bodies that unpack to 2 GB."""
    trial = Trial("bodies of 2 GB, and zip bombs")
    service = RunningService(home)

    def endless() -> Iterator[bytes]:
        for _ in range(_BODY // 1_000_000):
            yield bytes(1_000_000)

    def send(headers: dict[str, str], content: Any) -> int:  # noqa: ANN401 - whatever httpx takes
        with suppress(httpx.TransportError):
            return httpx.post(
                f"{service.url}{_EVENTS}",
                content=content,
                headers={**service.headers, "Content-Type": _LINES, **headers},
                timeout=60,
            ).status_code
        return 0  # The service has hung up.

    with faulty(trial, service):
        ingest = service.processes()["ingest"]
        before = peak_of(ingest)
        found = {
            "2 GB": send({}, endless()),
            "2 GB, with length": send({"Content-Length": f"{_BODY}"}, endless()),
            "gzip": send({"Content-Encoding": "gzip"}, _bomb(gzip.compress(bytes(1_000_000)))),
            "zstd": send(
                {"Content-Encoding": "zstd"},
                _bomb(zstandard.ZstdCompressor().compress(bytes(1_000_000))),
            ),
        }
        said = (f"{name}: {f'status {one}' if one else 'none'}" for name, one in found.items())
        trial.seen.append(f"answers: {', '.join(said)}")
        trial.seen.append(f"memory of the process grew by {peak_of(ingest) - before:,.0f} MB")
    return trial


def flood(home: Path) -> Trial:
    """Let a gateway ask as fast as it can over 256 connections, and strangers post without a token.

    Raises:
        SystemExit: the program wrk is not there.
    """
    trial = Trial("a gateway that floods, and clients without a token")
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("the trial with a flood needs the program wrk")
    service = RunningService(home)
    with faulty(trial, service) as load:
        before, asked = load.posters[0].acknowledged, len(load.gateway.waits)
        script = home / "post.lua"
        script.write_text('wrk.method = "POST"\nwrk.body = string.rep("x", 20000)\n')
        gate = f"http://127.0.0.1:{service.port + 1}/api/v1/authorize"
        account = ["-H", "X-Ringfence-Account: flood", "-H", "X-Ringfence-Item: one"]
        usual = [program, "-t1", "-c256", f"-d{_FLOOD_SECONDS}s"]
        lines: list[str] = []
        threads = [
            threading.Thread(target=_wrk, args=([*usual, *account, gate], lines)),
            threading.Thread(
                target=_wrk, args=([*usual, "-s", str(script), f"{service.url}{_EVENTS}"], lines)
            ),
        ]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        waits = sorted(load.gateway.waits[asked:]) or [float("nan")]
        _tell(trial, load, before, waits, lines)
    return trial


def _tell(trial: Trial, load: Load, before: int, waits: list[float], lines: list[str]) -> None:
    took = load.posters[0].acknowledged - before
    trial.seen.append(
        f"{' and '.join(lines)} requests per second; a client got {took:,} events acknowledged; "
        f"another gateway waited {waits[len(waits) // 2] * 1e3:.0f} ms (median), "
        f"{waits[len(waits) * 99 // 100] * 1e3:.0f} ms (p99)"
    )


def _wrk(command: list[str], lines: list[str]) -> None:
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    lines += [
        f"{float(line.split()[1]):,.0f}" for line in said.splitlines() if "Requests/sec" in line
    ]


def _bomb(megabyte: bytes) -> bytes:
    """Return a body of many compressed megabytes; both formats may be joined."""
    return megabyte * _BOMB
