"""Make the logs and tables to measure on, once, and keep them in ``benchmarks/data``.

``python -m benchmarks.inputs log|events SIZE FOLDER`` makes one of them. Both are rendered from
scenarios: the log from the scenario ``demo`` at another size, the events from casual users.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.lab import simulate
from ringfence.lab.simulate import (
    Scenario,
    Truth,
    load_scenario,
    read_truth,
    write_access_log,
    write_scenario,
)

HERE = Path(__file__).parent
DATA = HERE / "data"

REAL: Final = HERE.parent.parent / "shared" / "data"
"""Folder of real logs that are not part of the project; benchmarks that need them skip them."""

LISTENERS: Final = REAL / "listeners-dev.parquet"
"""Listening histories of 48 real people."""

COLUMNS: Final = '[events.columns]\naccount = "listener"\nitem = "track"\ngroup = "artist"\n'
"""Settings to read them with."""

DEMO_LINES: Final = 235_000
"""Lines of the scenario ``demo``, about."""
GREEDY_LINES: Final = 52_500
"""Lines of its greedy account."""

EVENT_DAYS: Final = 90
CASUAL_DAY: Final = 8.5
"""Events of a casual user per day, idle days included, about."""


@dataclass(frozen=True)
class SimulatedLog:
    """An access log whose truth is known.

    Attributes:
        path: the log.
        lines: number of its lines.
        truth: what each account is.
    """

    path: Path
    lines: int
    truth: Truth


def public_logs() -> tuple[Path, ...]:
    """Return the public access logs that are at hand, sorted."""
    return tuple(sorted([*REAL.glob("ezpaarse/*.log.gz"), *REAL.glob("*.log.gz")]))


def access_log(lines: int) -> SimulatedLog:
    """Return the simulated log of about this number of lines."""
    folder = _cached("log", lines)
    counted = json.loads((folder / "lines.json").read_text(encoding="utf-8"))
    return SimulatedLog(folder / "access.log", counted, read_truth(folder / "truth.parquet"))


def events_table(events: int) -> Path:
    """Return a folder of Parquet files with about this number of events of users over 90 days.

    More events come from more accounts: one per 765 events.
    """
    return _cached("events", events) / "events"


def head(path: Path, lines: int) -> Path:
    """Return the first lines of a log as a file of its own."""
    short = path.with_name(f"{path.stem}-head-{lines}.log")
    if not short.exists():
        part = short.with_suffix(".part")
        with path.open("rb") as source, part.open("wb") as out:
            out.writelines(line for line, _ in zip(source, range(lines), strict=False))
        part.replace(short)
    return short


def log_scenario(lines: int) -> Scenario:
    """Return the scenario ``demo`` at the size that makes about this number of lines.

    Users, their kinds, the members of both rings and the catalogue grow with the log. There is one
    greedy account per two million lines, and at least one.
    """
    demo = load_scenario("demo")
    greedy, *rings = demo.attack
    number = max(1, round(lines / 2_000_000))
    factor = max(lines - number * GREEDY_LINES, 0) / (DEMO_LINES - GREEDY_LINES)

    def grown(count: float) -> int:
        return max(1, round(count * factor))

    kinds = {kind: grown(count) for kind, count in demo.users.kinds.items()}
    users = {"accounts": max(grown(demo.users.accounts), sum(kinds.values())), "kinds": kinds}
    return Scenario.model_validate(
        demo.model_dump()
        | {
            "name": f"log-{lines}",
            "users": users,
            "catalogue": {"items": max(100_000, grown(demo.catalogue.items)), "write": False},
            "attack": [greedy.model_dump()] * number
            + [
                one.model_dump()
                | {"parameters": one.parameters | {"accounts": _members(one, factor)}}
                for one in rings
            ],
        }
    )


def _members(section: simulate.AttackSection, factor: float) -> int:
    """Return the members of a ring in a log of another size: at least two."""
    return max(2, round(int(section.parameters["accounts"]) * factor))


def _events_scenario(events: int) -> Scenario:
    accounts = max(1, round(events / (CASUAL_DAY * EVENT_DAYS)))
    return Scenario.model_validate(
        {
            "name": f"events-{events}",
            "seed": 7,
            "days": EVENT_DAYS,
            "catalogue": {"items": 10_000_000, "write": False},
            "users": {"accounts": accounts, "kinds": {"casual": 0.9}},
        }
    )


def _cached(kind: str, size: int) -> Path:
    """Return the folder of an input; make it if it is missing, and drop those of older code.

    A process of its own makes it: a measured child starts with the peak memory of this process on
    its account, which must therefore stay small.
    """
    DATA.mkdir(exist_ok=True)
    folder = DATA / f"{kind}-{size}-{_source_digest()}"
    for old in DATA.glob(f"{kind}-{size}-*"):
        if old != folder:
            subprocess.run(["rm", "-r", str(old)], check=True)
    if not folder.exists():
        command = [sys.executable, "-m", "benchmarks.inputs", kind, str(size), str(folder)]
        subprocess.run(command, check=True, cwd=HERE.parent)
    return folder


def _make(kind: str, size: int, folder: Path) -> None:
    """Make an input whole or not at all: the folder gets its name when it is complete."""
    part = folder.with_name(f"{folder.name}.part")
    scenario = log_scenario(size) if kind == "log" else _events_scenario(size)
    write_scenario(scenario, part)
    if kind == "log":
        lines = write_access_log(part, part / "access.log")
        (part / "lines.json").write_text(json.dumps(lines), encoding="utf-8")
    part.rename(folder)


def _source_digest() -> str:
    """Return a digest of the simulator's source: another one makes other inputs."""
    here = Path(simulate.__file__).parent
    sources = sorted([*here.rglob("*.py"), *here.rglob("*.toml"), Path(__file__)])
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]


if __name__ == "__main__":
    _make(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
