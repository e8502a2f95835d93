"""How good the detection is: all that docs/evaluation.md shows, from one command.

    python -m benchmarks.evaluation [--write docs/evaluation.md] [--keep]

Runs ``ringfence evaluate`` on simulated readers and, where the data is there, on the real
listeners, and lays the results out as tables. Takes an hour or two on two cores. ``--keep`` uses
the results that are in benchmarks/data/evaluation already.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import duckdb
from benchmarks.inputs import HERE
from benchmarks.page import publish, table

DATA: Final = HERE / "data" / "evaluation"
LISTENERS: Final = HERE.parent.parent / "shared" / "data" / "listeners-dev.parquet"

COLUMNS: Final = '[events.columns]\naccount = "listener"\nitem = "track"\ngroup = "artist"\n'

BOLD: Final = ("even-ring-1000", "waking-ring-1000")
"""Judged every hour; next to other detectors, once a day."""

PATIENT: Final = (
    "metadata-only",
    "slow-start",
    "week-and-replaced",
    "stolen",
    "replay",
    "mimic",
    "ring-interleaved",
    "ring-by-artist",
    "ring-tail",
    "bought-collisions",
    "small-shares-200",
)
"""Judged once a day."""

REAL: Final = ["--population", str(LISTENERS), "--config", str(DATA / "listeners.toml")]
KEPT: Final = ["--population", str(DATA / "kept.parquet"), *REAL[2:]]
NOBODY: Final = ["--attack", "none"]

COULD_NOT_RUN: Final = {"surface", "client", "provenance"}
"""Tests whose columns the scenario ``small`` does not have."""

RUNS: Final[dict[str, list[str]]] = {
    "months": [*REAL, "--account-months", *NOBODY],
    "kept": [*KEPT, "--account-months", *NOBODY],
    "whole": [*REAL, *NOBODY],
    "city": ["--population", "city", *NOBODY],
    "greedy": ["--population", "small", "--attack", "greedy", "--every", "10min", "--days", "1"],
    "small": [
        *["--population", "small", "--baselines", "--leave-one-out"],
        *("--every", "day", "--days", "14"),
        *(word for name in PATIENT for word in ("--attack", name)),
    ],
    "bold": [
        *("--population", "small", "--every", "hour", "--days", "2"),
        *(word for name in BOLD for word in ("--attack", name)),
    ],
    "daily": [
        *("--population", "small", "--baselines", "--leave-one-out"),
        *("--every", "day", "--days", "2"),
        *(word for name in BOLD for word in ("--attack", name)),
    ],
    "incident": [
        *("--population", "incident", "--attack", "incident-480"),
        *("--every", "hour", "--days", "2"),
    ],
    "adaptive30": [*REAL, "--account-months", "--attack", "adaptive"],
    "adaptive180": ["--population", "half-year", "--attack", "adaptive", "--days", "180"],
}
"""Name of a result, and the options that make it."""

Document = dict[str, Any]


def measured(name: str, options: list[str], *, keep: bool) -> Document | None:
    """Return a result, made anew unless it is kept; None where its readers are not at hand."""
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


def accusations(results: dict[str, Document]) -> str:
    """Lay out who is accused where nobody extracts."""
    said = {
        "months": "real people, each 30 days an account",
        "kept": "those of them that were kept aside from most tuning",
        "whole": "real people, whole histories, judged every 30 days",
        "city": "100,000 simulated, with many special readers, 30 days",
        "incident": "20,000 simulated, with many special readers, 14 days",
        "adaptive180": "800 simulated, 210 days, judged every 30",
    }
    rows = []
    for name, what in said.items():
        if name in results:
            alone = results[name]["readers_alone"]
            numbers = (alone["readers"], len(alone["accused"]), len(alone["suspected"]))
            rows.append([what, *(f"{n:,}" for n in numbers), f"{alone['accused_at_most']:.2%}"])
    return table(["readers", "accounts", "accused", "suspects", "accused at most (95 %)"], rows)


def kinds(city: Document) -> str:
    """Lay out the same by kind of reader."""
    alone = city["readers_alone"]
    suspected = [one["kind"] for one in alone["suspected"]]
    accused = [one["kind"] for one in alone["accused"]]
    rows = [
        [kind, f"{count:,}", f"{accused.count(kind):,}", f"{suspected.count(kind):,}"]
        for kind, count in sorted(alone["kinds"].items())
        if kind not in {"granted", "crawler"}
    ]
    return table(["kind", "accounts", "accused", "suspects"], rows)


def detection(attacks: list[Document]) -> str:
    """Lay out how each attack went under Ringfence itself."""
    rows = []
    for attack in attacks:
        one = attack["detectors"][0]
        run = one["runs"][0]
        each = "–" if run["items_median"] is None else f"{run['items_median']:,.0f}"
        most = "–" if run["items_most"] is None else f"{run['items_most']:,}"
        last = "never" if run["last_hours"] is None else f"{run['last_hours']:,.0f} h"
        rows.append(
            [
                attack["name"],
                f"{run['found']} / {run['extractors']}",
                f"{run['suspected_extractors']}",
                each,
                most,
                last,
                f"{run['ring_items']:,}",
                f"{run['work_factor']:.1f}",
            ]
        )
    header = ["attack", "found", "suspect or found", "items each, median", "most", "last found"]
    return table([*header, "ring got", "work factor"], rows)


def compared(attacks: list[Document]) -> str:
    """Lay out the work factor under each detector that is no variant of Ringfence."""
    names = [
        one["detector"]
        for one in attacks[0]["detectors"]
        if not one["detector"].startswith("ringfence without")
    ]
    rows = []
    for attack in attacks:
        by_name = {one["detector"]: one for one in attack["detectors"]}
        rows.append(
            [attack["name"]]
            + [
                f"{by_name[n]['work_factor']['mean']:.1f} ({by_name[n]['found']['mean']:.0%})"
                for n in names
            ]
        )
    return table(["attack", *names], rows)


def without_each(attacks: list[Document]) -> str:
    """Lay out what each evidence test adds: accounts found and items let out without it."""
    tests = [
        one["detector"]
        for one in attacks[0]["detectors"]
        if one["detector"].startswith("ringfence without")
        and one["detector"].rpartition(" ")[2] not in COULD_NOT_RUN
    ]
    rows = []
    for name in tests:
        found = [one["found"] for attack in attacks for one in _runs(attack, name)]
        with_all = [one["found"] for attack in attacks for one in _runs(attack, "ringfence")]
        items = sum(one["ring_items"] for attack in attacks for one in _runs(attack, name))
        whole = sum(one["ring_items"] for attack in attacks for one in _runs(attack, "ringfence"))
        rows.append(
            [
                name.removeprefix("ringfence without "),
                f"{sum(found) - sum(with_all):+,}",
                f"{items / whole - 1:+.1%}",
            ]
        )
    return table(["without", "accounts found", "items let out"], rows)


def adaptive(results: dict[str, Document]) -> str:
    """Lay out what an attacker gets that tries and improves."""
    places = (("adaptive30", "real account-months"), ("adaptive180", "simulated"))
    rows = [
        [
            f"{point['days']} days",
            f"{results[name]['population']['accounts']:,} {where}",
            f"{point['items']:,.0f}",
            f"{point['work_factor']:.1f}" if point["work_factor"] else "–",
            f"{point['voracious_items']:,}",
            f"{point['voracious_work_factor']:.1f}",
        ]
        for name, where in places
        for point in results.get(name, {}).get("adaptive", [])
    ]
    header = ["account lives", "readers", "items unseen", "work factor"]
    return table([*header, "most voracious of 96 people", "its work factor"], rows)


def _runs(attack: Document, detector: str) -> list[Document]:
    return [
        run for one in attack["detectors"] if one["detector"] == detector for run in one["runs"]
    ]


def sections(results: dict[str, Document]) -> str:
    """Return all tables with their headings."""
    parts = ["## Who is accused", accusations(results)]
    if "city" in results:
        parts += ["By kind, of the simulated readers:", kinds(results["city"])]
    first = [*results["greedy"]["attacks"], *results["incident"]["attacks"]]
    first += results["bold"]["attacks"]
    attacks = [*results["daily"]["attacks"], *results["small"]["attacks"]]
    parts += [
        "## What is found, and when",
        (
            "`greedy` with a verdict every ten minutes; the incident every hour, among 20,000 "
            "readers; the next two every hour, all others once a day, among 2,000. The work factor "
            "is account-months per million items, each account taking until it is found, over the "
            "33 of the incident."
        ),
        detection([*first, *results["small"]["attacks"]]),
        "## Next to what else could be used",
        (
            "Work factor (share of accounts found), judged once a day. Thresholds of all but "
            "`ringfence` and `leaky-bucket` are the best that accuse no reader, chosen knowing the "
            "truth."
        ),
        compared(attacks),
        "## What each test adds",
        (
            "Change when a test is left out, over the attacks of the last table. The tests "
            f"{', '.join(sorted(COULD_NOT_RUN))} could not run: these readers lack their columns."
        ),
        without_each(attacks),
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
