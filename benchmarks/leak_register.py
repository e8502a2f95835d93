"""Load, deduplicate and batch the links of a register at any size, in bounded memory.

    python -m benchmarks.leak_register [--links 8e6 ...] --folder DIR [--write FILE]

The links are made in parts. Hosts have heavy-tailed shares: that of the host of rank k is about
1/k. One link in five repeats an earlier one in another spelling: capitals, a fragment, the default
port, a tracking parameter, needless percent encoding, or a dot segment. Each part is made, added
and removed again. So the folder needs room for one part, the register, and what is not merged yet.

Each step is a process of its own, whose time and peak memory are measured. A run that was stopped
goes on where it was: the folder has a file with the steps that are done.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.measure import run
from benchmarks.page import publish, table

from ringfence.engine import literal, open_engine
from ringfence.leaks.register import BatchNumbers, LinkChoice, LinkRegister, open_register
from ringfence.settings import EngineSettings, Settings

PART: Final = 8_000_000
"""Links per part."""

BATCH: Final = 1_000
"""Links per batch."""

MEMORY: Final = "2500MB"
"""Memory limit of the engine. The process must stay below 4 GB."""

LINK: Final = """
SELECT n, 'https://' AS scheme, 'files-' || k || '.example' || CASE k % 3 WHEN 0 THEN '.org'
  WHEN 1 THEN '.net' ELSE '' END AS host,
  '/file/' || lpad(to_hex(hash(link)), 16, '0') || '/track-' || link || '.flac' AS path
