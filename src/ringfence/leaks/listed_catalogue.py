"""The catalogue file as an assessment reads it: keys, use and strata of all items, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, identifier, literal
from ringfence.errors import CatalogueError, EngineError, SourceError
from ringfence.events.table_files import TABLE_FORMATS, TableFile, id_text, message, open_table_file
from ringfence.leaks.roles import ColumnKind, ColumnRole, find_roles
from ringfence.leaks.standard_ids import standard_sql
from ringfence.settings import CatalogueSettings
from ringfence.suggestions import did_you_mean

_SAMPLE: Final = 5_000
_SAMPLED_ITEMS: Final = 2_000_000
"""Items from which the bands of popularity are estimated, about."""

_STRATA: Final[tuple[ColumnKind, ...]] = ("rights", "genre")
_FROM_SETTINGS: Final[Mapping[ColumnKind, str]] = {
    "item": "item",
    "title": "title",
    "artist": "group_name",
    "popularity": "popularity",
    "rights": "rights",
    "genre": "genre",
}
"""Roles whose column the settings name, and the setting."""


@dataclass(frozen=True)
class ListedCatalogue:
    """An opened catalogue file.

    Attributes:
        name: name of the file.
        relation: SQL that may follow FROM: one column per role that the file has, named after it.
        roles: the columns of the file, by role.
        items: number of rows with an item.
        use: summed popularity; 0 if the file has none.
        thresholds: smallest popularity of the most used 0.1 %, 1 %, 10 %, third and two thirds of
            the items, as estimated from a sample; empty without popularity.
    """

    name: str
    relation: str
    roles: Mapping[ColumnKind, ColumnRole]
    items: int
    use: float
    thresholds: tuple[float, ...]

    @property
    def has_use(self) -> bool:
        """Whether the file says how much its items are used."""
        return self.use > 0


BANDS: Final = (0.001, 0.01, 0.1, 1 / 3, 2 / 3)
"""Ends of the bands of popularity, as shares of the items, most used first."""

BAND_LABELS: Final = ("top 0.1 %", "to 1 %", "to 10 %", "to a third", "to two thirds", "the rest")
"""Name of each band."""


def open_catalogue(
    engine: Engine, path: Path, settings: CatalogueSettings, named: Mapping[ColumnKind, str]
) -> ListedCatalogue:
    """Open a catalogue file, and fill the temporary table ``leak_catalogue``.

    Args:
        engine: gets the table: key, popularity, stratum and date of each item, in the file's order.
        path: the file.
        settings: names of its columns.
        named: columns that the operator names, by role; these come first.

    Raises:
        CatalogueError: the file cannot be read, has no item column, or lists nothing.
    """
    try:
        table = open_table_file(engine, path, "leak_catalogue_source")
        roles = _roles(engine, table, path, settings, named)
        relation = _relation(engine, table, roles)
        items, use = _stage(engine, relation, roles)
        thresholds = _thresholds(engine, items) if use > 0 else ()
    except SourceError as error:
        hint = error.hint or f"--catalogue takes {TABLE_FORMATS}"
        raise CatalogueError(error.what, where=str(path), hint=hint) from error
    except EngineError as error:
        raise CatalogueError(
            f"cannot be read: {message(engine, error.what, path)}",
            where=str(path),
            hint=f"give {TABLE_FORMATS} in UTF-8, one row per item"
            if error.fault == "other"
            else error.hint,
        ) from error
    if not items:
        raise CatalogueError("lists no item", where=str(path), hint="give one row per item")
    return ListedCatalogue(table.name, relation, roles, items, use, thresholds)


def _roles(
    engine: Engine,
    table: TableFile,
    path: Path,
    settings: CatalogueSettings,
    named: Mapping[ColumnKind, str],
) -> dict[ColumnKind, ColumnRole]:
    available = list(table.types)
    wanted: dict[ColumnKind, str] = {
        role: column
        for role, setting in _FROM_SETTINGS.items()
        if (column := getattr(settings, setting)) in available
    } | dict(named)
    for column in (wanted.get("item", settings.item), *named.values()):
        if column not in available:
            raise CatalogueError(
                f"has no column {column!r}, only {', '.join(available)}",
                where=str(path),
                hint=did_you_mean(column, available)
                or "name the column with --catalogue-column item=COLUMN",
            )
    texts = ", ".join(
        f"CAST({identifier(one)} AS VARCHAR) AS {identifier(one)}" for one in available
    )
    sample = engine.records(f"SELECT {texts} FROM {table.source} LIMIT {_SAMPLE:d}")  # noqa: S608 - quoted
    return find_roles(available, sample, wanted)


def _relation(engine: Engine, table: TableFile, roles: Mapping[ColumnKind, ColumnRole]) -> str:
    """Return SQL of a table with one column per role; a text file becomes Parquet first."""
    columns = ", ".join(
        f"{id_text(identifier(one.column), table.types[one.column])} AS {identifier(role)}"
        if role != "popularity"
        else f"TRY_CAST({identifier(one.column)} AS DOUBLE) AS popularity"
        for role, one in roles.items()
    )
    select = f"SELECT {columns} FROM {table.source}"  # noqa: S608 - quoted
    if "read_parquet" in table.source:
        return f"({select})"
    target = engine.scratch / "leak_catalogue.parquet"
    engine.copy(select, target)
    return f"read_parquet({literal(str(target))})"


def _stage(
    engine: Engine, relation: str, roles: Mapping[ColumnKind, ColumnRole]
) -> tuple[int, float]:
    use = (
        "CASE WHEN popularity >= 0 AND popularity < 1e18 THEN popularity ELSE 0 END"
        if "popularity" in roles
        else "CAST(0 AS DOUBLE)"
    )
    day = (
        # A cast that fails costs a hundred times as much as one that does not.
        "CASE WHEN length(date) = 4 THEN TRY_CAST(date || '-01-01' AS DATE) ELSE coalesce("
        "TRY_CAST(left(date, 10) AS DATE), TRY_CAST(left(date, 4) || '-01-01' AS DATE)) END"
        if "date" in roles
        else "CAST(NULL AS DATE)"
    )
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_catalogue AS "  # noqa: S608 - own names and quoted ones
        f"SELECT hash(item) AS item_key, {use} AS popularity, {stratum_sql(roles)} AS stratum, "
        f"{day} AS day FROM {relation} WHERE item IS NOT NULL"
    )
    items, total = engine.rows("SELECT count(*), sum(popularity) FROM leak_catalogue")[0]
    return int(items), float(total or 0)


def stratum_sql(roles: Mapping[ColumnKind, ColumnRole]) -> str:
    """Return SQL of the key of an item's rights holder and genre."""
    parts = [f"coalesce({role}, '')" for role in _STRATA if role in roles]
    return f"hash({', '.join(parts)})" if parts else "CAST(0 AS UBIGINT)"


def standard_relation(catalogue: ListedCatalogue, role: ColumnKind) -> str:
    """Return SQL of the catalogue's identifiers of a standard, with the keys of their items."""
    return (
        f"(SELECT hash({standard_sql(role)}) AS standard_key, hash(item) AS item_key "  # noqa: S608 - own
        f"FROM {catalogue.relation} WHERE item IS NOT NULL AND {standard_sql(role)} IS NOT NULL)"
    )


def _thresholds(engine: Engine, items: int) -> tuple[float, ...]:
    """Return the popularity at the ends of the bands, from a sample of the items."""
    # A number in the text has the type of the key. A counted one would be divided as a 128-bit one.
    step = max(items // _SAMPLED_ITEMS, 1)
    shares = ", ".join(f"{1 - share:.9f}" for share in BANDS)
    found = engine.rows(
        f"SELECT quantile_disc(popularity, [{shares}]) FROM leak_catalogue "  # noqa: S608 - numbers
        f"WHERE item_key % {step:d} = 0"
    )[0][0]
    return tuple(map(float, found or ()))
