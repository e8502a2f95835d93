"""Read links from files, in their normal form, and count those that are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import Engine, identifier
from ringfence.errors import EngineError, LeakError, SourceError
from ringfence.events.content import decode, plain_beginning
from ringfence.events.sources import shown_name
from ringfence.events.table_staging import stage_table
from ringfence.leaks.dump_values import no_column, unreadable_data
from ringfence.leaks.dumps import DumpTable, UnreadableRecords, open_dump
from ringfence.leaks.dumps.dump_table import SqlRows
from ringfence.leaks.dumps.opening import lines_relation
from ringfence.leaks.register.url_sql import normal_relation
from ringfence.leaks.register.urls import normalise_url
from ringfence.visible import visible

LINK_FORMATS: Final = (
    "one link per line, or csv, JSON lines or Parquet with a column url; text may be .gz or .zst"
)
"""The formats of a file of links, in words."""

LINK_COLUMN: Final = "url"

_LINK_START: Final = re.compile(r"\ufeff?\s*[A-Za-z][A-Za-z0-9+.-]*:")
_BEGINNING: Final = 4096
_BATCH: Final = 50_000
_LONGEST_EXAMPLE: Final = 200

_NORMAL_LINKS: Final = "SELECT * FROM link_lines WHERE NOT starts_with(url, ' ')"

LINKS_IN: Final = (
    f"({_NORMAL_LINKS} UNION ALL BY NAME SELECT l.* REPLACE (o.url AS url) FROM link_lines AS l "  # noqa: S608 - constants
    "JOIN odd_links AS o ON o.text = l.url WHERE starts_with(l.url, ' ') AND o.url IS NOT NULL)"
)
"""SQL that may follow FROM, with the links of :func:`stage_links` in their normal form."""


@dataclass(frozen=True)
class RefusedLinks:
    """Records without a usable link, which have one reason in common.

    Attributes:
        reason: why, as a clause.
        count: number of records.
        example: the first in alphabetical order, shortened, hidden characters shown as codes.
    """

    reason: str
    count: int
    example: str


@dataclass(frozen=True)
class StagedLinks:
    """The links of a file, to be read as :data:`LINKS_IN`.

    Attributes:
        records: number of records, with those that are refused, without those that are unreadable.
        refused: records without a usable link.
        unreadable: records that could not be read at all.
    """

    records: int
    refused: tuple[RefusedLinks, ...]
    unreadable: UnreadableRecords


def stage_links(
    engine: Engine,
    path: Path,
    extra: Mapping[str, Sequence[str]],
    optional: Sequence[str] = (),
    normal: Callable[[str], str] = normalise_url,
) -> StagedLinks:
    """Read a file of links.

    Args:
        engine: gets the links.
        path: the file.
        extra: other columns of the result, and the names that each may have in the file. The first
            one that the file has is taken.
        optional: columns of the result that are NULL if the file does not have them.
        normal: gives the normal form of a link that is not in the usual spelling, or raises
            LeakError if it is refused.

    Raises:
        LeakError: the file cannot be read, or lacks a column.
    """
    try:
        expected = [LINK_COLUMN, *(name for names in extra.values() for name in names), *optional]
        table = _opened(engine, path, expected)
        found = {name: _column(table, path, names) for name, names in extra.items()}
        found |= {name: column for name in optional if (column := _named(table, name))}
        link = _column(table, path, (LINK_COLUMN,))
        texts = {LINK_COLUMN: identifier(link)} | {n: identifier(one) for n, one in found.items()}
        texts |= {one: "CAST(NULL AS VARCHAR)" for one in optional if one not in found}
        select = ", ".join(f"{sql} AS {identifier(name)}" for name, sql in texts.items())
        unreadable = table.source.store(engine, "link_texts", [link, *found.values()], select)
    except (SourceError, EngineError) as failure:
        raise unreadable_data(engine, failure, path, LINK_FORMATS) from failure
    engine.run(f"CREATE OR REPLACE TEMP TABLE link_lines AS {_marked([*texts][1:])}")
    engine.run("DROP TABLE link_texts")
    return _staged(engine, unreadable, normal)


def stage_urls(engine: Engine, urls: Iterable[str]) -> StagedLinks:
    """Take links that are in memory or come from a stream, without other columns."""
    engine.run("CREATE OR REPLACE TEMP TABLE link_lines (url VARCHAR)")
    stream = iter(urls)
    while batch := list(islice(stream, _BATCH)):
        engine.table("link_texts", {"url": np.array(batch, dtype=object)})
        engine.run(f"INSERT INTO link_lines {_marked([])}")
    return _staged(engine, UnreadableRecords(), normalise_url)


def _marked(columns: Sequence[str]) -> str:
    """Return SELECT of ``link_texts``: the normal form, or a text after a space if SQL has none."""
    others = ", ".join(map(identifier, columns))
    url = "coalesce(normal, ' ' || coalesce(text, '')) AS url"
    links = normal_relation("link_texts", LINK_COLUMN, others)
    return f"SELECT {', '.join([url, *filter(None, [others])])} FROM ({links})"  # noqa: S608 - quoted


def _opened(engine: Engine, path: Path, columns: Sequence[str]) -> DumpTable:
    if not path.is_file():
        raise SourceError("there is no such file", where=str(path))
    beginning, *_ = plain_beginning(path, _BEGINNING)
    if _LINK_START.match(decode(beginning)):
        staged = stage_table(path, engine.scratch, "links", by_line=True)
        lines = lines_relation(staged.path)
        relation = f"(SELECT line AS {LINK_COLUMN} FROM {lines} WHERE trim(line) <> '')"  # noqa: S608 - quoted
        rows = SqlRows(relation, str(staged.path))
        return DumpTable(shown_name(path), "", "links", "files", (LINK_COLUMN,), rows)
    tables = open_dump(engine, path, 0, columns)
    return next((one for one in tables if _named(one, LINK_COLUMN)), tables[0])


def _column(table: DumpTable, path: Path, names: Sequence[str]) -> str:
    for name in names:
        if column := _named(table, name):
            return column
    raise no_column(" or ".join(names), table.columns, str(path))


def _named(table: DumpTable, name: str) -> str:
    """Return the column with a name in any case; empty if there is none."""
    return next((one for one in table.columns if one.lower() == name), "")


def _staged(
    engine: Engine, unreadable: UnreadableRecords, normal: Callable[[str], str]
) -> StagedLinks:
    """Normalise the links that SQL did not, and count the records."""
    engine.run(
        "CREATE OR REPLACE TEMP TABLE odd_texts AS SELECT row_number() OVER () AS n, url AS text "
        "FROM (SELECT DISTINCT url FROM link_lines WHERE starts_with(url, ' '))"
    )
    engine.run("CREATE OR REPLACE TEMP TABLE odd_links (text VARCHAR, url VARCHAR, reason VARCHAR)")
    count = engine.rows("SELECT count(*) FROM odd_texts")[0][0]
    for start in range(0, count, _BATCH):
        _normalise(engine, start, normal)
    records = engine.rows("SELECT count(*) FROM link_lines")[0][0]
    return StagedLinks(records, _refused(engine), unreadable)


def _normalise(engine: Engine, start: int, normal: Callable[[str], str]) -> None:
    texts = engine.columns(
        "SELECT text FROM odd_texts WHERE n > $start AND n <= $end",
        {"start": start, "end": start + _BATCH},
    )["text"]
    urls, reasons = zip(*(_normal_or_reason(one, normal) for one in texts), strict=True)
    batch = {"text": texts, "url": urls, "reason": reasons}
    engine.table("odd_batch", {name: np.array(one, dtype=object) for name, one in batch.items()})
    engine.run("INSERT INTO odd_links SELECT text, url, reason FROM odd_batch")


def _normal_or_reason(text: str, normal: Callable[[str], str]) -> tuple[str | None, str | None]:
    try:
        return normal(text[1:]), None
    except LeakError as error:
        return None, error.what if text.strip() else "has no link"


def _refused(engine: Engine) -> tuple[RefusedLinks, ...]:
    rows = engine.rows(
        "SELECT o.reason, count(*), min(left(o.text, 1000)) FROM link_lines AS l "
        "JOIN odd_links AS o ON o.text = l.url "
        "WHERE starts_with(l.url, ' ') AND o.url IS NULL GROUP BY o.reason ORDER BY 2 DESC, 1"
    )
    return tuple(
        RefusedLinks(reason, count, visible(text[1:], _LONGEST_EXAMPLE))
        for reason, count, text in rows
    )
