"""Read mutated lines in every known layout: no crash, no lost line, no mixed account.

Each sample of ``tests/events/layouts/samples.py`` and of the JSON products gives one log. Its first
lines are unchanged, so that the layout is recognised. The others are mutated. The lines are
compared with the events and the quarantined lines, and no account may contain a piece of another
field.
"""

from __future__ import annotations

import json
import random
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.faults.outcome import Outcome
from tests.events.formats.test_products import SAMPLES as PRODUCTS
from tests.events.formats.test_products import record
from tests.events.layouts.samples import SAMPLES

from ringfence.errors import RingfenceError
from ringfence.events import Source
from ringfence.ledger import open_writable
from ringfence.settings import Settings

SIGNS: Final = (
    '"', "\\", " ", "  ", "\t", "[", "]", "{", "}", ",", "|", "-", "=", "#", "\x00", "\x0b", "\x0c",
    "\x1b[31m", "\u2028", "\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"), "é",
    "\\ud83d", "9" * 40, "%", "$", "'", ";", ":", "\\x22",
)  # fmt: skip
"""Pieces that have a meaning for a reader of logs."""

WHOLE: Final = 60
"""Lines at the start of each log that are not mutated: the layout is recognised by them."""

FOREIGN: Final = re.compile(r"HTTP/|/record/|\[09/Mar|09/Mar/2026:|GET /|Player/2|^\"|\"$|\" |\",")
"""Pieces of other fields, which no account may contain. A quote within a login belongs to the
login. A quote at its start or end, or before a separator, is part of the layout."""

FOREIGN_ADDRESS: Final = re.compile(r"192\.0\.2\.\d+[\"\[\],;|]|[\s\"\[\],;|]192\.0\.2\.\d")
"""The address beside a character that separates or encloses fields."""


def logs() -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the true lines of each log."""
    for sample in SAMPLES:
        yield f"{sample.layout} {sample.title}".strip(), [line for line, _ in sample.lines]
    for name in PRODUCTS:
        yield f"json {name}", [json.dumps(record(PRODUCTS[name]))]


def mutated(rng: random.Random, lines: list[str]) -> str:
    """Return one line with zero to four random changes."""
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
    # A carriage return may end a line, so the number of lines would depend on what follows it.
    return re.sub(r"[\r\n]", " ", line)


def faults(name: str, lines: list[str], count: int, seed: int) -> tuple[int, list[str]]:
    """Read one log; return the number of quarantined lines, and what is wrong."""
    rng = random.Random(f"{name} {seed}")  # noqa: S311 - made-up data
    text = [rng.choice(lines) for _ in range(WHOLE)]
    text += [mutated(rng, lines) for _ in range(count - WHOLE)]
    given = sum(map(bool, text))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.log")
        path.write_bytes(("\n".join(text) + "\n").encode("utf-8", "surrogateescape"))
        return folded(path, given)


def folded(path: Path, given: int) -> tuple[int, list[str]]:
    """Fold one source; return the number of quarantined records, and what is wrong.

    Args:
        path: the source.
        given: its records.
    """
    ledger = open_writable(None, Settings())
    try:
        lines = ledger.fold(Source(path, path.name)).lines
        ledger.compact()
        accounts = [name for (name,) in ledger.engine.rows("SELECT account FROM accounts")]
    except RingfenceError as error:
        return 0, [f"error: {error}"]
    except Exception as error:  # noqa: BLE001 - a crash is what the suite looks for
        return 0, [f"crash: {type(error).__name__}: {error}"]
    finally:
        ledger.engine.close()
    found = [f"account {one!r}" for one in accounts if _mixed(one)][:5]
    if lines.total != given or "line-not-read" in lines.quarantine:
        found.append(f"{given} records, {lines}")
    return lines.quarantined, found


def _mixed(account: str) -> bool:
    return bool(FOREIGN.search(account) or FOREIGN_ADDRESS.search(account))


def mutated_lines(lines: int, seed: int = 1) -> Outcome:
    """Read this number of lines, divided among all layouts."""
    every = list(logs())
    each = max(WHOLE + 1, -(-lines // len(every)))
    outcome, began = Outcome("mutated lines", each * len(every)), time.monotonic()
    for name, true in every:
        bad, found = faults(name, true, each, seed)
        outcome.struck += bad
        outcome.wrong += [f"{name}: {one[:300]}" for one in found]
    outcome.seconds = time.monotonic() - began
    return outcome
