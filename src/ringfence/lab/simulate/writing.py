"""Write a scenario: its events in batches, its catalogue, its truth, and its settings."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from ringfence.errors import EngineError, OutputError, output_hint, reason
from ringfence.lab.simulate.batches import BatchLayout, extractor_batches, user_batches
from ringfence.lab.simulate.plan import ScenarioPlan
from ringfence.lab.simulate.scenario import Scenario
from ringfence.lab.simulate.tables import Tables
from ringfence.private_files import make_folder, new_file
from ringfence.progress import Progress

LARGEST: Final = 20_000_000
"""Largest catalogue that is written by default, in items."""
SMALL: Final = 20_000_000
"""Number of events below which one process is faster than several."""


_LISTS: Final = -1
"""Stands for the piece of work that writes the truth and the catalogue."""


@dataclass(frozen=True)
class _Job:
    """The input of each process.

    Attributes:
        scenario: scenario as JSON.
        layout: blocks and runs of its batches.
        out: folder to write to.
        listed: whether the catalogue is written.
    """

    scenario: str
    layout: BatchLayout
    out: Path
    listed: bool


@dataclass(frozen=True)
class ScenarioFiles:
    """The files of a scenario, and their sizes.

    Attributes:
        name: name of the scenario.
        folder: folder of the files.
        accounts: number of users and extractors.
        extractors: number of extractors.
        events: number of events in all files.
        items: number of items of the catalogue.
        files: paths by content; the events are a glob.
        notes: sentences about files that were not written.
    """

    name: str
    folder: Path
    accounts: int
    extractors: int
    events: int
    items: int
    files: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def write_scenario(
    scenario: Scenario,
    out: Path,
    *,
    processes: int | None = None,
    progress: Progress | None = None,
) -> ScenarioFiles:
    """Write a scenario as Parquet.

    ``events/part-<run of days>-<block of accounts>.parquet``: ``ts`` (UTC), ``account``, ``item``
    and the scenario's optional columns; each file is sorted by time.
    ``catalogue.parquet``: ``item``, ``group`` and ``popularity`` (expected uses in a billion).
    ``truth.parquet``: what each account is. ``scenario.toml``: the scenario with all defaults.

    The same scenario gives the same bytes with the same DuckDB and NumPy, on any number of
    processes. Memory: a few hundred MB per process, whatever the number of events. An attack that
    works down a list of the most used items holds that list, at 8 bytes per item.

    Args:
        scenario: scenario to write.
        out: folder, made if it does not exist. Files of an earlier run in it are replaced.
        processes: number of processes; by default one per processor for large scenarios.
        progress: is told of every piece of work.

    Raises:
        SettingsError: an attack or the mix of users does not fit the scenario.
        OutputError: the folder cannot be written to.
    """
    progress = progress or Progress()
    plan = _plan(scenario.model_dump_json())
    layout = BatchLayout.of(plan.users.accounts, scenario.days)
    job = _Job(scenario.model_dump_json(), layout, out, _is_listed(scenario))
    try:
        _prepare(out)
        with new_file(out / "scenario.toml") as file:
            file.write(scenario.to_toml().encode())
        events = _write_tables(job, _processes(processes, layout), progress)
    except (OSError, EngineError) as error:
        raise OutputError(
            f"cannot be written: {reason(error)}",
            where=str(out),
            hint=output_hint(error),
        ) from error
    finally:
        progress.end()
    return _written(plan, out, events, listed=job.listed)


def _prepare(out: Path) -> None:
    """Make the folder and remove files of an earlier run; refuse other people's files."""
    foreign = [name for name in ("events", "truth.parquet") if (out / name).exists()]
    if foreign and not (out / "scenario.toml").exists():
        raise OutputError(
            f"holds {' and '.join(foreign)} but no scenario",
            where=str(out),
            hint="name a new folder, or one that an earlier run made",
        )
    make_folder(out / "events")
    for old in [*(out / "events").glob("part-*.parquet"), out / "catalogue.parquet"]:
        old.unlink(missing_ok=True)


def _processes(asked: int | None, layout: BatchLayout) -> int:
    if asked is None:
        return 1 if layout.events() < SMALL else os.cpu_count() or 1
    return asked


def _write_tables(job: _Job, processes: int, progress: Progress) -> int:
    """Write all tables and return the number of events."""
    last = len(job.layout.blocks) - 1
    # The pieces that may take longest begin first.
    work = [_LISTS, last, *range(last)]
    counts = _each(partial(_write, job), work, processes)
    progress.begin(len(work), lambda: 0.0)
    events = 0
    for block in work:
        name = f"events, block {block + 1} of {last + 1}"
        progress.step("truth and catalogue" if block == _LISTS else name)
        events += next(counts)
    return events


def _each(work: Callable[[int], int], blocks: list[int], processes: int) -> Iterator[int]:
    if processes == 1:
        yield from map(work, blocks)
        return
    # A forked copy of a process with threads may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context) as pool:
        yield from pool.map(work, blocks)


def _write(job: _Job, block: int) -> int:
    """Write one piece of work and return its number of events; the lists have none."""
    plan = _plan(job.scenario)
    with Tables(plan) as tables:
        if block == _LISTS:
            _write_lists(tables, job)
            return 0
        users = block < len(job.layout.blocks) - 1
        make = partial(user_batches, block=block) if users else extractor_batches
        events = 0
        for run, batch in make(plan, job.layout):
            if len(batch):
                name = f"part-{run:04}-{block:04}.parquet"
                tables.write_events(batch, job.out / "events" / name)
            events += len(batch)
        return events


def _write_lists(tables: Tables, job: _Job) -> None:
    tables.write_truth(job.out / "truth.parquet")
    if job.listed:
        tables.write_catalogue(job.out / "catalogue.parquet")


@lru_cache(maxsize=1)
def _plan(scenario: str) -> ScenarioPlan:
    """Plan a scenario once per process."""
    return ScenarioPlan(Scenario.model_validate_json(scenario))


def _is_listed(scenario: Scenario) -> bool:
    asked = scenario.catalogue.write
    return scenario.catalogue.items <= LARGEST if asked is None else asked


def _written(plan: ScenarioPlan, out: Path, events: int, *, listed: bool) -> ScenarioFiles:
    files = {"events": str(out / "events" / "part-*.parquet")}
    notes: tuple[str, ...] = ()
    if listed:
        files["catalogue"] = str(out / "catalogue.parquet")
    else:
        size = f"{plan.law.items:,} items"
        notes = (f"The catalogue of {size} was not written: set catalogue.write = true for it.",)
    files |= {"truth": str(out / "truth.parquet"), "scenario": str(out / "scenario.toml")}
    return ScenarioFiles(
        name=plan.scenario.name,
        folder=out,
        accounts=plan.accounts,
        extractors=sum(len(campaign.account) for campaign in plan.campaigns),
        events=events,
        items=plan.law.items,
        files=files,
        notes=notes,
    )
