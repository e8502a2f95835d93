"""Measure how good the detection is, and write every table of docs/evaluation.md.

    python -m benchmarks.evaluation [--write docs/evaluation.md] [--reuse]

The script runs ``ringfence evaluate`` on simulated users and, if the data is available, on real
listeners. It takes some hours on two cores. ``--reuse`` uses the results that are already in
benchmarks/data/evaluation.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import duckdb
from benchmarks.evaluation_tables import (
    Document,
    accusations,
    adaptive,
    compared,
    detection,
    kinds,
    with_rings,
    without_each,
)
from benchmarks.inputs import COLUMNS, HERE, LISTENERS
from benchmarks.page import publish

DATA: Final = HERE / "data" / "evaluation"

LARGE: Final = '[engine]\nmemory_limit = "15GB"\n'
"""For 252 million events. With less memory, merging their holdings spills more to disk."""

BOLD: Final = ("even-ring-1000", "waking-ring-1000")
"""Judged every hour; in the comparison with other detectors, once per day."""

PATIENT: Final = (
    "metadata-only",
    "slow-start",
    "week-and-replaced",
    "stolen",
    "replay",
    "mimic",
    "ring-interleaved",
    "ring-blocks",
    "ring-random",
    "ring-by-artist",
    "ring-tail",
    "ring-bursts",
    "ring-restless",
    "ring-played",
    "bought-collisions",
    "small-shares-200",
)
"""Judged once per day."""

AMONG_PEOPLE: Final = (
    "even-ring-1000",
    "waking-ring-1000",
    "slow-start",
    "week-and-replaced",
    "stolen",
    "ring-interleaved",
    "ring-by-artist",
)
"""Planted among real people too, because simulated users resemble each other more."""

DIVIDED: Final = (
    "waking-ring-1000",
    "replay",
    "ring-interleaved",
    "ring-by-artist",
    "ring-tail",
    "ring-lockstep",
    "bought-collisions",
    "small-shares-200",
)
"""Rings that work in different ways; a replay searches for them as they grow."""

LINKED: Final = ("metadata-only", "ring-linked")
"""Planted where users have networks, clients and surfaces."""

SEEDS: Final = ("--seeds", "3")

RINGS_NOTE: Final = (
    "An account is found if it is accused on its own or is in a ring with either verdict. Judged "
    "once per day; rings are searched for when the joint holding has grown by a quarter; one seed."
)

REAL: Final = ["--population", str(LISTENERS), "--config", str(DATA / "listeners.toml")]
HELD_OUT: Final = ["--population", str(DATA / "held-out.parquet"), *REAL[2:]]
NOBODY: Final = ["--attack", "none"]


def _planted(names: tuple[str, ...]) -> list[str]:
    return [word for name in names for word in ("--attack", name)]


RUNS: Final[dict[str, list[str]]] = {
    "months": [*REAL, "--account-months", *NOBODY],
    "held-out": [*HELD_OUT, "--account-months", *NOBODY],
    "whole": [*REAL, *NOBODY],
    "city": ["--population", "city", "--config", str(DATA / "large.toml"), *NOBODY],
    "greedy": [
        *("--population", "small", "--leave-one-out", "--every", "minute", "--days", "1"),
        *SEEDS,
        *_planted(("greedy",)),
    ],
    "small": [
        *("--population", "small", "--baselines", "--leave-one-out"),
        *("--every", "day", "--days", "14"),
        *SEEDS,
        *_planted(PATIENT),
    ],
    "bold": [
        *("--population", "small", "--leave-one-out", "--every", "hour", "--days", "2"),
        *SEEDS,
        *_planted(BOLD),
    ],
    "daily": [
        *("--population", "small", "--baselines", "--every", "day", "--days", "2"),
        *SEEDS,
        *_planted(BOLD),
    ],
    "people": [
        *(*REAL, "--account-months", "--baselines", "--every", "day", "--days", "14"),
        *SEEDS,
        *_planted(AMONG_PEOPLE),
    ],
    "rings": [
        *("--population", "small", "--every", "day", "--days", "14"),
        *_planted(DIVIDED),
    ],
    "rings-people": [
        *(*REAL, "--account-months", "--every", "day", "--days", "14"),
        *_planted(DIVIDED),
    ],
    "linked": [
        *("--population", "links", "--leave-one-out", "--every", "day", "--days", "7"),
        *SEEDS,
        *_planted(LINKED),
    ],
    "incident": [
        *("--population", "incident", "--attack", "incident-480"),
        *("--every", "hour", "--days", "2"),
        *SEEDS,
    ],
    "adaptive30": [*REAL, "--account-months", "--attack", "adaptive"],
    "adaptive180": ["--population", "half-year", "--attack", "adaptive"],
    "adaptive365": ["--population", "year", "--attack", "adaptive", "--days", "365"],
}
"""Name of a result, and the options that measure it."""


def measure(name: str, options: list[str], *, reuse: bool) -> Document | None:
    """Return a result, measured unless an old one is reused; None if its users are missing."""
    path = DATA / f"{name}.json"
    if not (reuse and path.exists()):
        if options[2:4] == REAL[2:] and not LISTENERS.exists():
            return None
        ringfence = Path(sys.executable).with_name("ringfence")
        command = [str(ringfence), "evaluate", *options, "--json"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        path.write_bytes(done.stdout)
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def write_held_out() -> None:
    """Write the people of odd number, who were held out when most statistics were measured."""
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (FROM '{LISTENERS}' WHERE listener % 2 = 1) "
            f"TO '{DATA / 'held-out.parquet'}' (FORMAT parquet)"
        )


def _attacks(results: dict[str, Document], *names: str) -> list[Document]:
    return [attack for name in names for attack in results[name]["attacks"]]


def sections(results: dict[str, Document]) -> str:
    """Return all tables with their headings, as Markdown."""
    chunks = ["## Users accused", accusations(results)]
    if "city" in results:
        chunks += ["The simulated users by kind:", kinds(results["city"])]
    first = _attacks(results, "greedy", "incident", "bold")
    patient = _attacks(results, "small")
    left_out = _attacks(results, "greedy", "bold", "small", "linked")
    chunks += [
        "## What is found, and when",
        (
            "`greedy` has a verdict every minute. The incident has one every hour, among 20,000 "
            "users. The next two attacks have one every hour, and all others one per day, among "
            "2,000 users. Counts are over all seeds; means have 95 % intervals over three seeds. "
            "The work factor is account-months per million items, divided by the 33 of the "
            "incident; each account stops when it is found."
        ),
        detection([*first, *patient]),
        "## Comparison with other detectors",
        (
            "Work factor (share of accounts found), judged once per day. All detectors except "
            "`ringfence` and `leaky-bucket` have the best threshold that accuses no user, chosen "
            "after the fact."
        ),
        compared([*_attacks(results, "daily"), *patient]),
    ]
    if "people" in results:
        chunks += ["The same among real people, 884 account-months:"]
        chunks += [compared(_attacks(results, "people"))]
    chunks += ["## With rings", RINGS_NOTE, "Among 2,000 simulated users:"]
    chunks += [with_rings(_attacks(results, "rings"))]
    if "rings-people" in results:
        chunks += ["Among real people, 884 account-months:"]
        chunks += [with_rings(_attacks(results, "rings-people"))]
    chunks += [
        "## What each test adds",
        (
            "The change when a test is left out, over the attacks of “What is found” and two "
            "among users with networks, clients and surfaces (`metadata-only`, `ring-linked`); "
            "three seeds."
        ),
        without_each(left_out),
        "## The adaptive attacker",
        adaptive(results),
    ]
    return "\n\n".join(chunks)


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page to put the tables into")
    parser.add_argument("--reuse", action="store_true", help="use the results of an earlier run")
    options = parser.parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / "listeners.toml").write_text(COLUMNS, encoding="utf-8")
    (DATA / "large.toml").write_text(LARGE, encoding="utf-8")
    if LISTENERS.exists():
        write_held_out()
    results = {}
    for name, arguments in RUNS.items():
        result = measure(name, arguments, reuse=options.reuse)
        if result is not None:
            results[name] = result
    publish("evaluation", sections(results), options.write)


if __name__ == "__main__":
    main()
