"""Assess a leak like the incident of December 2025, on a simulated catalogue of any size.

    python -m benchmarks.leak_assess [--items 2.56e6 ...] [--folder DIR] [--write FILE]

The catalogue has the law of popularity of ``ringfence simulate``. Two dumps are made of it, as they
were published: the list of the files of the most used 86 of 256 items, most used first, and an
SQLite database with the metadata of all items but one in a thousand. The assessment is one run of
the command. The shares of items and of use come out of the dumps, not out of a constant.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import adbc_driver_sqlite
import numpy as np
import pyarrow as pa
from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement
from benchmarks.measure import run
from benchmarks.page import publish, table

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


def write_catalogue(engine: Engine, law: CatalogueLaw, path: Path) -> None:
    """Write the catalogue file."""
    with engine.incoming("made", made(law, 1)):
        engine.copy(ITEM, path)


def write_files(engine: Engine, law: CatalogueLaw, path: Path) -> None:
    """Write the list of files: folder, id, size; the most used item first."""
    engine.table("top", {"n": law.public(law.top(round(TAKEN * law.items)))})
    engine.keep_order()
    line = f"left({ID}, 2) || '/' || {ID} || '.ogg', 2000000 + hash(n) % 6000000"
    options = "FORMAT csv, HEADER false, DELIMITER '\t', QUOTE ''"
    engine.run(f"COPY (SELECT {line} FROM top) TO {literal(str(path))} ({options})")
    engine.run("DROP TABLE top")


def write_metadata(engine: Engine, law: CatalogueLaw, path: Path) -> None:
    """Write the SQLite database with the metadata."""
    rows = (
        f"SELECT item AS id, title, group_name AS artist, year FROM ({ITEM}) "
        f"WHERE hash(item) % {SPARED} <> 0"
    )
    with (
        engine.incoming("made", made(law, 2)),
        AdbcDatabase(driver=adbc_driver_sqlite._driver_path(), uri=str(path)) as database,  # noqa: SLF001
        AdbcConnection(database) as connection,
        AdbcStatement(connection) as statement,
    ):
        statement.set_options(**{"adbc.ingest.target_table": "tracks"})
        statement.bind_stream(engine.arrow(rows).__arrow_c_stream__())
        statement.execute_update()


def measured(items: int, folder: Path) -> tuple[str, ...]:
    """Make a catalogue and its dumps, assess them, and return one row of the table."""
    law = CatalogueLaw.of(items)
    catalogue, files, metadata = (
        folder / name for name in ("catalogue.parquet", "files.txt", "metadata.db")
    )
    began = time.monotonic()
    with open_engine(EngineSettings(memory_limit=MEMORY, temp_directory=str(folder))) as engine:
        write_catalogue(engine, law, catalogue)
        write_files(engine, law, files)
        write_metadata(engine, law, metadata)
    print(f"{items:,} items made in {time.monotonic() - began:.0f} s", flush=True)
    config = folder / "leak.toml"
    config.write_text(f'[engine]\nmemory_limit = "{MEMORY}"\ntemp_directory = "{folder}"\n')
    command = ["-m", "ringfence", "leak", "assess", str(files), str(metadata), "--json"]
    command += [
        "--catalogue",
        str(catalogue),
        "--config",
        str(config),
        "--out",
        str(folder / "out"),
    ]
    cost = run([sys.executable, *command], folder / "log")
    found = json.loads((folder / "out" / "leak.json").read_text(encoding="utf-8"))
    sizes = sum(path.stat().st_size for path in (catalogue, files, metadata))
    for path in (catalogue, files, metadata):
        path.unlink()
    return (
        f"{items:,}", f"{sizes / 1e9:.1f}", f"{cost.wall:.0f}", f"{cost.cpu:.0f}",
        f"{cost.peak / 1e9:.1f}", f"{100 * found['files']['share']:.2f} %",
        f"{100 * found['files']['use']:.2f} %", f"{100 * found['metadata']['share']:.2f} %",
    )  # fmt: skip


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=float, nargs="+", default=[2.56e6])
    parser.add_argument("--folder", type=Path, help="where the dumps are made; 40 GB for 256e6")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        rows = [measured(round(items), Path(folder)) for items in options.items]
    header = (
        "items", "GB of input", "wall s", "CPU s", "peak GB", "items with files", "their use",
        "items with metadata",
    )  # fmt: skip
    publish("leak_assess", table(header, rows), options.write)


if __name__ == "__main__":
    main()
