"""How good the detection is: all that docs/evaluation.md shows, from one command.

    python -m benchmarks.evaluation [--write docs/evaluation.md] [--keep]

Runs ``ringfence evaluate`` on simulated users and, where the data is there, on the real
listeners, and lays the results out as tables. Takes some hours on two cores. ``--keep`` uses the
results that are in benchmarks/data/evaluation already.
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
"""For 252 million events: with less memory, merging their holdings spills more to disk."""

BOLD: Final = ("even-ring-1000", "waking-ring-1000")
"""ScoredAccounts every hour; next to other detectors, once a day."""

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
"""ScoredAccounts once a day."""

AMONG_PEOPLE: Final = (
    "even-ring-1000",
    "waking-ring-1000",
    "slow-start",
    "week-and-replaced",
    "stolen",
    "ring-interleaved",
    "ring-by-artist",
)
"""PlantedAttack among real people too; simulated users resemble each other more than people do."""

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
"""Groups that work in different ways; rings are looked for as they grow."""

LINKED: Final = ("metadata-only", "ring-linked")
"""PlantedAttack where users have networks, clients and surfaces."""

SEEDS: Final = ("--seeds", "3")

RINGS_SAID: Final = (
    "Accounts found as accused by themselves or as members of a ring, a suspected one too; scored "
    "once a day, rings looked for when the joint holding has grown by a quarter; one seed."
)

REAL: Final = ["--population", str(LISTENERS), "--config", str(DATA / "listeners.toml")]
KEPT: Final = ["--population", str(DATA / "kept.parquet"), *REAL[2:]]
NOBODY: Final = ["--attack", "none"]


def _planted(names: tuple[str, ...]) -> list[str]:
    return [word for name in names for word in ("--attack", name)]


RUNS: Final[dict[str, list[str]]] = {
    "months": [*REAL, "--account-months", *NOBODY],
    "kept": [*KEPT, "--account-months", *NOBODY],
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
"""Name of a result, and the options that make it."""


def measured(name: str, options: list[str], *, keep: bool) -> Document | None:
    """Return a result, made anew unless it is kept; None where its users are not at hand."""
    path = DATA / f"{name}.json"
    if not (keep and path.exists()):
        if options[2:4] == REAL[2:] and not LISTENERS.exists():
            return None
        ringfence = Path(sys.executable).with_name("ringfence")
        command = [str(ringfence), "evaluate", *options, "--json"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        path.write_bytes(done.stdout)
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def keep_aside() -> None:
    """Write the people of odd number, who were kept aside when most statistics were measured."""
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (FROM '{LISTENERS}' WHERE listener % 2 = 1) "
            f"TO '{DATA / 'kept.parquet'}' (FORMAT parquet)"
        )


def _attacks(results: dict[str, Document], *names: str) -> list[Document]:
    return [attack for name in names for attack in results[name]["attacks"]]


def sections(results: dict[str, Document]) -> str:
    """Return all tables with their headings."""
    parts = ["## Who is accused", accusations(results)]
    if "city" in results:
        parts += ["By kind, of the simulated users:", kinds(results["city"])]
    first = _attacks(results, "greedy", "incident", "bold")
    patient = _attacks(results, "small")
    left_out = _attacks(results, "greedy", "bold", "small", "linked")
    parts += [
        "## What is found, and when",
        (
            "`greedy` with a verdict every minute; the incident every hour, among 20,000 "
            "users; the next two every hour, all others once a day, among 2,000. All seeds "
            "together; means with 95 % intervals over three seeds. The work factor is "
            "account-months per million items, each account taking until it is found, over the "
            "33 of the incident."
        ),
        detection([*first, *patient]),
        "## Next to what else could be used",
        (
            "Work factor (share of accounts found), scored once a day. Thresholds of all but "
            "`ringfence` and `leaky-bucket` are the best that accuse no user, chosen knowing the "
            "truth."
        ),
        compared([*_attacks(results, "daily"), *patient]),
    ]
    if "people" in results:
        parts += ["The same among real people, 884 account-months:"]
        parts += [compared(_attacks(results, "people"))]
    parts += ["## With rings", RINGS_SAID, "Among 2,000 simulated users:"]
    parts += [with_rings(_attacks(results, "rings"))]
    if "rings-people" in results:
        parts += ["Among real people, 884 account-months:"]
        parts += [with_rings(_attacks(results, "rings-people"))]
    parts += [
        "## What each test adds",
        (
            "Change when a test is left out, over the attacks of “What is found” and two "
            "among users with networks, clients and surfaces (`metadata-only`, `ring-linked`); "
            "three seeds."
        ),
        without_each(left_out),
        "## The attacker who tries and improves",
        adaptive(results),
    ]
    return "\n\n".join(parts)


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page to put the tables into")
    parser.add_argument("--keep", action="store_true", help="use results that are there")
    options = parser.parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / "listeners.toml").write_text(COLUMNS, encoding="utf-8")
    (DATA / "large.toml").write_text(LARGE, encoding="utf-8")
    if LISTENERS.exists():
        keep_aside()
    results = {}
    for name, arguments in RUNS.items():
        result = measured(name, arguments, keep=options.keep)
        if result is not None:
            results[name] = result
    publish("evaluation", sections(results), options.write)


if __name__ == "__main__":
    main()
