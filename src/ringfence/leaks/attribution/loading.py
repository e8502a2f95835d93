"""Bring a dump, a catalogue and a ledger into one session, without changing any of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import ArrowData, Engine, identifier, open_engine
from ringfence.errors import EngineError, LeakError
from ringfence.events.table_files import id_text
from ringfence.leaks.attribution.statements import (
    CANDIDATES,
    LEAK_FACTS,
    LEAK_HOLDINGS,
    LEAK_ITEMS,
    MEMBERS_OF_RINGS,
)
from ringfence.leaks.dump_values import (
    open_leak_table,
    open_values,
    table_column,
    unreadable_data,
)
from ringfence.leaks.dumps import UnreadableRecords
from ringfence.ledger import open_ledger
from ringfence.settings import CatalogueSettings, Settings
from ringfence.stats.arrays import Columns

_NO_LIMIT: Final = 2**32 - 1


@dataclass(frozen=True)
class LeakFiles:
    """The files of an attribution, and how they are compared.

    Attributes:
        dump: file or table with one row per item, in the order of the dump.
        ledger: of all accounts.
        catalogue: file or table with all items; None if only the ledger knows them. Without it,
            items that only one account holds say nothing.
        item: column of the dump with the item.
        day: column of the dump with a date per item; empty for none.
        published: items that an account took after this time did not leave through it.
        sample: 1 of this many items is compared, chosen by a hash. For a ledger that keeps only
            the items whose hash is a multiple of it, and to save time on a large one.
    """

    dump: Path | ArrowData
    ledger: Path
    catalogue: Path | ArrowData | None = None
    item: str = "item"
    day: str = ""
    published: datetime | None = None
    sample: int = 1


@dataclass(frozen=True)
class LoadedLeak:
    """A session with the tables of :mod:`ringfence.leaks.attribution.statements`.

    Attributes:
        engine: holds them.
        rings: ring_key, ring, account_key and account of the members of known rings.
        unreadable: records of the dump that could not be read.
    """

    engine: Engine
    rings: Columns
    unreadable: UnreadableRecords


@contextmanager
def loaded_leak(files: LeakFiles, settings: Settings) -> Iterator[LoadedLeak]:
    """Open the ledger, and load the dump and the catalogue beside it.

    Raises:
        LeakError: a file cannot be read, has no such column, or has no items.
        LedgerError: the ledger cannot be read.
    """
    with (
        open_ledger(files.ledger, settings) as reader,
        open_engine(settings.engine) as files_engine,
    ):
        engine = reader.engine
        unreadable = _load_dump(engine, files_engine, files)
        _load_catalogue(engine, files_engine, files, settings.catalogue)
        latest = int(files.published.timestamp()) if files.published else _NO_LIMIT
        engine.table(
            "leak_limits", {"latest": np.array([latest]), "sample": np.array([files.sample])}
        )
        rings = engine.columns(MEMBERS_OF_RINGS)
        engine.table(
            "leak_rings",
            {
                "ring_key": rings["ring_key"].astype(np.uint64),
                "account_key": rings["account_key"].astype(np.uint64),
            },
        )
        engine.run(LEAK_ITEMS, {"sample": files.sample})
        for statement in (LEAK_HOLDINGS, LEAK_FACTS, CANDIDATES):
            engine.run(statement)
        yield LoadedLeak(engine, rings, unreadable)


def _load_dump(engine: Engine, reader: Engine, files: LeakFiles) -> UnreadableRecords:
    wanted = {"item": files.item} | ({"day": files.day} if files.day else {})
    unreadable = open_values(reader, files.dump, list(wanted.values())).store(wanted)
    day = "TRY_CAST(day AS TIMESTAMP)" if files.day else "CAST(NULL AS TIMESTAMP)"
    select = (
        "SELECT hash(item) AS item_key, row_number() OVER () AS place, "  # noqa: S608 - constants
        f"CAST(epoch({day}) AS DOUBLE) AS day FROM dump_values WHERE item IS NOT NULL"
    )
    engine.arrow_table("leak_rows", reader.arrow(select))
    reader.run("CREATE OR REPLACE TEMP TABLE leak_values (item VARCHAR)")
    rows = engine.rows("SELECT count(*), count(day) FROM leak_rows")[0]
    where = f"column {files.day if rows[0] else files.item}"
    if not rows[0]:
        raise LeakError("the dump has no items", where=where, hint="name the column with the items")
    if files.day and not rows[1]:
        raise LeakError("has no dates", where=where, hint="give ISO 8601 dates")
    return unreadable


def _load_catalogue(
    engine: Engine, reader: Engine, files: LeakFiles, settings: CatalogueSettings
) -> None:
    if files.catalogue is None:
        empty = {
            "item_key": np.zeros(0, dtype=np.uint64),
            "group_key": np.zeros(0, dtype=np.uint64),
            "popularity": np.zeros(0),
        }
        engine.table("leak_catalogue", empty)
        return
    table = open_leak_table(reader, files.catalogue, "catalogue")
    item = table_column(table, settings.item, "catalogue")
    group = popularity = "NULL"
    if settings.group in table.types:
        column = id_text(identifier(settings.group), table.types[settings.group])
        group = f"CASE WHEN {column} IS NOT NULL THEN hash({column}) END"
    if settings.popularity in table.types:
        popularity = f"TRY_CAST({identifier(settings.popularity)} AS DOUBLE)"
    select = (
        f"SELECT hash({item}) AS item_key, CAST({group} AS UBIGINT) AS group_key, "  # noqa: S608 - quoted by the engine
        f"CAST({popularity} AS DOUBLE) AS popularity FROM {table.source} WHERE {item} IS NOT NULL"
    )
    try:
        engine.arrow_table("leak_catalogue", reader.arrow(select))
    except EngineError as failure:
        raise unreadable_data(reader, failure, files.catalogue) from failure
