"""Count which items of the catalogue are in which dumps, and how much of all use they have.

All keys are grouped once, one range of keys at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.engine import Engine
from ringfence.leaks.key_ranges import KeyRange, divided
from ringfence.leaks.listed_catalogue import ListedCatalogue
from ringfence.leaks.staged_dumps import StagedDump

MOST_DUMPS: Final = 60
"""Tables of dumps in one assessment: each has a bit of a number."""

TAKEN_BIT: Final = 61
"""The bit of items that known accounts took."""

_LISTED: Final = 1 << 62
"""The bit of items that the catalogue lists. One number for all tables is grouped fastest."""

MISSING_LISTED: Final = 1_000
"""Most used items outside the dumps that are named."""

_ROWS_PER_RANGE: Final = 32_000_000

CELL_COLUMNS: Final = (
    "listed BOOLEAN, dumps BIGINT, band TINYINT, year SMALLINT, stratum UBIGINT, items BIGINT, "
    "popularity DOUBLE, newest DATE"
)
"""Columns of the table ``leak_cells``: one row per combination of dumps, band, year and stratum."""


def count_cells(
    engine: Engine, catalogue: ListedCatalogue, dumps: Sequence[StagedDump], *, taken: bool
) -> None:
    """Fill the tables ``leak_cells``, ``leak_missing`` and ``leak_unlisted``.

    Args:
        engine: with the tables of the catalogue and of the dumps.
        catalogue: the catalogue.
        dumps: at most :data:`MOST_DUMPS`.
        taken: whether the table ``leak_taken`` has the items that known accounts took.
    """
    rows = catalogue.items + sum(one.records for one in dumps)
    bits = (rows // _ROWS_PER_RANGE).bit_length()
    tables = [(one.table, one.number) for one in dumps]
    tables += [("leak_taken", TAKEN_BIT)] if taken else []
    engine.run(f"CREATE OR REPLACE TEMP TABLE leak_cells ({CELL_COLUMNS})")
    engine.run("CREATE OR REPLACE TEMP TABLE leak_missing (item_key UBIGINT, popularity DOUBLE)")
    engine.run("CREATE OR REPLACE TEMP TABLE leak_unlisted (number BIGINT, records BIGINT)")
    engine.run("CREATE OR REPLACE TEMP TABLE leak_unlisted (number BIGINT, records BIGINT)")
    columns = {"leak_catalogue": ", popularity, stratum, day"} | dict.fromkeys(dict(tables), "")
    with divided(engine, columns, bits) as ranges:
        for keys in ranges:
            _group_items(engine, keys, tables)
            _count_items(engine, catalogue, sum(1 << one.number for one in dumps))
            _count_unlisted(engine, keys, dumps)


def unlisted_records(engine: Engine, dump: StagedDump) -> int:
    """Return the number of records of a counted dump that no item of the catalogue has."""
    rows = engine.rows(
        "SELECT coalesce(sum(records), 0) FROM leak_unlisted WHERE number = $number",
        {"number": dump.number},
    )
    return int(rows[0][0]) + dump.without_id


def _group_items(engine: Engine, keys: KeyRange, tables: Sequence[tuple[str, int]]) -> None:
    """Fill ``leak_items`` with the items of a range: what is known, and a bit for each table."""
    nothing = "CAST(NULL AS DOUBLE), CAST(NULL AS UBIGINT), CAST(NULL AS DATE)"
    with_keys = [
        (
            f"SELECT item_key, popularity, stratum, day, CAST({_LISTED:d} AS BIGINT) AS tables "  # noqa: S608 - own names and quoted ones
            f"FROM {keys.of('leak_catalogue')}"
        ),
        *(
            f"SELECT item_key, {nothing}, CAST({1 << bit:d} AS BIGINT) FROM {keys.of(table)} "  # noqa: S608 - own names and quoted ones
            "WHERE item_key IS NOT NULL"
            for table, bit in tables
        ),
    ]
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_items AS SELECT item_key, popularity, stratum, day, "  # noqa: S608 - own names and quoted ones
        f"tables & {_LISTED:d} <> 0 AS listed, tables & {_LISTED - 1:d} AS dumps FROM ("
        "SELECT item_key, max(popularity) AS popularity, max(stratum) AS stratum, "
        "max(day) AS day, bit_or(tables) AS tables "
        f"FROM ({' UNION ALL '.join(with_keys)}) GROUP BY item_key)"
    )


def _count_items(engine: Engine, catalogue: ListedCatalogue, present: int) -> None:
    engine.run(
        "INSERT INTO leak_cells "  # noqa: S608 - own names and quoted ones
        f"SELECT listed, dumps, {_band_sql(catalogue)} AS band, CAST(year(day) AS SMALLINT), "
        "stratum, count(*), sum(popularity), max(day) FROM leak_items GROUP BY ALL"
    )
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_missing AS SELECT item_key, popularity FROM ("  # noqa: S608 - own names and quoted ones
        "SELECT item_key, popularity FROM leak_missing UNION ALL "
        f"SELECT item_key, popularity FROM leak_items WHERE listed AND dumps & {present:d} = 0 "
        f") ORDER BY popularity DESC, item_key LIMIT {MISSING_LISTED:d}"
    )


def _count_unlisted(engine: Engine, keys: KeyRange, dumps: Sequence[StagedDump]) -> None:
    for one in dumps:
        engine.run(
            f"INSERT INTO leak_unlisted SELECT {one.number:d}, count(*) FROM {keys.of(one.table)} "  # noqa: S608 - own names and quoted ones
            "WHERE item_key IN (SELECT item_key FROM leak_items WHERE NOT listed)"
        )


def _band_sql(catalogue: ListedCatalogue) -> str:
    """Return SQL of the number of an item's band, from 0 for the most used ones."""
    if not catalogue.thresholds:
        return "CAST(0 AS TINYINT)"
    steps = " ".join(
        f"WHEN popularity >= {bound:.17e} THEN {place:d}"
        for place, bound in enumerate(catalogue.thresholds)
    )
    return f"CAST(CASE {steps} ELSE {len(catalogue.thresholds):d} END AS TINYINT)"
