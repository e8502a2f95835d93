"""Read random and mutated lines in every known layout: no crash, no line lost, no mixed account.

    python benchmarks/fuzz_lines.py [LINES] [SEED]

Each sample of ``tests/events/layouts/samples.py`` and of the JSON products gives one log. Its first
lines are as they should be, so that the layout is recognised; the others are mutated. For each log
the script compares the number of lines with the number of events and of quarantined lines, and it
looks for accounts that contain a piece of another field. Exit status 1 if anything is wrong.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1] / "tests" / "events"
sys.path[:0] = [str(TESTS / "layouts"), str(TESTS / "formats")]

from samples import SAMPLES  # noqa: E402 - the samples of the tests
from test_products import SAMPLES as PRODUCTS  # noqa: E402
from test_products import record  # noqa: E402

from ringfence.engine import open_engine  # noqa: E402
from ringfence.errors import RingfenceError  # noqa: E402
from ringfence.events import Quarantine, Source, open_source  # noqa: E402
from ringfence.settings import EngineSettings, Settings  # noqa: E402

SIGNS: Final = (
    '"', "\\", " ", "  ", "\t", "[", "]", "{", "}", ",", "|", "-", "=", "#", "\x00", "\x0b", "\x0c",
    "\x1b[31m", "\r", "\u2028", "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"), "é",
    "\\ud83d", "9" * 40, "%", "$", "'", ";", ":", "\\x22",
)  # fmt: skip
"""Pieces that mean something to a reader of logs."""

WHOLE: Final = 60
"""Lines at the start of each log that are not mutated: the layout is recognised by them."""

FOREIGN: Final = re.compile(r"HTTP/|/record/|\[09/Mar|09/Mar/2026:|GET /|Player/2|^\"|\"$")
"""Pieces of other fields, which no account may contain."""

FOREIGN_ADDRESS: Final = re.compile(r"192\.0\.2\.\d+[^0-9A-Za-z. ]|[^0-9A-Za-z.]192\.0\.2\.\d")
"""The address beside a sign that no host name has."""


def logs() -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the true lines of each log."""
    for sample in SAMPLES:
        yield f"{sample.layout} {sample.title}".strip(), [line for line, _ in sample.lines]
    for name in PRODUCTS:
        yield f"json {name}", [json.dumps(record(PRODUCTS[name]))]


def mutated(rng: random.Random, lines: list[str]) -> str:
    """Return one line with up to four random changes, sometimes none."""
    line = rng.choice(lines)
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        start = rng.randrange(len(line) + 1)
        end = min(len(line), start + rng.choice((0, 1, 1, 5, 30)))
        kind = rng.randrange(6)
        if kind == 0:
            line = line[:start] + line[end:]
        elif kind == 1:
            line = line[:start] + rng.choice(SIGNS) + line[start:]
        elif kind == 2:
            line = line[:start] + rng.choice(SIGNS) + line[end:]
        elif kind == 3:
            line = line[:start]
        elif kind == 4:
            other = rng.choice(lines)
            line = line[:start] + other[rng.randrange(len(other)) :]
        else:
            line = line[:start] + rng.randbytes(3).decode("latin-1") + line[start:]
    return line.replace("\n", " ")


def faults(name: str, lines: list[str], count: int, seed: int) -> list[str]:
    """Read one log, and return what is wrong."""
    rng = random.Random(f"{name} {seed}")  # noqa: S311 - made-up data
    text = [rng.choice(lines) for _ in range(WHOLE)]
    text += [mutated(rng, lines) for _ in range(count - WHOLE)]
    with tempfile.TemporaryDirectory() as folder, open_engine(EngineSettings()) as engine:
        path = Path(folder, "fuzz.log")
        path.write_bytes(("\n".join(text) + "\n").encode("utf-8", "surrogateescape"))
        quarantine = Quarantine(Path(folder))
        try:
            reading = open_source(engine, Source(path, "fuzz.log"), Settings(), quarantine)
            read, accounts = _load(engine, reading)
        except RingfenceError as error:
            return [f"error: {error}"]
        except Exception as error:  # noqa: BLE001 - a crash is what the script looks for
            return [f"crash: {type(error).__name__}: {error}"]
    given = sum(bool(line.strip("\r")) for line in text)
    found = [f"account {one!r}" for one in accounts if _mixed(one)][:5]
    if read + quarantine.counts.total() != given:
        found.append(f"{given} lines, {read} events, {quarantine.counts.total()} quarantined")
    return found


def _load(engine, reading) -> tuple[int, list[str]]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Return the number of events that are not bad, and the accounts of the takes."""
    first = ("CREATE OR REPLACE TEMP TABLE fuzzed AS SELECT account, outcome FROM events",)
    more = "INSERT INTO fuzzed SELECT account, outcome FROM events"
    reading.load(engine, first, more, "SELECT count(*) FROM fuzzed")
    outcomes = dict(engine.rows("SELECT outcome, count(*) FROM fuzzed GROUP BY outcome"))
    reading.bad_lines(engine, outcomes)
    bad = sum(
        n for outcome, n in outcomes.items() if outcome in {"unreadable-time", "time-in-the-future"}
    )
    accounts = engine.rows("SELECT DISTINCT account FROM fuzzed WHERE outcome IS NULL")
    return sum(outcomes.values()) - bad, [one for (one,) in accounts]


def _mixed(account: str) -> bool:
    return bool(FOREIGN.search(account) or FOREIGN_ADDRESS.search(account))


def main() -> int:
    """Read all logs and print what is wrong."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    every = list(logs())
    each = max(WHOLE + 1, -(-lines // len(every)))
    wrong, start = 0, time.monotonic()
    for name, true in every:
        found = faults(name, true, each, seed)
        wrong += bool(found)
        for one in found:
            print(f"{name}: {one[:300]}", flush=True)
    print(f"{len(every)} logs of {each:,} lines, {time.monotonic() - start:.0f} s: {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
