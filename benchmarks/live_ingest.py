"""Measure how many events per second the live service takes, each on disk before the answer.

    python -m benchmarks.live_ingest [--seconds 20] [--write docs/benchmarks.md]
    python -m benchmarks.live_ingest --seconds 600 --only "1,000 events" --write docs/benchmarks.md

Clients on the same machine post batches of JSON lines about 200,000 accounts, as fast as they are
answered. Closed segments are read, counted and deleted meanwhile, as the judge does. At the end,
all acknowledged events must have been counted once. The comparison is a bare Starlette application
on the same server, which reads the body and answers, and stores nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.page import publish, table
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ringfence.service.event_log import closed_segments, read_batches
from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.application import EVENTS_PATH
from ringfence.service.ingest.process import run
from ringfence.service.tokens import add_token, new_token
from ringfence.settings import Settings

ACCOUNTS: Final = 200_000
BODIES: Final = 50
"""Different bodies that each client sends in turn."""

HEADER: Final = [
    *("batches", "events per second", "CPU of the server, µs per event", "answer, ms (median)"),
    *("ms (p99)", "peak MB", "MB after a quarter of the time", "part of the bare answer's rate"),
]
TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """The batches that clients send.

    Attributes:
        name: in the table.
        batch: events per batch.
        clients: that post at the same time.
        packed: whether bodies are compressed with gzip.
        bare: whether the bare application answers.
    """

    name: str
    batch: int
    clients: int
    packed: bool = False
    bare: bool = False


LOADS: Final = (
    Load("bare Starlette, 1,000 events", 1_000, 4, bare=True),
    Load("1,000 events", 1_000, 4),
    Load("1,000 events, gzip", 1_000, 4, packed=True),
    Load("bare Starlette, 100 events", 100, 16, bare=True),
    Load("100 events", 100, 16),
    Load("bare Starlette, 1 event", 1, 64, bare=True),
    Load("1 event", 1, 64),
)


def body_of(chance: random.Random, batch: int) -> bytes:
    """Return a batch of invented events."""
    moment = chance.randrange(86_400)
    lines = [
        json.dumps(
            {
                "ts": f"2026-11-29T{moment // 3600:02}:{moment // 60 % 60:02}:{moment % 60:02}Z",
                "account": f"user-{chance.randrange(ACCOUNTS):06}",
                "item": f"track-{chance.randrange(2_000_000):07}",
                "group": f"album-{chance.randrange(200_000):06}",
                "surface": "stream",
                "ip": f"10.{chance.randrange(256)}.{chance.randrange(256)}.7",
                "client": "Player/5.1 (iOS 19)",
                "seconds": chance.randrange(30, 300),
            },
            separators=(",", ":"),
        )
        for _ in range(batch)
    ]
    return "".join(line + "\n" for line in lines).encode()


def request_of(body: bytes, token: str, *, packed: bool) -> bytes:
    """Return the bytes of a whole request."""
    sent = gzip.compress(body, 6) if packed else body
    encoding = "Content-Encoding: gzip\r\n" if packed else ""
    return (
        f"POST {EVENTS_PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/x-ndjson\r\n{encoding}Content-Length: {len(sent)}\r\n\r\n"
    ).encode() + sent


@dataclass
class Client:
    """A client that posts its bodies one after the other until a moment."""

    port: int
    requests: list[bytes]
    until: float
    times: list[float] = field(default_factory=list)
    refused: int = 0

    def run(self) -> None:
        """Post; count the answers 202 and 429, and stop at any other."""
        with socket.create_connection(("127.0.0.1", self.port)) as one:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.monotonic() < self.until:
                began = time.perf_counter()
                one.sendall(self.requests[len(self.times) % len(self.requests)])
                answer = one.recv(65_536)
                if answer.startswith(b"HTTP/1.1 429"):
                    self.refused += 1
                    time.sleep(0.1)
                elif answer.startswith(b"HTTP/1.1 202"):
                    self.times.append(time.perf_counter() - began)
                else:
                    raise SystemExit(answer.decode())


class Reader(threading.Thread):
    """Count the stored events and delete their segments, in the place of the judge."""

    def __init__(self, log: Path) -> None:
        super().__init__(daemon=True)
        self._log = log
        self.going = True
        self.events = 0

    def run(self) -> None:
        """Read until told to stop."""
        while self.going:
            self.read()
            time.sleep(0.2)

    def read(self) -> None:
        """Read what is there."""
        for segment in closed_segments(self._log):
            self.events += sum(batch.records.count(b"\n") for batch in read_batches(segment))
            segment.unlink()


@contextmanager
def serving(load: Load, root: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run the server that answers a load."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    what = "bare" if load.bare else "ringfence"
    command = [sys.executable, "-m", "benchmarks.live_ingest", "--serve", what]
    process = subprocess.Popen([*command, "--folder", str(root), "--port", str(port)])
    try:
        for _ in range(200):
            time.sleep(0.05)
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
        yield port, process
    finally:
        process.terminate()
        process.wait()


def cpu_of(process: subprocess.Popen[bytes]) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
    return sum(map(int, fields.split()[11:13])) / TICKS


def memory_of(process: subprocess.Popen[bytes], name: str) -> float:
    """Return the megabytes of memory of a process: VmRSS now, or VmHWM at most."""
    text = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(text.partition(f"{name}:")[2].split()[0]) / 1024


def measure(load: Load, seconds: float, bare_rate: float) -> tuple[list[str], float]:
    """Return a row of the table, and the events per second."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        root = ServiceFolder(Path(folder))
        made, token = new_token("benchmark", ("ingest",), "2026-11-29T09:00:00Z")
        add_token(root, made)
        with serving(load, root.root) as (port, process):
            clients = _clients(load, port, token, seconds)
            reader = Reader(root.log)
            reader.start()
            before, began = cpu_of(process), time.monotonic()
            threads = [threading.Thread(target=client.run) for client in clients]
            for thread in threads:
                thread.start()
            time.sleep(seconds / 4)
            early = memory_of(process, "VmRSS")
            for thread in threads:
                thread.join()
            wall, cpu = time.monotonic() - began, cpu_of(process) - before
            peak = memory_of(process, "VmHWM")
        reader.going = False
        reader.join()
        reader.read()
    times = sorted(one for client in clients for one in client.times)
    events = len(times) * load.batch
    if not load.bare and reader.events != events:
        raise SystemExit(f"{events:,} events were acknowledged, and {reader.events:,} are stored")
    rate = events / wall
    part = "" if load.bare or not bare_rate else f"{rate / bare_rate:.2f}"
    return [
        load.name, f"{rate:,.0f}", f"{cpu / events * 1e6:.2f}",
        f"{statistics.median(times) * 1e3:.1f}", f"{times[len(times) * 99 // 100] * 1e3:.1f}",
        f"{peak:,.0f}", f"{early:,.0f}", part,
    ], rate  # fmt: skip