FROM (SELECT n, link, CAST(floor(pow({hosts}, (hash(link) % 1000003) / 1000003)) AS BIGINT) AS k
  FROM (SELECT n, CASE WHEN n % 5 = 4 AND n > 5 THEN 5 * CAST(hash(n) % (n // 5) AS BIGINT)
    + CAST(hash(n + 1) % 4 AS BIGINT) ELSE n END AS link FROM range({first}, {last}) AS r(n)))
"""

SPELLINGS: Final = """
SELECT CASE WHEN n % 5 <> 4 THEN scheme || host || path ELSE CASE n // 5 % 6
    WHEN 0 THEN 'HTTPS://' || upper(host) || path
    WHEN 1 THEN scheme || host || path || '#player'
    WHEN 2 THEN scheme || host || ':443' || path
    WHEN 3 THEN scheme || host || path || '?utm_source=forum&fbclid=' || n
    WHEN 4 THEN scheme || host || replace(path, 'track', '%74rack')
    ELSE scheme || host || '/.' || path END END AS url
FROM ({links})
"""


@dataclass
class Steps:
    """The steps that are done, and their cost.

    Attributes:
        loaded: number of parts that are loaded.
        cpu: seconds of processor time by step.
        wall: elapsed seconds by step.
        peak: largest peak memory by step, bytes.
        links: different links in the register.
        batches: number of batches.
        loaded_bytes: size of the register before it was merged.
        stored_bytes: size of the register.
    """

    loaded: int = 0
    cpu: dict[str, float] = field(default_factory=dict)
    wall: dict[str, float] = field(default_factory=dict)
    peak: dict[str, int] = field(default_factory=dict)
    links: int = 0
    batches: int = 0
    loaded_bytes: int = 0
    stored_bytes: int = 0


def write_part(number: int, links: int, folder: Path) -> Path:
    """Write the links of one part to a Parquet file."""
    path = folder / "part.parquet"
    first, last = number * PART, min((number + 1) * PART, links)
    hosts = max(links // 800, 10)
    made = SPELLINGS.format(links=LINK.format(hosts=hosts, first=first, last=last))
    with open_engine(settings(folder).engine) as engine:
        engine.run(f"COPY ({made}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")
    return path


def settings(folder: Path) -> Settings:
    """Return settings whose temporary data is in the measured folder."""
    return Settings(engine=EngineSettings(memory_limit=MEMORY, temp_directory=str(folder)))


def load(register: LinkRegister, folder: Path) -> None:
    """Add the links of the part."""
    register.add(folder / "part.parquet", datetime(2026, 1, 1, tzinfo=UTC), "benchmark")


def merge(register: LinkRegister, folder: Path) -> None:
    """Merge and deduplicate everything."""
    register.merge()
    summary = register.summary()
    (folder / "result.json").write_text(json.dumps({"links": summary.links}))


def batch(register: LinkRegister, folder: Path) -> None:
    """Number the batches of all links by host."""
    numbers = BatchNumbers(BATCH, by_host=True)
    for rows in register.ranges(LinkChoice(("found",), untold=("host",))):
        numbers.number(register.engine, rows)
    (folder / "result.json").write_text(
        json.dumps({"batched": numbers.links, "batches": numbers.batches})
    )


PHASES: Final[dict[str, Callable[[LinkRegister, Path], None]]] = {
    "load": load,
    "merge": merge,
    "batch": batch,
}
"""The measured steps, by name."""


def measured(links: int, folder: Path) -> tuple[str, ...]:
    """Load, merge and batch a number of links, and return one row of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / "steps.json"
    steps = Steps(**json.loads(journal.read_text())) if journal.exists() else Steps()

    def keep() -> None:
        journal.write_text(json.dumps(asdict(steps)))

    while steps.loaded * PART < links:
        part = write_part(steps.loaded, links, folder)
        steps.loaded += 1
        step("load", steps, folder)
        keep()
        part.unlink()
        print(f"{steps.loaded} parts, {sum(steps.wall.values()):.0f} s", flush=True)
    if "merge" not in steps.wall:
        steps.loaded_bytes = size(folder / "register")
        steps.links = step("merge", steps, folder)["links"]
        steps.stored_bytes = size(folder / "register")
        keep()
    if "batch" not in steps.wall:
        found = step("batch", steps, folder)
        steps.batches = found["batches"]
        if found["batched"] != steps.links:
            raise SystemExit(f"{found['batched']:,} of {steps.links:,} links are in batches")
        keep()
    return row(links, steps)


def step(phase: str, steps: Steps, folder: Path) -> dict[str, int]:
    """Run one step in a process of its own, add its cost, and return the numbers it wrote."""
    result = folder / "result.json"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.leak_register", "--phase", phase]
    cost = run([*command, "--folder", str(folder)], folder / "log")
    steps.cpu[phase] = steps.cpu.get(phase, 0.0) + cost.cpu
    steps.wall[phase] = steps.wall.get(phase, 0.0) + cost.wall
    steps.peak[phase] = max(steps.peak.get(phase, 0), cost.peak)
    numbers: dict[str, int] = json.loads(result.read_text()) if result.exists() else {}
    return numbers


def row(links: int, steps: Steps) -> tuple[str, ...]:
    """Return the row of the table about one size."""
    cpu = sum(steps.cpu.values())
    return (
        f"{links:,}", f"{steps.links:,}", f"{steps.batches:,}",
        *(f"{steps.wall[phase]:,.0f}" for phase in PHASES),
        f"{cpu:,.0f}", f"{1e6 * cpu / links:.2f}", f"{max(steps.peak.values()) / 1e9:.1f}",
        f"{max(steps.loaded_bytes, steps.stored_bytes) / 1e9:.1f}",
        f"{steps.stored_bytes / 1e9:.2f}", f"{steps.stored_bytes / steps.links:.0f}",
    )  # fmt: skip


def size(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=float, nargs="+", default=[8e6])
    parser.add_argument("--folder", type=Path, required=True, help="where the register is made")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    parser.add_argument("--phase", choices=PHASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.phase:
        with open_register(
            options.folder / "register", settings(options.folder), create=True
        ) as register:
            PHASES[options.phase](register, options.folder)
        return
    rows = []
    for links in map(round, options.links):
        rows.append(measured(links, options.folder / f"links-{links}"))
        print(rows[-1], flush=True)
        shutil.rmtree(options.folder / f"links-{links}" / "register")
    header = (
        "links", "different", "batches", "load s", "deduplicate s", "batch s", "CPU s",
        "CPU µs per link", "peak GB", "GB not merged", "GB merged", "bytes per link",
    )  # fmt: skip
    publish("leak_register", table(header, rows), options.write)


if __name__ == "__main__":
    main()
