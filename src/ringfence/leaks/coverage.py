"""Count which items of the catalogue are in which dumps, and how much of all use they have.

All keys are grouped once. A part of them at a time is held in memory, by the leading bits of the
key, so that the memory does not grow with the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.engine import Engine
from ringfence.leaks.listed_catalogue import ListedCatalogue
from ringfence.leaks.staged_dumps import StagedDump

MOST_DUMPS: Final = 60
"""Tables of dumps in one assessment: each has a bit of a number."""

TAKEN_BIT: Final = 61
"""The bit of items that known accounts took."""

MISSING_LISTED: Final = 1_000
"""Most used items outside the dumps that are named."""

_ROWS_PER_PART: Final = 32_000_000

CELL_COLUMNS: Final = (
    "listed BOOLEAN, dumps BIGINT, band TINYINT, year SMALLINT, stratum UBIGINT, items BIGINT, "
    "popularity DOUBLE, newest DATE"
)
"""Columns of the table ``leak_cells``: one row per combination of dumps, band, year and stratum."""


def count_cells(
    engine: Engine, catalogue: ListedCatalogue, dumps: Sequence[StagedDump], *, taken: bool
) -> None:
    """Fill the tables ``leak_cells`` and ``leak_missing``.

    Args:
        engine: with the tables of the catalogue and of the dumps.
        catalogue: the catalogue.
        dumps: at most :data:`MOST_DUMPS`.
        taken: whether the table ``leak_taken`` has the items that known accounts took.
    """
    rows = catalogue.items + sum(one.records for one in dumps)
    bits = max(0, (rows // _ROWS_PER_PART).bit_length())
    engine.run(f"CREATE OR REPLACE TEMP TABLE leak_cells ({CELL_COLUMNS})")
    engine.run("CREATE OR REPLACE TEMP TABLE leak_missing (item_key UBIGINT, popularity DOUBLE)")
    for part in range(1 << bits):
        condition = f"item_key >> {64 - bits:d} = {part:d}" if bits else "TRUE"
        _count_part(engine, catalogue, dumps, condition, taken=taken)


def _count_part(
    engine: Engine,
    catalogue: ListedCatalogue,
    dumps: Sequence[StagedDump],
    condition: str,
    *,
    taken: bool,
) -> None:
    nothing = "FALSE, CAST(NULL AS DOUBLE), CAST(NULL AS UBIGINT), CAST(NULL AS DATE)"
    tables = [(one.table, one.number) for one in dumps]
    tables += [("leak_taken", TAKEN_BIT)] if taken else []
    with_keys = [
        (
            "SELECT item_key, TRUE AS listed, popularity, stratum, day, CAST(0 AS BIGINT) AS dumps "  # noqa: S608 - own names and quoted ones
            f"FROM leak_catalogue WHERE {condition}"
        ),
        *(
            (
                f"SELECT item_key, {nothing}, CAST({1 << bit:d} AS BIGINT) FROM {table} "  # noqa: S608 - own names and quoted ones
                f"WHERE item_key IS NOT NULL AND {condition}"
            )
            for table, bit in tables
        ),
    ]
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_items AS SELECT item_key, bool_or(listed) AS listed, "  # noqa: S608 - own names and quoted ones
        "max(popularity) AS popularity, max(stratum) AS stratum, max(day) AS day, "
        f"bit_or(dumps) AS dumps FROM ({' UNION ALL '.join(with_keys)}) GROUP BY item_key"
    )
    engine.run(
        "INSERT INTO leak_cells "  # noqa: S608 - own names and quoted ones
        f"SELECT listed, dumps, {_band_sql(catalogue)} AS band, CAST(year(day) AS SMALLINT), "
        "stratum, count(*), sum(popularity), max(day) FROM leak_items GROUP BY ALL"
    )
    present = sum(1 << one.number for one in dumps)
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_missing AS SELECT item_key, popularity FROM ("  # noqa: S608 - own names and quoted ones
        "SELECT item_key, popularity FROM leak_missing UNION ALL "
        f"SELECT item_key, popularity FROM leak_items WHERE listed AND dumps & {present:d} = 0 "
        f") ORDER BY popularity DESC, item_key LIMIT {MISSING_LISTED:d}"
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
