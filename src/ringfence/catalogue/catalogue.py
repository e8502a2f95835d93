"""The catalogue: one row per item, from a file or from the ledger, and its coverage curve."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ringfence.engine import Engine, Statement, identifier
from ringfence.errors import CatalogueError, EngineError, SourceError
from ringfence.events.table_files import TABLE_FORMATS, TableFile, id_text, message, open_table_file
from ringfence.model.finding import Coverage
from ringfence.settings import CatalogueSettings
from ringfence.suggestions import did_you_mean

CATALOGUE_COLUMNS: Final = (
    "item",
    "group",
    "genre",
    "popularity",
    "rights",
    "title",
    "group_name",
)
"""The columns of the view ``catalogue_file``."""

DERIVED: Final = Statement(
    "catalogue.derived",
    """
CREATE OR REPLACE TEMP TABLE catalogue AS
SELECT item_key, min(group_key) AS group_key, CAST(NULL AS UBIGINT) AS genre_key,
  count(*) AS holders, CAST(sum(uses) AS DOUBLE) AS popularity
FROM holdings
GROUP BY item_key
""",
)
"""The catalogue without a file: the items that were taken, with their uses as popularity."""

FROM_FILE: Final = Statement(
    "catalogue.from_file",
    """
CREATE OR REPLACE TEMP TABLE catalogue AS
WITH listed AS (
  SELECT hash(item) AS item_key,
    min(CASE WHEN "group" IS NOT NULL THEN hash("group") END) AS group_key,
    min(CASE WHEN genre IS NOT NULL THEN hash(genre) END) AS genre_key,
    max(CASE WHEN popularity >= 0 AND popularity < 1e18 THEN popularity END) AS popularity
  FROM catalogue_file
  WHERE item IS NOT NULL
  GROUP BY hash(item)
),
seen AS (
  SELECT item_key, min(group_key) AS group_key, count(*) AS holders, sum(uses) AS uses
  FROM holdings
  GROUP BY item_key
)
SELECT
  coalesce(listed.item_key, seen.item_key) AS item_key,
  coalesce(listed.group_key, seen.group_key) AS group_key,
  listed.genre_key,
  coalesce(seen.holders, 0) AS holders,
  CAST(CASE
    WHEN $own_popularity THEN coalesce(listed.popularity, 0)
    ELSE coalesce(seen.uses, 0)
  END AS DOUBLE) AS popularity
FROM listed
FULL JOIN seen ON seen.item_key = listed.item_key
""",
)
"""The catalogue from a file. Taken items that the file does not list are added, so that no
share can exceed one."""

LISTED_ITEMS: Final = Statement(
    "catalogue.listed",
    """
SELECT count(DISTINCT item) AS listed, count(popularity) AS with_popularity,
  count(rights) AS with_rights
FROM catalogue_file
""",
)

TOTALS: Final = Statement(
    "catalogue.totals",
    """
SELECT count(*) AS items, coalesce(sum(popularity), 0) AS popularity, count(group_key) AS grouped
FROM catalogue
""",
)

POPULARITY_LEVELS: Final = Statement(
    "catalogue.levels",
    """
