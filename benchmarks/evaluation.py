"""How good the detection is: all that docs/evaluation.md shows, from one command.

    python -m benchmarks.evaluation [--write docs/evaluation.md] [--keep]

Runs ``ringfence evaluate`` on simulated readers and, where the data is there, on the real
listeners, and lays the results out as tables. Takes some hours on two cores. ``--keep`` uses the
results that are in benchmarks/data/evaluation already.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import duckdb
from benchmarks.inputs import COLUMNS, HERE, LISTENERS
from benchmarks.page import publish, table

DATA: Final = HERE / "data" / "evaluation"

LARGE: Final = '[engine]\nmemory_limit = "15GB"\n'
"""For 252 million events: with less memory, merging their holdings spills more to disk."""

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
"""Judged once a day."""

AMONG_PEOPLE: Final = (
    "even-ring-1000",
    "waking-ring-1000",
    "slow-start",
    "week-and-replaced",
    "stolen",
    "ring-interleaved",
    "ring-by-artist",
)
"""Planted among real people too; simulated readers resemble each other more than people do."""

LINKED: Final = ("metadata-only", "ring-linked")
"""Planted where readers have networks, clients and surfaces."""

SEEDS: Final = ("--seeds", "3")

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
            rows.append([what, *(f"{n:,}" for n in numbers), f"{alone['accused_at_most']:.2g}"])
    header = ["readers", "accounts", "accused", "suspects", "chance of each, at most (95 %)"]
    return table(header, rows)


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


def estimated(value: Document | None, form: str) -> str:
    """Write a mean and, where the seeds differ, its interval."""
    if value is None:
        return "–"
    mean = format(value["mean"], form)
    if value["low"] is None or value["low"] == value["high"]:
        return mean
    return f"{mean} ({value['low']:{form}} – {value['high']:{form}})"


def detection(attacks: list[Document]) -> str:
    """Lay out how each attack went under Ringfence itself, over all seeds."""
    rows = []
    for attack in attacks:
        one = attack["detectors"][0]
        runs = one["runs"]
        extractors, found, seen = (
            sum(run[name] for run in runs)
            for name in ("extractors", "found", "suspected_extractors")
        )
        most = max((run["items_most"] or 0 for run in runs), default=0)
        last = [run["last_hours"] for run in runs]
        rows.append(
            [
                attack["name"],
                f"{found} / {extractors}",
                f"{seen}",
                estimated(one["items_median"], ",.0f"),
                f"{most:,}" if most else "–",
                "never" if None in last else f"{max(last):,.0f} h",
                estimated(one["ring_items"], ",.0f"),
                estimated(one["work_factor"], ".1f"),
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
    """Lay out what each evidence test adds: what is lost without it, and on which attack most."""
    tests = [
        one["detector"]
        for one in attacks[0]["detectors"]
        if one["detector"].startswith("ringfence without")
    ]
    rows = []
    for name in tests:
        lost = {attack["name"]: _lost(attack, name) for attack in attacks}
        found, items = (sum(each) for each in zip(*lost.values(), strict=True))
        worst = min(lost, key=lambda attack: (lost[attack][0], -_more(attacks, attack, name)))
        more = _more(attacks, worst, name)
        of_all = sum(run["ring_items"] for attack in attacks for run in _runs(attack, "ringfence"))
        rows.append(
            [
                name.removeprefix("ringfence without "),
                f"{found:+,}",
                f"{items / of_all:+.1%}",
                f"{worst}: {lost[worst][0]:+,}, {more:+.0%}" if found or items else "–",
            ]
        )
    header = ["without", "accounts found", "items let out"]
    return table([*header, "lost most on: accounts found, items let out"], rows)


def _lost(attack: Document, without: str) -> tuple[int, int]:
    """Return by how much accounts found and items let out change without a test."""
    whole, left = _runs(attack, "ringfence"), _runs(attack, without)
    found, items = (
        sum(run[name] for run in left) - sum(run[name] for run in whole)
        for name in ("found", "ring_items")
    )
    return found, items


def _more(attacks: list[Document], name: str, without: str) -> float:
    """Return the change of one attack's items as a share."""
    attack = next(attack for attack in attacks if attack["name"] == name)
    whole = sum(run["ring_items"] for run in _runs(attack, "ringfence"))
    return _lost(attack, without)[1] / whole


def adaptive(results: dict[str, Document]) -> str:
    """Lay out what an attacker gets that tries and improves."""
    places = (
        ("adaptive30", "real account-months"),
        ("adaptive180", "simulated"),
        ("adaptive365", "simulated"),
    )
    rows = [
        [
            f"{point['days']} day{'' if point['days'] == 1 else 's'}",
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


def _attacks(results: dict[str, Document], *names: str) -> list[Document]:
    return [attack for name in names for attack in results[name]["attacks"]]


def sections(results: dict[str, Document]) -> str:
    """Return all tables with their headings."""
    parts = ["## Who is accused", accusations(results)]
    if "city" in results:
        parts += ["By kind, of the simulated readers:", kinds(results["city"])]
    first = _attacks(results, "greedy", "incident", "bold")
    patient = _attacks(results, "small")
    left_out = _attacks(results, "greedy", "bold", "small", "linked")
    parts += [
        "## What is found, and when",
        (
            "`greedy` with a verdict every minute; the incident every hour, among 20,000 "
            "readers; the next two every hour, all others once a day, among 2,000. All seeds "
            "together; means with 95 % intervals over three seeds. The work factor is "
            "account-months per million items, each account taking until it is found, over the "
            "33 of the incident."
        ),
        detection([*first, *patient]),
        "## Next to what else could be used",
        (
            "Work factor (share of accounts found), judged once a day. Thresholds of all but "
            "`ringfence` and `leaky-bucket` are the best that accuse no reader, chosen knowing the "
            "truth."
        ),
        compared([*_attacks(results, "daily"), *patient]),
    ]
    if "people" in results:
        parts += ["The same among real people, 884 account-months:"]
        parts += [compared(_attacks(results, "people"))]
    parts += [
        "## What each test adds",
        (
            "Change when a test is left out, over the attacks of “What is found” and two "
            "among readers with networks, clients and surfaces (`metadata-only`, `ring-linked`); "
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
