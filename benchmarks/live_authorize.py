"""Measure the process that answers gateways: cost of an answer, waits, memory and errors.

    python -m benchmarks.live_authorize [--accounts 1_000_000] [--pairs 300_000_000] [--seconds 10]
                                        [--histories FILE] [--write docs/benchmarks.md]

Fills the exposure of a service with accounts and pairs. wrk asks as fast as answers come, and the
processor time of the process counts. A raw answer of the same server, with nothing behind it, is
measured in the same way before and after. Then a client asks at fixed rates, whether or not earlier
answers have come, and measures each wait from the moment at which the question was due.

Beside other work, such waits say little. So the processor time of each decision is measured too, in
this process and without HTTP, and the waits on a core of its own are computed from it: questions
come at even times, and each takes the time of its decision and of a raw answer.

The errors of the budget come from real histories (see docs/benchmarks.md), if they are here.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.live_budget import HISTORIES, budget_errors
from benchmarks.page import publish, table

from ringfence.engine import open_engine
from ringfence.events.items import preset
from ringfence.service.authorize.application import AuthorizeApplication
from ringfence.service.authorize.gate import Gate
from ringfence.service.authorize.requests import ItemReading, QuestionReader
from ringfence.service.authorize.tokens import RecentTokens
from ringfence.service.exposure.budget import BudgetRule
from ringfence.service.exposure.feed import FEED_TYPE, write_feed
from ringfence.service.exposure.keys import hash_names, hash_pairs, load_secret
from ringfence.service.exposure.state import ExposureSize, ExposureState
from ringfence.service.files import ServiceFolder
from ringfence.settings import EngineSettings
from ringfence.stats.arrays import Floats
from ringfence.stats.seconds import DAY

REPEATS: Final = 0.8
"""Share of requests for items that the account has. The median person repeats 0.797 of plays."""

CONNECTIONS: Final = 64
TAILS: Final = (0.5, 0.99, 0.999)
KNOWN: Final = 100
"""Items of each account that the questions repeat."""

SERVER: Final = """
import sys
from pathlib import Path
from ringfence.events import items
from ringfence.service.authorize import AuthorizeOptions, run
from ringfence.service.authorize.requests import ItemReading
from ringfence.service.exposure.state import ExposureSize
from ringfence.service.files import ServiceFolder
run(ServiceFolder(Path(sys.argv[1])), AuthorizeOptions(
    port=int(sys.argv[2]), size=ExposureSize(int(sys.argv[3]), 10_000_000), shadow=False,
    reading=ItemReading(items.preset("stream"))))
"""

RAW: Final = """
import asyncio, gc, signal, sys, uvloop
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server
async def answer(scope, protocol):
    protocol.response_empty(200, [("x-ringfence-action", "allow")])
async def main():
    server = Server(answer, "127.0.0.1", int(sys.argv[2]), interface=Interfaces.RSGI,
        http=HTTPModes.http1, websockets=False, log_enabled=False, backlog=2048)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    gc.freeze()
    gc.disable()
    await server.serve()
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(main())
"""

WRK: Final = """
local accounts, known, repeats = {accounts}, {known}, {repeats}
local new = 0
init = function(args) math.randomseed(os.time()) end
request = function()
  local account = math.random(accounts) - 1
  local item
  if math.random() < repeats then item = "i" .. math.random(known) - 1
  else new = new + 1; item = "n" .. math.random(1000000000) end
  return wrk.format("GET", "/api/v1/authorize/nginx", {{
    ["X-Ringfence-Account"] = "user-" .. account,
    ["X-Original-URI"] = "/stream/" .. item .. "?format=raw" }})
end
"""


@dataclass(frozen=True)
class Load:
    """The size of a measurement.

    Attributes:
        accounts: accounts in memory.
        pairs: pairs in the filter.
        seconds: of each measurement.
    """

    accounts: int
    pairs: int
    seconds: int


class Process:
    """A server as a process."""

    def __init__(self, program: str, folder: Path, load: Load) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        words = (str(folder), str(self.port), str(load.pairs * 11 // 10))
        self._process = subprocess.Popen([sys.executable, "-c", program, *words])
        for _ in range(6_000):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.05)

    @property
    def cpu(self) -> float:
        """Processor time so far, seconds."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """Resident memory, MB: its own and the mapped files."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def end(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)


@contextmanager
def running(program: str, folder: Path, load: Load) -> Iterator[Process]:
    """Run a server."""
    process = Process(program, folder, load)
    try:
        yield process
    finally:
        process.end()