def _clients(load: Load, port: int, token: str, seconds: float) -> list[Client]:
    chance = random.Random(18)  # noqa: S311 - invented events
    every = [
        [request_of(body_of(chance, load.batch), token, packed=load.packed) for _ in range(BODIES)]
        for _ in range(load.clients)
    ]
    until = time.monotonic() + seconds
    return [Client(port, requests, until) for requests in every]


async def _bare(request: Request) -> JSONResponse:
    body = await request.body()
    return JSONResponse({"accepted": len(body)}, 202)


def serve(what: str, folder: Path, port: int) -> None:
    """Run one of the two servers until the process is ended."""
    if what == "ringfence":
        service = {"port": port, "free_disk_mb": 0}
        run(ServiceFolder(folder), Settings(service=service))
        return
    application = Starlette(routes=[Route(EVENTS_PATH, _bare, methods=["POST"])])
    server = Server(
        application,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=False,
        log_enabled=False,
    )
    asyncio.run(server.serve())


def main() -> None:
    """Measure, print the table, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--only", default="", help="the load with this name")
    parser.add_argument("--write", type=Path)
    parser.add_argument("--serve", choices=["bare", "ringfence"])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--port", type=int)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.folder, options.port)
        return
    rows, bare_rate = [], 0.0
    for load in LOADS:
        if options.only in {"", load.name}:
            row, rate = measure(load, options.seconds, bare_rate)
            bare_rate = rate if load.bare else bare_rate
            rows.append(row)
    text = (
        f"{table(HEADER, rows)}\n\nClients on the same machine: 4 with batches of 1,000 events, 16 "
        f"with 100, and 64 with 1. {options.seconds:g} seconds per row. Target: at least 50,000 "
        "events per second, all on disk."
    )
    publish("live_ingest_long" if options.only else "live_ingest", text, options.write)


if __name__ == "__main__":
    main()
