"""Make the inputs of the incident of December 2025 for a simulated catalogue of any size.

The catalogue has the law of popularity of ``ringfence simulate``. Two dumps are made of it, as they
were published: the list of the files of the most used 86 of 256 items, most used first, and an
SQLite database with the metadata of all items but one in a thousand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import adbc_driver_sqlite
import numpy as np
import pyarrow as pa
from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement

from ringfence.engine import Engine, literal, open_engine
from ringfence.lab.simulate.catalogue import TAKEN, CatalogueLaw
from ringfence.settings import EngineSettings

LARGEST_CHUNK: Final = 2_000_000
"""Items that are made at a time, at most; a catalogue has at least 64 chunks."""

SPARED: Final = 1_000
"""One item in this number is not in the metadata: the incident had 99.9 %."""

ID: Final = "lpad(lower(to_hex(hash(n))), 16, '0') || lpad(lower(to_hex(n)), 7, '0')"
"""SQL of an item's id of 23 characters; ``n`` is its public number."""

ITEM: Final = f"""
SELECT {ID} AS item, 'Title ' || n AS title, 'Artist ' || "group" AS group_name, popularity,
  CAST(2000 + hash(n) % 26 AS VARCHAR) AS year, 'genre ' || "group" % 40 AS genre,
  'holder ' || "group" % 300 AS rights
FROM made
"""

MEMORY: Final = "6GB"
"""Memory limit of the engine. The process also holds batches of rows that are on their way."""


@dataclass(frozen=True)
class LeakInputs:
    """The files of one size.

    Attributes:
        catalogue: the catalogue, as Parquet.
        files: the list of files, as text.
        metadata: the metadata, as SQLite.
    """

    catalogue: Path
    files: Path
    metadata: Path

    @property
    def size(self) -> int:
        """Bytes of all three."""
        return sum(one.stat().st_size for one in (self.catalogue, self.files, self.metadata))


def leak_inputs(items: int, folder: Path) -> LeakInputs:
    """Return the inputs of a size. Files that the folder has are not made again.

    Args:
        items: number of items.
        folder: where the inputs are made, in a folder of their own.
    """
    own = folder / f"items-{items}"
    own.mkdir(parents=True, exist_ok=True)
    inputs = LeakInputs(own / "catalogue.parquet", own / "files.txt", own / "metadata.db")
    law = CatalogueLaw.of(items)
    _make(inputs.catalogue, lambda path: write_catalogue(law, path))
    _make(inputs.files, lambda path: write_files(law, path))
    _make(inputs.metadata, lambda path: write_metadata(law, path))
    return inputs


def _make(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file under another name first, so that a half-written one is never used."""
    if path.exists():
        return
    began = time.monotonic()
    unfinished = path.with_name(f"unfinished-{path.name}")
    unfinished.unlink(missing_ok=True)
    write(unfinished)
    unfinished.rename(path)
    print(f"{path} made in {time.monotonic() - began:.0f} s", flush=True)


def _engine(path: Path) -> AbstractContextManager[Engine]:
    return open_engine(EngineSettings(memory_limit=MEMORY, temp_directory=str(path.parent)))


def made(law: CatalogueLaw, seed: int) -> pa.RecordBatchReader:
    """Return all items of a catalogue as a stream, in an order that says nothing about use."""
    size = min(LARGEST_CHUNK, max(law.items // 64, 1))
    schema = pa.schema([("n", pa.int64()), ("group", pa.int64()), ("popularity", pa.float64())])

    def batches() -> Iterator[pa.RecordBatch]:
        rng = np.random.default_rng(seed)
        for start in rng.permutation(np.arange(0, law.items, size)).tolist():
            columns = law.columns(start, start + size)
            order = rng.permutation(len(columns["item"]))
            arrays = [columns[name][order] for name in ("item", "group", "popularity")]
            yield pa.record_batch([pa.array(one) for one in arrays], schema=schema)

    return pa.RecordBatchReader.from_batches(schema, batches())


def write_catalogue(law: CatalogueLaw, path: Path) -> None:
    """Write the catalogue file."""
    with _engine(path) as engine, engine.incoming("made", made(law, 1)):
        engine.copy(ITEM, path)


def write_files(law: CatalogueLaw, path: Path) -> None:
    """Write the list of files: folder, id, size; the most used item first."""
    line = f"left({ID}, 2) || '/' || {ID} || '.ogg', 2000000 + hash(n) % 6000000"
    options = "FORMAT csv, HEADER false, DELIMITER '\t', QUOTE ''"
    with _engine(path) as engine:
        engine.table("top", {"n": law.public(law.top(round(TAKEN * law.items)))})
        engine.keep_order()
        engine.run(f"COPY (SELECT {line} FROM top) TO {literal(str(path))} ({options})")


def write_metadata(law: CatalogueLaw, path: Path) -> None:
    """Write the SQLite database with the metadata, in an order of its own."""
    rows = (
        f"SELECT item AS id, title, group_name AS artist, year FROM ({ITEM}) "
        f"WHERE hash(item) % {SPARED} <> 0"
    )
    with (
        _engine(path) as engine,
        engine.incoming("made", made(law, 2)),
        AdbcDatabase(driver=adbc_driver_sqlite._driver_path(), uri=str(path)) as database,  # noqa: SLF001
        AdbcConnection(database) as connection,
        AdbcStatement(connection) as statement,
    ):
        statement.set_options(**{"adbc.ingest.target_table": "tracks"})
        statement.bind_stream(engine.arrow(rows).__arrow_c_stream__())
        statement.execute_update()
