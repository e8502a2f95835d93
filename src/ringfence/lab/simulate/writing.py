"""Write a scenario: events in parts, the catalogue, the truth, and the scenario as it was run."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from ringfence.errors import EngineError, OutputError, reason
from ringfence.lab.simulate.parts import Layout, extractor_parts, user_parts
from ringfence.lab.simulate.scenario import Scenario
from ringfence.lab.simulate.tables import Tables
from ringfence.lab.simulate.world import World
from ringfence.pipeline import Progress

LARGEST: Final = 20_000_000
"""Items of a catalogue that is written without being asked for."""
SMALL: Final = 20_000_000
"""Events below which starting other processes takes longer than it saves."""


_LISTS: Final = -1
"""Stands for the block of a job that is no events: the truth and the catalogue."""


@dataclass(frozen=True)
class _Job:
    """What processes need to know.

    Attributes:
        scenario: as JSON.
        layout: how it is cut.
        out: where it goes.
        listed: whether the catalogue is written.
    """

    scenario: str
    layout: Layout
    out: Path
    listed: bool


@dataclass(frozen=True)
class ScenarioFiles:
    """What was written.

    Attributes:
        name: of the scenario.
        folder: where it is.
        accounts: users and extractors.
        extractors: of them.
        events: rows of all parts.
        items: of the catalogue.
        files: paths by what they hold; parts of events are a glob.
        notes: what was not written, and why.
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
    and the scenario's optional columns, each part in the order of time and each run of days before
    the next; ``catalogue.parquet``: ``item``, ``group``, ``popularity`` (expected uses
    in a billion);
    ``truth.parquet``: what each account is; ``scenario.toml``: the scenario as it was run. The same
    scenario gives the same bytes with the same DuckDB and NumPy, whatever the number of processes.
    Memory: a few hundred MB a process, whatever the number of events; an attack that works down a
    list of the most used items holds that list, 8 bytes an item.

    Args:
        scenario: what to write.
        out: a folder; made if it is not there. Files of an earlier run in it are replaced.
        processes: how many work at the same time; by default all processors where it pays.
        progress: is told of every part of the work.

    Raises:
        SettingsError: an attack or the mix of users does not fit the scenario.
        OutputError: the folder cannot be written to.
    """
    progress = progress or Progress()
    world = _world(scenario.model_dump_json())
    layout = Layout.of(world.users.accounts, scenario.days)
    job = _Job(scenario.model_dump_json(), layout, out, _is_listed(scenario))
    try:
        _prepare(out)
        (out / "scenario.toml").write_text(scenario.to_toml(), encoding="utf-8")
        events = _write_tables(job, _processes(processes, layout), progress)
    except (OSError, EngineError) as error:
        raise OutputError(
            f"cannot be written: {reason(error)}",
            where=str(out),
            hint="name a writable folder",
        ) from error
    finally:
        progress.end()
    return _written(world, out, events, listed=job.listed)


def _prepare(out: Path) -> None:
    """Make the folder of the parts, without those of an earlier run; refuse another's files."""
    foreign = [name for name in ("events", "truth.parquet") if (out / name).exists()]
    if foreign and not (out / "scenario.toml").exists():
        raise OutputError(
            f"holds {' and '.join(foreign)} but no scenario",
            where=str(out),
            hint="name a new folder, or one that an earlier run made",
        )
    (out / "events").mkdir(parents=True, exist_ok=True)
    for old in [*(out / "events").glob("part-*.parquet"), out / "catalogue.parquet"]:
        old.unlink(missing_ok=True)


def _processes(asked: int | None, layout: Layout) -> int:
    if asked is None:
        return 1 if layout.events() < SMALL else os.cpu_count() or 1
    return asked


def _write_tables(job: _Job, processes: int, progress: Progress) -> int:
    """Write all tables and return how many events they have."""
    last = len(job.layout.blocks) - 1
    # What may take longest is begun first.
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
    # Forked copies of a process with threads may hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context) as pool:
        yield from pool.map(work, blocks)


def _write(job: _Job, block: int) -> int:
    """Write the parts of a block and return their events; or the lists, which have none."""
    world = _world(job.scenario)
    with Tables(world) as tables:
        if block == _LISTS:
            _write_lists(tables, job)
            return 0
        users = block < len(job.layout.blocks) - 1
        make = partial(user_parts, block=block) if users else extractor_parts
        events = 0
        for run, part in make(world, job.layout):
            if len(part):
                name = f"part-{run:04}-{block:04}.parquet"
                tables.write_events(part, job.out / "events" / name)
            events += len(part)
        return events


def _write_lists(tables: Tables, job: _Job) -> None:
    tables.write_truth(job.out / "truth.parquet")
    if job.listed:
        tables.write_catalogue(job.out / "catalogue.parquet")


@lru_cache(maxsize=1)
def _world(scenario: str) -> World:
    """Plan a scenario once a process."""
    return World(Scenario.model_validate_json(scenario))


def _is_listed(scenario: Scenario) -> bool:
    asked = scenario.catalogue.write
    return scenario.catalogue.items <= LARGEST if asked is None else asked


def _written(world: World, out: Path, events: int, *, listed: bool) -> ScenarioFiles:
    files = {"events": str(out / "events" / "part-*.parquet")}
    notes: tuple[str, ...] = ()
    if listed:
        files["catalogue"] = str(out / "catalogue.parquet")
    else:
        size = f"{world.law.items:,} items"
        notes = (f"The catalogue of {size} was not written: set catalogue.write = true for it.",)
    files |= {"truth": str(out / "truth.parquet"), "scenario": str(out / "scenario.toml")}
    return ScenarioFiles(
        name=world.scenario.name,
        folder=out,
        accounts=world.accounts,
        extractors=sum(len(campaign.account) for campaign in world.campaigns),
        events=events,
        items=world.law.items,
        files=files,
        notes=notes,
    )
