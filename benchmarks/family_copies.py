"""Change the events of simulated users into those of a few users of an honest family.

Readers of manuscripts jump, listeners copy playlists of hits, and two people share one login.
All numbers are assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq
from benchmarks.family_events import DAYS, FAMILY, OTHERS, Random

from ringfence.lab.simulate import load_scenario, read_truth, write_scenario
from ringfence.stats.arrays import Columns, Flags, Integers, Names
from ringfence.stats.seconds import DAY, HOUR

LIBRARY: Final = 1_500
"""Tracks in the library of one person."""

LONGEST_COPY: Final = np.timedelta64(2 * HOUR, "s")
"""A device copies a library within this time, one track every one to three seconds."""

SYNCERS: Final = 8
"""Simulated users who copy a library, per account of two people. About half have enough tracks."""

WEEKS_APART: Final = np.timedelta64(14 * DAY, "s")
"""Time between the copies of two people."""


def jumping_readers(size: int, furthest: int, rng: Random, seed: int, scratch: Path) -> Columns:
    """Make readers of manuscripts beside readers of articles.

    Args:
        size: number of readers of manuscripts.
        furthest: largest distance of a page from the one whose turn it is.
        rng: random numbers.
        seed: added to the seed of the simulated users.
        scratch: an empty folder.
    """
    events, kinds = _simulated("honest-reader", {"pages": size}, seed, scratch)
    rows = np.flatnonzero(kinds == "pages")
    steps = rng.integers(-furthest, furthest + 1, rows.size)
    for row, step in zip(rows, steps, strict=True):
        prefix, _, page = events["item"][row].rpartition("-")
        events["item"][row] = f"{prefix}-{int(page) + step}"
    return _named(events, [[name] for name in np.unique(events["account"][rows])])


def hit_collectors(size: int, rng: Random, seed: int, scratch: Path) -> Columns:
    """Make listeners, and a few others that copy playlists of hits in one evening.

    Each copies 1,000 to 2,000 of the most held tracks of the log. Half of them also listen like the
    others. The log has no surfaces. The arguments are those of :func:`jumping_readers`.
    """
    events, _ = _simulated("honest-sync", {}, seed, scratch)
    del events["surface"]
    pairs = np.unique(np.stack([events["account"], events["item"]]).astype(str), axis=1)
    tracks, holders = np.unique(pairs[1], return_counts=True)
    hits = tracks[np.argsort(-holders, kind="stable")].astype(object)
    owners = rng.choice(np.unique(events["account"]), size, replace=False)
    copies = [_copy_of_hits(rng, events, owner, hits) for owner in owners]
    listens = ~np.isin(events["account"], owners[::2])
    return _named(_stacked([_rows(events, listens), *copies]), [[owner] for owner in owners])


def _copy_of_hits(rng: Random, events: Columns, owner: str, hits: Names) -> Columns:
    """Return the copy of an account, one track every one to three seconds.

    Its order is random, because a playlist is not sorted by the number of its listeners.
    """
    item = rng.permutation(hits[: rng.integers(1_000, 2_001)])
    evening = rng.integers(2, DAYS - 2) * DAY + rng.uniform(17, 21) * HOUR
    second = evening + np.cumsum(rng.uniform(1, 3, item.size))
    group = dict(zip(events["item"], events["group"], strict=True))
    own = np.flatnonzero(events["account"] == owner)[0]
    copy = _rows(events, np.repeat(own, item.size))
    first_day = events["ts"].min().astype("datetime64[D]")
    return copy | {
        "ts": (first_day + second.astype("timedelta64[s]")).astype(events["ts"].dtype),
        "item": item,
        "group": np.array([group[one] for one in item], object),
        "seconds": np.full(item.size, np.nan),
    }


def shared_logins(size: int, rng: Random, seed: int, scratch: Path) -> Columns:
    """Make listeners, and a few logins that two people with two libraries share.

    Each person copies 1,500 tracks. The second one does so two weeks after the first. Some of them
    also listen. The log has no surfaces. The arguments are those of :func:`jumping_readers`.
    """
    events, kinds = _simulated("honest-sync", {"sync": SYNCERS * size}, seed, scratch)
    downloads = events.pop("surface") == "download"
    copies: dict[str, Integers] = {}
    for name in rng.permutation(np.unique(events["account"][kinds == "sync"])):
        rows = _copied_library(events, np.flatnonzero(downloads & (events["account"] == name)))
        if rows.size and len(copies) < 2 * size:
            copies[name] = rows
    if len(copies) < 2 * size:
        raise RuntimeError(f"only {len(copies)} simulated users copy {LIBRARY} tracks")
    pairs = list(zip(list(copies)[::2], list(copies)[1::2], strict=True))
    _move_copies(events, copies, pairs)
    of_family = np.isin(events["account"], list(copies))
    kept = (kinds != "sync") | (of_family & ~downloads)
    kept[np.concatenate(list(copies.values()))] = True
    return _named(_rows(events, kept), pairs)


def _copied_library(events: Columns, downloads: Integers) -> Integers:
    """Return the rows of the first tracks that an account copied at once; none if it has too few.

    Args:
        events: events in order of time.
        downloads: rows of the account's downloads.
    """
    when = events["ts"][downloads]
    lasted = when[LIBRARY - 1 :] - when[: max(0, when.size - LIBRARY + 1)]
    begins = np.flatnonzero(lasted <= LONGEST_COPY)
    return downloads[begins[0] :][:LIBRARY] if begins.size else downloads[:0]


def _move_copies(
    events: Columns, copies: dict[str, Integers], pairs: Sequence[tuple[str, str]]
) -> None:
    """Let the first person of each pair copy in the first week, and the second one in the third."""
    first_day = events["ts"].min().astype("datetime64[D]")
    for number, pair in enumerate(pairs):
        for person, name in enumerate(pair):
            rows = copies[name]
            day = events["ts"][rows[0]].astype("datetime64[D]")
            wanted = first_day + np.timedelta64(1 + number % 5, "D") + person * WEEKS_APART
            events["ts"][rows] += wanted.astype("datetime64[D]") - day


def _simulated(
    scenario: str, kinds: dict[str, int], seed: int, scratch: Path
) -> tuple[Columns, Names]:
    """Return the events of a scenario in order of time, and the kind of user of each event."""
    service = load_scenario(scenario)
    accounts = OTHERS + sum(kinds.values())
    users = service.users.model_copy(update={"accounts": accounts, "kinds": kinds})
    update = {"users": users, "seed": service.seed + seed, "days": DAYS}
    write_scenario(service.model_copy(update=update), scratch, processes=1)
    read = pq.read_table(scratch / "events").sort_by("ts")
    events = {name: read[name].to_numpy(zero_copy_only=False).copy() for name in read.column_names}
    kind_of = read_truth(scratch / "truth.parquet").kinds
    return events, np.array([kind_of[name] for name in events["account"]], object)


def _rows(events: Columns, rows: Integers | Flags) -> Columns:
    """Return some of the events."""
    return {name: values[rows] for name, values in events.items()}


def _stacked(parts: Sequence[Columns]) -> Columns:
    """Return the events of all parts."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _named(events: Columns, accounts: Sequence[Sequence[str]]) -> Columns:
    """Return the events with names of the family for some accounts; each name may join several."""
    names = {old: f"{FAMILY}-{number}" for number, olds in enumerate(accounts) for old in olds}
    account = np.array([names.get(name, name) for name in events["account"]], object)
    return events | {"account": account}
