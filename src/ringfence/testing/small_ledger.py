"""Fold a small ledger in memory from a table of events, as a scan folds its sources."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from ringfence.engine import ArrowData, open_engine
from ringfence.events import find_sources
from ringfence.evidence import Context
from ringfence.evidence.reference_distributions import Kind
from ringfence.ledger import open_writable
from ringfence.pipeline.steps import measure
from ringfence.settings import Settings
from ringfence.stats.arrays import Columns

ONE_THREAD: Final = Settings.model_validate({"engine": {"threads": 1}})
"""Settings with one thread: a small ledger gains nothing from more, and tests run in parallel."""


def write_events(path: Path, events: Columns) -> Path:
    """Write events as a Parquet file that a scan can read, and return its path.

    Args:
        path: file to write; ends in ``.parquet``.
        events: arrays of one length: ``ts`` (datetime64, UTC), ``account``, ``item``, and any of
            ``surface``, ``group``, ``ip``, ``client``, ``bytes``, ``records``, ``seconds``,
            ``status``, ``device``, ``payment``, ``signed_up``, ``referrer``, ``assets``. A value is
            None or NaN if an event lacks it.
    """
    with open_engine(ONE_THREAD.engine) as engine:
        engine.table("events", events)
        engine.copy("FROM events", path)
    return path


@contextmanager
def small_ledger(
    *slices: Columns,
    kind: Kind = "music",
    catalogue: Path | None = None,
    accounts: Path | ArrowData | None = None,
    settings: Settings = ONE_THREAD,
) -> Iterator[Context]:
    """Fold slices of events, each as one source, and yield the context of evidence tests.

    Args:
        slices: events, see :func:`write_events`; without any, the ledger is empty.
        kind: kind of catalogue, which selects the reference distributions.
        catalogue: file with the catalogue; by default it is derived from the events.
        accounts: table of accounts, joined where the events lack an attribute.
        settings: all other settings.
    """
    with tempfile.TemporaryDirectory(prefix="ringfence-") as folder:
        files = [
            write_events(Path(folder) / f"slice-{number}.parquet", events)
            for number, events in enumerate(slices)
        ]
        with ledger_of(
            files, kind=kind, catalogue=catalogue, accounts=accounts, settings=settings
        ) as context:
            yield context


@contextmanager
def ledger_of(
    files: Sequence[Path],
    *,
    kind: Kind = "music",
    catalogue: Path | None = None,
    accounts: Path | ArrowData | None = None,
    settings: Settings = ONE_THREAD,
) -> Iterator[Context]:
    """Fold files in the order given; the rest is as in :func:`small_ledger`.

    Raises:
        RingfenceError: a file cannot be read.
    """
    ledger = open_writable(None, settings)
    with ledger.engine as engine:
        for source in find_sources(files, engine.scratch):
            ledger.fold(source)
        ledger.compact()
        yield replace(measure(ledger, catalogue, accounts).context, kind=kind)
