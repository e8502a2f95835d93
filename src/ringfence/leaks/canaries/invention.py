"""Invent entries that look like those of a catalogue.

An entry is a real row with another id and another title. The id has the characters of real ids at
each of its places, so it has their length, prefixes and separators. The title is the beginning of
one real title and the end of another. Everything else is copied from the row, so groups, genres,
years and prices are plausible; popularity becomes the smallest of the catalogue, so that no list of
popular items shows the entry.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from ringfence.catalogue.canary_list import CanaryItem
from ringfence.engine import ArrowData, Engine, identifier, open_engine
from ringfence.errors import CatalogueError, EngineError, SourceError
from ringfence.events.table_files import TABLE_FORMATS, TableFile, id_text, message, open_table_file
from ringfence.settings import CatalogueSettings, Settings
from ringfence.suggestions import did_you_mean

SMALLEST_CATALOGUE: Final = 50
"""Rows below which an invented entry would stand out."""

_STUDIED: Final = 20_000
"""Rows whose style is studied."""

_TRIES: Final = 200
"""Ids that are tried per canary. Where all ids are taken, a longer number is used."""


def invent_canaries(
    catalogue: Path | ArrowData, count: int, settings: Settings | None = None
) -> tuple[CanaryItem, ...]:
    """Return entries in the style of a catalogue, whose ids the catalogue does not have.

    They are random: nobody who knows the program can tell them from the catalogue alone. They
    are not in the catalogue either: the owner adds their rows to it, and to no search index.

    Args:
        catalogue: file or table with one row per item.
        count: number of entries.
        settings: columns of the catalogue, and the engine.

    Raises:
        CatalogueError: the file cannot be read, has no item column, or too few rows.
    """
    settings = settings or Settings()
    names = settings.catalogue
    with open_engine(settings.engine) as engine:
        try:
            table = open_table_file(engine, catalogue, "catalogue")
            item = _item_column(table, names)
            rows = engine.records(
                f"SELECT * REPLACE ({item} AS {identifier(names.item)}) "  # noqa: S608 - quoted
                f"FROM {table.source} WHERE {item} IS NOT NULL USING SAMPLE {_STUDIED} ROWS"
            )
            _require(rows, table)
            ids = _new_ids(engine, table, item, [str(row[names.item]) for row in rows], count)
        except (SourceError, EngineError) as failure:
            path = catalogue if isinstance(catalogue, Path) else Path("the catalogue")
            raise CatalogueError(
                f"cannot be read: {message(engine, failure.what, path)}",
                where=str(path),
                hint=f"give {TABLE_FORMATS}",
            ) from failure
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return tuple(
        CanaryItem(new, _row(new, secrets.choice(rows), rows, names), today) for new in ids
    )


def _item_column(table: TableFile, names: CatalogueSettings) -> str:
    if names.item not in table.types:
        raise CatalogueError(
            f"has no column {names.item!r}, only {', '.join(table.types)}",
            where=table.name,
            hint=did_you_mean(names.item, list(table.types)) or "set catalogue.item",
        )
    return id_text(identifier(names.item), table.types[names.item])


def _require(rows: Sequence[object], table: TableFile) -> None:
    if len(rows) < SMALLEST_CATALOGUE:
        raise CatalogueError(
            f"has {len(rows):,} rows, and a canary would stand out among fewer than "
            f"{SMALLEST_CATALOGUE}",
            where=table.name,
            hint="give the whole catalogue",
        )


def _new_ids(
    engine: Engine, table: TableFile, item: str, known: Sequence[str], count: int
) -> list[str]:
    """Return ids in the style of known ones that the catalogue does not have."""
    style = _styles(known)
    found: dict[str, None] = {}
    longer = 0
    for attempt in range(_TRIES):
        wanted = 2 * (count - len(found))
        tried = {_new_id(secrets.choice(known), style, longer) for _ in range(wanted)}
        engine.table("tried_ids", {"item": np.array(sorted(tried), dtype=object)})
        taken = engine.rows(
            f"SELECT DISTINCT {item} FROM {table.source} "  # noqa: S608 - quoted by the engine
            f"WHERE {item} IN (SELECT item FROM tried_ids)"
        )
        new = tried - {str(row[0]) for row in taken}
        for one in new:
            found.setdefault(one)
        if len(found) >= count:
            return list(found)[:count]
        # A dense range of numbers has no gaps: its ids grow by digits at the end.
        longer = min(attempt // 3, 4)
    raise CatalogueError(
        "leaves no ids of its style for canaries",
        where=table.name,
        hint="name another column with catalogue.item",
    )


def _styles(known: Sequence[str]) -> Mapping[tuple[int, int], str]:
    """Return the characters that ids of each length have at each place."""
    seen: dict[tuple[int, int], set[str]] = defaultdict(set)
    for one in known:
        for place, character in enumerate(one):
            seen[len(one), place].add(character)
    return {key: "".join(sorted(characters)) for key, characters in seen.items()}


def _new_id(known: str, style: Mapping[tuple[int, int], str], longer: int) -> str:
    """Return an id like a known one, with other characters where ids differ."""
    # The first half is kept: ids of a batch, a label or a year begin alike.
    kept = secrets.randbelow(len(known) // 2 + 1)
    rest = "".join(secrets.choice(style[len(known), place]) for place in range(kept, len(known)))
    last = style[len(known), len(known) - 1]
    return known[:kept] + rest + "".join(secrets.choice(last) for _ in range(longer))


def _row(
    new: str, like: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], names: CatalogueSettings
) -> dict[str, object]:
    row: dict[str, object] = {name: _plain(value) for name, value in like.items()}
    row[names.item] = new
    if names.title in row:
        row[names.title] = _title([str(one[names.title]) for one in rows if one[names.title]])
    if names.popularity in row:
        values = [one[names.popularity] for one in rows if one[names.popularity] is not None]
        row[names.popularity] = _plain(min(values, key=_number, default=None))
    return row


def _title(titles: Sequence[str]) -> str:
    """Return the beginning of one title and the end of another, which no title is."""
    known = set(titles)
    for _ in range(_TRIES):
        first, last = secrets.choice(titles).split(), secrets.choice(titles).split()
        cut = secrets.randbelow(len(first)) + 1 if first else 0
        joined = " ".join([*first[:cut], *last[len(last) // 2 :]])
        if joined and joined not in known:
            return joined
    return secrets.choice(titles) if titles else ""


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("inf")