def fill(folder: ServiceFolder, load: Load) -> None:
    """Fill the exposure: each account has 100 items, all other pairs are of nobody."""
    folder.create()
    secret, now = load_secret(folder), int(time.time())
    state = ExposureState(
        folder, secret, BudgetRule(), ExposureSize(load.pairs * 11 // 10, 10_000_000)
    )
    items = hash_names([f"i{number}" for number in range(KNOWN)], secret)
    step = 20_000
    for start in range(0, load.accounts, step):
        numbers = range(start, min(start + step, load.accounts))
        accounts = hash_names([f"user-{number}" for number in numbers], secret)
        rows = np.zeros(len(accounts), FEED_TYPE)
        rows["account"], rows["moment"] = accounts, (now - 20 * DAY) * 1_000
        # The counters see one old take, and the filter all pairs.
        rows["item"] = items[0]
        state.count(rows, now)
        for item in items[1:]:
            state.pairs.add_all(hash_pairs(accounts, np.full(len(accounts), item, np.uint64)))
    random_pairs = np.random.default_rng(1)
    while state.pairs.count < load.pairs:
        some = min(100_000, load.pairs - state.pairs.count)
        state.pairs.add_all(random_pairs.integers(0, 2**64, some, np.uint64))
    state.close()


def wrk(process: Process, load: Load) -> tuple[float, float]:
    """Return answers per second of the server's processor time, and per second."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(WRK.format(accounts=load.accounts, known=KNOWN, repeats=REPEATS))
        script.flush()
        command = ["wrk", "-t1", "-c32", f"-d{load.seconds}s", "-s", script.name]
        before = process.cpu
        said = subprocess.run(
            [*command, f"http://127.0.0.1:{process.port}"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        spent = process.cpu - before
    answers = int(next(line for line in said.splitlines() if "requests in" in line).split()[0])
    return answers / spent, answers / load.seconds


def questions(load: Load, count: int) -> list[bytes]:
    """Return requests of a gateway as bytes."""
    chosen = random.Random(1)  # noqa: S311 - a load, not a secret
    found = []
    for number in range(count):
        repeat = chosen.random() < REPEATS
        item = f"i{chosen.randrange(KNOWN)}" if repeat else f"o{number}-{time.time_ns()}"
        found.append(
            f"GET /api/v1/authorize/nginx HTTP/1.1\r\nHost: x\r\n"
            f"X-Ringfence-Account: user-{chosen.randrange(load.accounts)}\r\n"
            f"X-Original-URI: /stream/{item}?format=raw\r\n\r\n".encode()
        )
    return found


def waits(port: int, rate: int, asked: Sequence[bytes]) -> list[float]:
    """Ask at a fixed rate, and return the seconds from when a question was due to its answer."""
    selector = selectors.DefaultSelector()
    idle: list[socket.socket] = []
    for _ in range(CONNECTIONS):
        one = socket.create_connection(("127.0.0.1", port))
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.setblocking(False)
        selector.register(one, selectors.EVENT_READ)
        idle.append(one)
    due: dict[int, float] = {}
    found: list[float] = []
    sent, start = 0, time.perf_counter() + 0.05
    while len(found) < len(asked):
        now = time.perf_counter()
        while idle and sent < len(asked) and start + sent / rate <= now:
            one = idle.pop()
            due[one.fileno()] = start + sent / rate
            one.send(asked[sent])
            sent += 1
        for key, _ in selector.select(0.0002):
            one = key.fileobj  # type: ignore[assignment]
            if not one.recv(4096):
                raise SystemExit("the server closed a connection")
            found.append(time.perf_counter() - due[key.fd])
            idle.append(one)
    for key in list(selector.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    return found


def feed(folder: ServiceFolder, load: Load, rate: int, stop: threading.Event) -> None:
    """Write what a judge would: some thousand takes per second, in one file per second."""
    secret, number = load_secret(folder), 1
    chosen = np.random.default_rng(2)
    names = [f"user-{one}" for one in chosen.integers(0, load.accounts, 20_000).tolist()]
    accounts = hash_names(names, secret)
    while not stop.wait(1.0):
        rows = np.zeros(rate, FEED_TYPE)
        rows["account"] = chosen.choice(accounts, rate)
        rows["item"] = chosen.integers(0, 2**64, rate, np.uint64)
        rows["moment"] = time.time_ns() // 1_000_000
        write_feed(folder, number, rows)
        number += 1


def _latency_row(process: Process, load: Load, rate: int, name: str) -> list[str]:
    asked = questions(load, rate * load.seconds)
    waits(process.port, rate, asked[: rate // 2])
    before = process.cpu
    found = np.array(waits(process.port, rate, asked)) * 1e3
    busy = (process.cpu - before) / load.seconds
    middle, tail, far = np.quantile(found, (0.5, 0.99, 0.999))
    return [name, f"{rate:,}", f"{middle:.2f}", f"{tail:.2f}", f"{far:.2f}", f"{busy:.0%}"]


def decision_times(folder: ServiceFolder, load: Load, count: int = 200_000) -> Floats:
    """Return the processor seconds of each decision."""
    secret, chosen = load_secret(folder), random.Random(2)  # noqa: S311 - a load, not a secret
    state = ExposureState(folder, secret, BudgetRule(), ExposureSize(1, 10_000_000))
    reading = ItemReading(preset("stream"))
    with closing(open_engine(EngineSettings(threads=1))) as engine, closing(state):
        reader = QuestionReader(secret, reading, engine)
        application = AuthorizeApplication(Gate(state, shadow=False), reader, RecentTokens(None))
        asked = []
        for number in range(count):
            repeat = chosen.random() < REPEATS
            item = f"i{chosen.randrange(KNOWN)}" if repeat else f"p{number}-{time.time_ns()}"
            account = f"user-{chosen.randrange(load.accounts)}"
            uri = f"/stream/{item}?format=raw"
            asked.append({"x-ringfence-account": account, "x-original-uri": uri})
        gc.collect()
        gc.freeze()
        gc.disable()
        spent = np.empty(count)
        for number, headers in enumerate(asked):
            began = time.thread_time_ns()
            application.reply("/api/v1/authorize/nginx", "GET", headers)
            spent[number] = time.thread_time_ns() - began
        gc.enable()
    return spent / 1e9


def queued(times: Floats, rate: int) -> Floats:
    """Return the seconds from each question to its answer on one core, at even arrivals."""
    waits_, busy = np.empty(len(times)), 0.0
    for number, spent in enumerate(times.tolist()):
        busy = max(0.0, busy - 1 / rate) + spent
        waits_[number] = busy
    return waits_


def computed(times: Floats, raw: float) -> str:
    """Return the table of decisions, and of waits that follow; a raw answer takes ``raw`` s."""
    header = ["", "mean, µs", "p50, µs", "p99, µs", "p99.9, µs"]
    found = [("processor time of a decision", times)]
    found += [
        (f"wait on a core of its own, {rate:,} per second", queued(times + raw, rate))
        for rate in (12_000, 20_000)
    ]
    rows = [
        [name, *(f"{one * 1e6:,.1f}" for one in (some.mean(), *np.quantile(some, TAILS)))]
        for name, some in found
    ]
    return f"A raw answer takes {raw * 1e6:.1f} µs at this rate.\n\n{table(header, rows)}"


def measure(folder: ServiceFolder, load: Load) -> tuple[str, str]:
    """Return the tables about speed and memory, and those about decisions."""
    with running(RAW, folder.root, load) as raw:
        plain = wrk(raw, load)
        raw_rows = [_latency_row(raw, load, 20_000, "raw answer")]
    with running(SERVER, folder.root, load) as server:
        empty = server.memory
        ours = wrk(server, load)
        rows = [_latency_row(server, load, rate, "answers") for rate in (5_000, 12_000, 20_000)]
        stop = threading.Event()
        writer = threading.Thread(target=feed, args=(folder, load, 5_000, stop))
        writer.start()
        rows.append(_latency_row(server, load, 12_000, "answers, 5,000 takes per second come in"))
        stop.set()
        writer.join()
        memory = max(empty, server.memory)
    with running(RAW, folder.root, load) as raw:
        again = wrk(raw, load)
    raw_rate = (plain[0] + again[0]) / 2
    raw_seconds = float(raw_rows[0][-1].rstrip("%")) / 100 / 20_000
    header = ["", "per core-second", "per second, on the cores that were free"]
    speed = [
        ["raw answer, before", f"{plain[0]:,.0f}", f"{plain[1]:,.0f}"],
        ["Ringfence", f"{ours[0]:,.0f}", f"{ours[1]:,.0f}"],
        ["raw answer, after", f"{again[0]:,.0f}", f"{again[1]:,.0f}"],
    ]
    waiting = ["", "offered per second", "p50, ms", "p99, ms", "p99.9, ms", "of a core"]
    return (
        (
            f"{table(header, speed)}\n\nThe ratio to a raw answer is {ours[0] / raw_rate:.2f} "
            f"(target: at least 25,000 per core-second). With {load.accounts:,} accounts and "
            f"{load.pairs:,} pairs the process has {memory:,.0f} MB (target: 2,000).\n\n"
            f"{table(waiting, [*raw_rows, *rows])}"
        ),
        computed(decision_times(folder, load), raw_seconds),
    )


def main() -> None:
    """Measure, print the tables, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=300_000_000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--folder", type=Path, help="keep the filled exposure here")
    parser.add_argument("--histories", type=Path, default=HISTORIES)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing (install: apt-get install wrk)")
    load = Load(options.accounts, max(options.pairs, options.accounts * KNOWN), options.seconds)
    with tempfile.TemporaryDirectory() as temporary:
        folder = ServiceFolder(options.folder or Path(temporary))
        if not (folder.exposure / "accounts.table").exists():
            fill(folder, load)
        text, decisions = measure(folder, load)
    publish("live_decisions", decisions, options.write)
    publish("live_authorize", f"{text}\n\n{budget_errors(options.histories)}", options.write)


if __name__ == "__main__":
    main()
