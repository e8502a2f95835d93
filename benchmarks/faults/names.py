"""Scan with hostile names of logs, result folders and ledgers: each is that file, or is refused."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Final

from benchmarks.faults.inputs import days
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.runs import DONE, complaints, run

NAMES: Final = (
    b"line\nend", b"\x1b[31mred", b"caf\xe9", b"log[1]", b"*", b"?", b"{a,b}", b"-rf", b"--out",
    b"a'b", b'a"b', b"a b", b"$(id)", b";id", b"%s%n", b"k=v", b"x" * 200, "\u202etxt.gol".encode(),
    b"<img src=x>", b"'); DROP TABLE holdings; --", b"\\x", b"~", b"#", b"con:", b"...",
)  # fmt: skip
"""File names with a meaning for a shell, a terminal, a web page, SQL, a glob or a reader."""


def hostile_names(folder: Path, names: tuple[bytes, ...] = NAMES) -> Outcome:
    """Scan a log of each name into a folder and a ledger of this name, beside an unrelated file.

    Args:
        folder: for logs and results.
        names: the names.
    """
    outcome, began = Outcome("hostile names", len(names)), time.monotonic()
    (log,) = days(folder / "logs", 1)
    for name in names:
        text = os.fsdecode(name)
        place = folder / "place"
        place.mkdir()
        (place / "bystander.log").write_text("kept\n")
        shutil.copy(log, place / f"{text}.log")
        done = run(
            ["scan", f"./{text}.log", "--out", f"./{text}.out", "--ledger", f"./{text}.book"], place
        )
        wrong = complaints(done)
        outcome.struck += done.status != DONE
        left = {path.name for path in place.iterdir()}
        expected = {f"{text}.log", f"{text}.out", f"{text}.book", "bystander.log", "tmp"}
        wrong += [f"also wrote {one!r}" for one in left - expected]
        wrong += [] if (place / "bystander.log").read_text() == "kept\n" else ["overwrote another"]
        outcome.peak = max(outcome.peak, done.peak)
        outcome.wrong += [f"{name!r}: {one}" for one in wrong]
        shutil.rmtree(place)
    outcome.seconds = time.monotonic() - began
    return outcome
