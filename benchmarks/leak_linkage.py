"""Link dirty records without an id to a catalogue, and compare the links with the truth.

    python -m benchmarks.leak_linkage [--sizes 10000:100000 ...] [--seed N] [--folder DIR]
        [--write FILE]

A size is a number of records and a number of items. Three quarters of the records are items of the
catalogue, with the damage of ``benchmarks.dirty_records``. The others are from another catalogue.
The linkage was made with seed 1, so the default is another one.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.dirty_records import Record, catalogue_chunks, dirty
from benchmarks.measure import run
from benchmarks.page import publish, table

from ringfence.engine import literal, open_engine
from ringfence.leaks.dumps import open_dump
from ringfence.leaks.linkage import link_records
from ringfence.leaks.listed_catalogue import open_catalogue
from ringfence.leaks.staged_dumps import stage_dump
from ringfence.settings import EngineSettings, Settings

KNOWN: Final = 0.75
"""Share of the records that are items of the catalogue."""

MEMORY: Final = "6GB"
SEED: Final = 11


def make(records: int, items: int, folder: Path, seed: int) -> None:
    """Write a catalogue, a dump, and the item of each of its records, as Parquet files."""
    known = round(KNOWN * records)
    damaged: list[tuple[Record, str]] = []
    writer: pq.ParquetWriter | None = None
    for chunk in catalogue_chunks(items, seed):
        writer = writer or pq.ParquetWriter(folder / "catalogue.parquet", chunk.schema)
        writer.write_batch(chunk)
        damaged += _damaged(chunk, round(known * chunk.num_rows / items), known=True)
    if writer:
        writer.close()
    for chunk in catalogue_chunks(records - known, seed + 1):
        damaged += _damaged(chunk, chunk.num_rows, known=False)
    random.Random(seed).shuffle(damaged)  # noqa: S311 - reproducible
    columns = {
        "name": [one.title for one, _ in damaged],
        "artist": [one.artist for one, _ in damaged],
        "duration": [one.seconds for one, _ in damaged],
    }
    pq.write_table(pa.table(columns), folder / "dump.parquet")
    pq.write_table(pa.table({"item": [item for _, item in damaged]}), folder / "truth.parquet")


def _damaged(chunk: pa.RecordBatch, count: int, *, known: bool) -> list[tuple[Record, str]]:
    """Return some rows as dirty records, each with its item; without an item if it is not known."""
    seed = int(chunk["item"][0].as_py())
    rng = random.Random(seed)  # noqa: S311 - reproducible
    rows = np.random.default_rng(seed).choice(chunk.num_rows, count, replace=False)
    return [
        (
            dirty(Record(row["title"], row["group_name"], row["duration"] / 1000), rng),
            row["item"] if known else "",
        )
        for row in chunk.take(pa.array(rows)).to_pylist()
    ]


def link(folder: Path) -> None:
    """Link the dump of a folder, and write how many links there are and how many are right."""
    settings = EngineSettings(memory_limit=MEMORY, temp_directory=str(folder))
    with open_engine(settings) as engine:
        engine.keep_order()
        listed = open_catalogue(engine, folder / "catalogue.parquet", Settings().catalogue, {})
        (dump,) = open_dump(engine, folder / "dump.parquet", 0)
        staged = stage_dump(engine, dump, 0, listed, {})
        linked = link_records(engine, listed, staged, staged.records)
        truth = f"read_parquet({literal(str(folder / 'truth.parquet'))})"
        known, links, right = engine.rows(
            "SELECT count(*) FILTER (t.item <> ''), count(d.item_key), "
            "count(*) FILTER (d.item_key = hash(t.item) AND t.item <> '') FROM "
            f"(SELECT item, file_row_number AS position FROM {truth}) AS t "
            f"LEFT JOIN {linked.table} AS d ON d.position = t.position"
        )[0]
        assert linked.linkage is not None  # noqa: S101 - the dump has no ids
        expected = linked.linkage.expected_false
    result = {"known": known, "links": links, "right": right, "expected": expected}
    (folder / "links.json").write_text(json.dumps(result), encoding="utf-8")


def measured(records: int, items: int, folder: Path, seed: int) -> tuple[str, ...]:
    """Make a dump, link it in a process of its own, and return one row of the table."""
    make(records, items, folder, seed)
    cost = run(
        [sys.executable, "-m", "benchmarks.leak_linkage", "--link", str(folder)], folder / "log"
    )
    found = json.loads((folder / "links.json").read_text(encoding="utf-8"))
    wrong = found["links"] - found["right"]
    return (
        f"{records:,}", f"{items:,}", f"{cost.wall:.0f}", f"{cost.cpu:.0f}",
        f"{cost.peak / 1e9:.1f}",
        f"{found['right'] / max(found['links'], 1):.5f}", f"{found['right'] / found['known']:.3f}",
        f"{wrong:,}", f"{found['expected']:,.0f}",
    )  # fmt: skip


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["10000:100000"], metavar="RECORDS:ITEMS")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--folder", type=Path, help="where the files are made")
    parser.add_argument("--link", type=Path, metavar="DIR", help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    if options.link:
        link(options.link)
        return
    rows = []
    for size in options.sizes:
        records, items = (round(float(one)) for one in size.split(":"))
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            rows.append(measured(records, items, Path(folder), options.seed))
    header = (
        "records", "items", "wall s", "CPU s", "peak GB", "precision", "recall", "wrong links",
        "expected wrong",
    )  # fmt: skip
    publish("leak_linkage", table(header, rows), options.write)


if __name__ == "__main__":
    main()
