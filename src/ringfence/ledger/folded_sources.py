"""The sources that a ledger was folded from: their contents, names and facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.events.fingerprint import Content
from ringfence.ledger.source_lines import REMOVE_LINES
from ringfence.ledger.tables import SLICED

FOLDED: Final = Statement(
    "ledger.folded_sources",
    "SELECT id, fingerprint, name, lines, takes, bytes, recent FROM sources ORDER BY id",
)
KNOWN_SOURCE: Final = Statement(
    "ledger.known_source", "SELECT id, name FROM sources WHERE fingerprint = $fingerprint"
)
NEXT_ID: Final = Statement(
    "ledger.next_source", "SELECT CAST(coalesce(max(id), 0) AS BIGINT) + 1 AS id FROM sources"
)
ADD_SOURCE: Final = Statement(
    "ledger.add_source",
    "INSERT INTO sources VALUES ($id, $fingerprint, $name, $lines, $takes, $bytes, TRUE)",
)
ADD_SOURCE_FACT: Final = Statement(
    "ledger.add_source_fact", "INSERT INTO source_facts VALUES ($id, $name)"
)
SOURCE_FACTS_SEEN: Final = Statement(
    "ledger.source_facts_seen", "SELECT DISTINCT name FROM source_facts ORDER BY name"
)
NAMES_OF_SOURCES: Final = Statement("ledger.source_paths", "SELECT source, path FROM source_names")
FORGET_NAME: Final = Statement("ledger.forget_name", "DELETE FROM source_names WHERE path = $path")
ADD_NAME: Final = Statement("ledger.add_name", "INSERT INTO source_names VALUES ($id, $path)")

REMOVE_ROWS: Final = tuple(
    Statement(f"ledger.remove_{table}", f"DELETE FROM recent_{table} WHERE source = $id")  # noqa: S608 - own names
    for table in SLICED
)
REMOVE_SOURCE: Final = (
    Statement("ledger.remove_source_facts", "DELETE FROM source_facts WHERE source = $id"),
    Statement("ledger.remove_source_names", "DELETE FROM source_names WHERE source = $id"),
    Statement("ledger.remove_source", "DELETE FROM sources WHERE id = $id"),
)
FORGET_LEARNED_RULES: Final = Statement(
    "ledger.forget_learned_rules",
    """
DELETE FROM item_rules
WHERE (SELECT count(*) FROM source_facts WHERE name = 'items learned') = 0
  AND (SELECT count(*) FROM facts WHERE name = 'items learned') = 0
""",
)
"""Learned rules stay as long as any source was read by such."""

FORGET_RINGS: Final = Statement("ledger.forget_rings", "DELETE FROM rings")

SHARED_ROWS: Final = Statement(
    "ledger.shared_rows",
    """
WITH before AS (
  SELECT account_key, item_key, first, last FROM recent_holdings WHERE source = $before
),
now AS (
  SELECT account_key, item_key, min(first) AS first, max(last) AS last
  FROM recent_holdings
  WHERE source = $now
  GROUP BY account_key, item_key
)
SELECT count(*) AS rows_before, count(n.first) AS shared
FROM before AS b
LEFT JOIN now AS n ON n.account_key = b.account_key AND n.item_key = b.item_key
  AND n.first <= b.last AND n.last >= b.first
""",
)
"""Compare two slices: a row is shared if the same account took the same item in both, at times that
overlap."""


@dataclass(frozen=True)
class FoldedSource:
    """A source that the ledger holds.

    Attributes:
        id: its number; sources are numbered in the order in which they were folded.
        content: what identifies its content.
        name: its name, as messages showed it.
        lines: number of records that were read.
        takes: number of takes among them.
        recent: whether its rows are kept apart, so that it can be replaced.
    """

    id: int
    content: Content
    name: str
    lines: int
    takes: int
    recent: bool


def folded_sources(engine: Engine) -> list[FoldedSource]:
    """Return all sources of a ledger in the order in which they were folded."""
    return [
        FoldedSource(number, Content(fingerprint, size), name, lines, takes, recent)
        for number, fingerprint, name, lines, takes, size, recent in engine.rows(FOLDED)
    ]


def source_paths(engine: Engine) -> dict[str, int]:
    """Return the absolute path under which each source was last found, with its number."""
    return {path: number for number, path in engine.rows(NAMES_OF_SOURCES)}


def known_source(engine: Engine, fingerprint: str) -> tuple[int, str] | None:
    """Return number and name of the source with this content; None if there is none."""
    rows = engine.rows(KNOWN_SOURCE, {"fingerprint": fingerprint})
    return (int(rows[0][0]), str(rows[0][1])) if rows else None


def next_source(engine: Engine) -> int:
    """Return the number of the next source to be folded."""
    return int(engine.rows(NEXT_ID)[0][0])


def add_source(engine: Engine, source: FoldedSource, facts: Iterable[str]) -> None:
    """Record a source and its facts."""
    engine.run(
        ADD_SOURCE,
        {
            "id": source.id,
            "fingerprint": source.content.fingerprint,
            "name": source.name,
            "lines": source.lines,
            "takes": source.takes,
            "bytes": source.content.size,
        },
    )
    for name in facts:
        engine.run(ADD_SOURCE_FACT, {"id": source.id, "name": name})


def name_source(engine: Engine, number: int, path: str) -> None:
    """Record that a path names this source now, and no other one; an empty path names nothing."""
    if path:
        engine.run(FORGET_NAME, {"path": path})
        engine.run(ADD_NAME, {"id": number, "path": path})


def remove_source(engine: Engine, number: int, *, forget_rings: bool) -> None:
    """Remove a recent source and everything that was read from it.

    Args:
        engine: with the ledger's tables.
        number: the source.
        forget_rings: whether to remove the rings that scans have found, too. The ids of rings
            depend on what earlier scans found. Without them, the next scan names its rings as the
            scan of a ledger does that never saw the source.
    """
    for statement in (*REMOVE_ROWS, *REMOVE_LINES, *REMOVE_SOURCE):
        engine.run(statement, {"id": number})
    engine.run(FORGET_LEARNED_RULES)
    if forget_rings:
        engine.run(FORGET_RINGS)


def shared_part(engine: Engine, before: int, now: int) -> float:
    """Return the part of a recent source's holdings that another recent source has as well."""
    rows, shared = engine.rows(SHARED_ROWS, {"before": before, "now": now})[0]
    return shared / rows if rows else 0.0