SELECT popularity, count(*) AS items FROM catalogue GROUP BY popularity ORDER BY popularity DESC
""",
)


@dataclass(frozen=True)
class Catalogue:
    """The catalogue as the engine holds it (temp table ``catalogue``), in totals.

    Attributes:
        note: its origin in words.
        items: number of items.
        popularity: total popularity (uses).
        grouped: number of items whose group is known.
        curve: points (share of items, share of use), most popular items first, from (0, 0).
        listed: number of items that the file lists; 0 without a file.
        own_popularity: whether the file states the popularity of items.
    """

    note: str
    items: int
    popularity: float
    grouped: int
    curve: tuple[tuple[float, float], ...]
    listed: int = 0
    own_popularity: bool = False

    def coverage(self, items: int, popularity: float) -> Coverage:
        """Return the coverage of some items of the catalogue.

        A part is never larger than the whole. Sums of fractional popularities are rounded, in
        an order that varies, so a share is at most 1.

        Args:
            items: number of distinct items.
            popularity: their popularity (uses), in total.
        """
        return Coverage(
            min(items / max(self.items, 1), 1.0), min(popularity / max(self.popularity, 1.0), 1.0)
        )


def load_catalogue(engine: Engine, path: Path | None, settings: CatalogueSettings) -> Catalogue:
    """Fill the temp table ``catalogue`` from a file (csv, parquet, ndjson) or from the holdings.

    Raises:
        CatalogueError: the file cannot be read or has no such item column.
    """
    listed, own_popularity = 0, False
    if path is None:
        engine.run(DERIVED)
        note = "derived from the events: items nobody took are unknown"
    else:
        note, listed, own_popularity = _load_file(engine, path, settings)
    items, popularity, grouped = engine.rows(TOTALS)[0]
    curve = coverage_curve(engine)
    return Catalogue(note, items, float(popularity), grouped, curve, listed, own_popularity)


def coverage_curve(engine: Engine, points: int = 120) -> tuple[tuple[float, float], ...]:
    """Return shares of items and of use, most popular items first, thinned to some points."""
    levels = engine.columns(POPULARITY_LEVELS)
    counts = np.asarray(levels["items"], dtype=np.float64)
    uses = counts * np.asarray(levels["popularity"], dtype=np.float64)
    if not counts.size or uses.sum() <= 0:
        return ()
    shares = np.column_stack([np.cumsum(counts) / counts.sum(), np.cumsum(uses) / uses.sum()])
    points_shown = np.vstack([[0.0, 0.0], shares[_thinned(shares[:, 0], points)]])
    return tuple((float(x), float(y)) for x, y in points_shown)


def _thinned(shares: npt.NDArray[np.float64], points: int) -> npt.NDArray[Any]:
    """Return positions spread evenly over a logarithmic and a linear scale, with the last one."""
    spread = np.union1d(np.geomspace(shares[0], 1, points // 2), np.linspace(0, 1, points // 2))
    return np.unique(np.minimum(np.searchsorted(shares, spread), shares.size - 1))


def _load_file(engine: Engine, path: Path, settings: CatalogueSettings) -> tuple[str, int, bool]:
    """Load a file; return its origin, how many items it lists, and whether with popularity."""
    try:
        table = open_table_file(engine, path, "catalogue")
        engine.view("catalogue_file", _mapped(table, path, settings))
        listed, popularity, rights = engine.rows(LISTED_ITEMS)[0]
        engine.run(FROM_FILE, {"own_popularity": popularity > 0})
    except SourceError as error:
        hint = error.hint or f"--catalogue takes {TABLE_FORMATS}"
        raise CatalogueError(error.what, where=str(path), hint=hint) from error
    except EngineError as error:
        raise CatalogueError(
            f"cannot be read: {message(engine, error.what, path)}",
            where=str(path),
            hint=f"give {TABLE_FORMATS} in UTF-8, one row per item",
        ) from error
    use = "its own popularity" if popularity else "popularity from the events"
    owned = f", rights of {rights:,}" if rights else ""
    return f"{table.name}: {listed:,} items, {use}{owned}", listed, popularity > 0


def _mapped(table: TableFile, path: Path, settings: CatalogueSettings) -> str:
    for name in CATALOGUE_COLUMNS:
        _check_column(name, list(table.types), path, settings)
    columns = []
    for name in CATALOGUE_COLUMNS:
        theirs = getattr(settings, name)
        found = identifier(theirs) if theirs in table.types else "NULL"
        text = id_text(found, table.types.get(theirs, ""))
        value = f"TRY_CAST({found} AS DOUBLE)" if name == "popularity" else text
        columns.append(f"{value} AS {identifier(name)}")
    return f"SELECT {', '.join(columns)} FROM {table.source}"  # noqa: S608 - quoted by the engine


def _check_column(name: str, available: list[str], path: Path, settings: CatalogueSettings) -> None:
    """Check that a column is there if it is needed, or if the settings name it.

    Raises:
        CatalogueError: it is not.
    """
    theirs = getattr(settings, name)
    usual = CatalogueSettings.model_fields[name].default
    if theirs in available or (theirs == usual and name != "item"):
        return
    advice = did_you_mean(theirs, available)
    raise CatalogueError(
        f"has no column {theirs!r}, only {', '.join(available)}",
        where=str(path),
        hint=f"set catalogue.{name} to one of these" + (f"; {advice}" if advice else ""),
    )
