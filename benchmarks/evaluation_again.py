"""Measure the attacks of docs/evaluation.md again with one seed, beside the figures of that page.

    python -m benchmarks.evaluation_again [--run NAME ...] [--reuse] [--write docs/evaluation.md]

A change of the detection should not let an attacker take more for the same cost. The whole page
takes many hours. This script measures one seed of each attack, in runs of a few minutes. The table
shows the work factor of the page and that of today. ``--reuse`` keeps the results that are already
in benchmarks/data/evaluation, so that one call can add to the runs of another.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.evaluation import DATA, REAL
from benchmarks.evaluation_tables import Document
from benchmarks.inputs import COLUMNS, LISTENERS
from benchmarks.page import publish, table

WITHOUT_GROUPS: Final = """
description = "As honest-sync, in a log without artists."
seed = 101
days = 28
columns = ["seconds", "surface", "ip", "client"]
[catalogue]
items = 200_000
write = false
[users]
accounts = 1_000
rest = "casual"
kinds = { sync = 0.1 }
"""

NO_ARTISTS: Final = DATA / "no-artists.toml"

NAMELESS: Final = "honest-sync without artists"

FOUND: Final = "## What is found, and when"
RINGS: Final = "Among 2,000 simulated users:"
RINGS_OF_PEOPLE: Final = "\nAmong real people, 884 account-months:"
"""Lines of docs/evaluation.md; the table after each has the work factor in its last column."""

SMALL: Final = ("--population", "small")
SYNC: Final = ("--population", "honest-sync")
MINUTES: Final = ("--every", "minute", "--days", "1")
HOURS: Final = ("--every", "hour", "--days", "2")
WEEK: Final = ("--every", "day", "--days", "7")
PEOPLE: Final = (*REAL, "--account-months")
FORTNIGHT: Final = ("--every", "day", "--days", "14")

RUNS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "copies": ((*SYNC, *WEEK), ("copied-artists", "copied-list")),
    "greedy": ((*SMALL, *MINUTES), ("greedy",)),
    "downloads": ((*SYNC, *MINUTES), ("greedy-downloads",)),
    "downloads, no artists": (
        ("--population", str(NO_ARTISTS), *MINUTES),
        ("greedy-downloads",),
    ),
    "copies, no artists": (("--population", str(NO_ARTISTS), *WEEK), ("copied-list",)),
    "cards": ((*SMALL, *FORTNIGHT), ("ring-by-artist", "ring-interleaved")),
    "people": ((*PEOPLE, *FORTNIGHT), ("ring-by-artist", "ring-interleaved")),
    "bold": ((*SMALL, *HOURS), ("even-ring-1000", "waking-ring-1000")),
    "stolen": ((*SMALL, *FORTNIGHT), ("stolen", "ring-bursts")),
    "restless": ((*SMALL, *FORTNIGHT), ("ring-restless", "ring-played")),
    "tail": ((*SMALL, *FORTNIGHT), ("ring-tail", "replay")),
    "bought": ((*SMALL, *FORTNIGHT), ("bought-collisions", "small-shares-200")),
    "lockstep": ((*SMALL, *FORTNIGHT), ("ring-lockstep",)),
    "other splits": ((*SMALL, *FORTNIGHT), ("ring-blocks", "ring-random")),
    "slow": ((*SMALL, *FORTNIGHT), ("slow-start", "week-and-replaced", "metadata-only", "mimic")),
}
"""Options and attacks of each run, the shortest and most important first."""

HEADER: Final = (
    "attack", "among", "a verdict every", "found", "suspect or found", "items each, at most",
    "work factor", "before", "with rings: found", "first", "work factor", "before", "users accused",
)  # fmt: skip


def measure(name: str, *, reuse: bool) -> Document | None:
    """Return the result of a run; None without its users, and if there is none to reuse."""
    options, attacks = RUNS[name]
    if options[: len(PEOPLE)] == PEOPLE and not LISTENERS.exists():
        return None
    path = DATA / f"again-{name.replace(', ', '-').replace(' ', '-')}.json"
    if not reuse:
        planted = [word for attack in attacks for word in ("--attack", attack)]
        ringfence = Path(sys.executable).with_name("ringfence")
        command = [str(ringfence), "evaluate", *options, *planted, "--json"]
        path.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    if not path.exists():
        return None
    document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def earlier(page: str, line: str) -> dict[str, str]:
    """Return the last cell of each row of the first table after a line of a page, by first cell."""
    _, _, rest = page.partition(line)
    found: dict[str, str] = {}
    for row in rest.splitlines():
        cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
        if row.startswith("|"):
            found[cells[0]] = cells[-1]
        elif found:
            break
    return found


def rows(name: str, result: Document, page: str) -> Iterator[tuple[str, ...]]:
    """Yield one row per attack of a run."""
    options, _ = RUNS[name]
    people = options[: len(PEOPLE)] == PEOPLE
    among = "real people" if people else options[1].replace(str(NO_ARTISTS), NAMELESS)
    every = options[options.index("--every") + 1]
    alone_before = earlier(page, FOUND) if among == "small" else {}
    rings_before = earlier(page, RINGS_OF_PEOPLE if people else RINGS)
    for attack in result["attacks"]:
        by_name = {one["detector"]: one for one in attack["detectors"]}
        alone, both = by_name["ringfence"], by_name.get("ringfence, with rings")
        (run,) = alone["runs"]
        most = run["items_most"] if run["found"] == run["extractors"] else None
        comparable = among in {"small", "real people"} and every == "day"
        row = [
            attack["name"],
            among,
            every,
            f"{run['found']} / {run['extractors']}",
            f"{run['suspected_extractors']}",
            "–" if most is None else f"{most:,}",
            f"{alone['work_factor']['mean']:.1f}",
            alone_before.get(attack["name"], "–"),
        ]
        accused = set(run["accused"])
        if both is None:
            row += ["–"] * 4
        else:
            (ring,) = both["runs"]
            first = ring["first_hours"]
            accused |= set(ring["accused"])
            row += [
                f"{ring['found']} / {ring['extractors']}",
                "never" if first is None else f"{first:,.1f} h",
                f"{both['work_factor']['mean']:.1f}",
                rings_before.get(attack["name"], "–") if comparable else "–",
            ]
        yield (*row, str(len(accused)))


def main() -> None:
    """Measure the runs one after the other, and publish the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", nargs="+", choices=tuple(RUNS), default=tuple(RUNS))
    parser.add_argument("--reuse", action="store_true", help="show what was measured before")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    NO_ARTISTS.write_text(WITHOUT_GROUPS, encoding="utf-8")
    (DATA / "listeners.toml").write_text(COLUMNS, encoding="utf-8")
    page = options.write or Path("docs/evaluation.md")
    before = page.read_text(encoding="utf-8")
    found: list[tuple[str, ...]] = []
    for name in options.run:
        result = measure(name, reuse=options.reuse)
        if result is not None:
            found += rows(name, result, before)
            print(table(HEADER, found[-len(result["attacks"]) :]), flush=True)
    publish("evaluation again", table(HEADER, found), options.write)


if __name__ == "__main__":
    main()
