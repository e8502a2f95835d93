"""Merge the records of old sources that have no lasting name, so that a service keeps few.

A service folds a source each second. It removes what it has folded, so an old source never comes
again, and nobody asks about it alone. The sums keep its counts.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement

MERGING: Final = Statement(
    "ledger.merging_sources",
    """
CREATE OR REPLACE TEMP TABLE merging_sources AS
SELECT id FROM sources
WHERE NOT recent AND id NOT IN (SELECT source FROM source_names)
""",
)
"""The sources to merge. Files have a lasting name, and are recognised for ever."""

NUMBER_MERGING: Final = Statement(
    "ledger.number_merging",
    "SELECT count(*) AS sources, CAST(max(id) AS BIGINT) AS newest FROM merging_sources",
)

MERGED_TABLES: Final = (
    Statement(
        "ledger.merged_source",
        """
CREATE OR REPLACE TEMP TABLE merged_source AS
SELECT max(id) AS id, sha256(concat('merged ', string_agg(fingerprint, ' ' ORDER BY id)))
    AS fingerprint,
  concat('sources up to number ', max(id)) AS name,
  CAST(sum(lines) AS BIGINT) AS lines, CAST(sum(takes) AS BIGINT) AS takes,
  CAST(0 AS BIGINT) AS bytes, FALSE AS recent
FROM sources
WHERE id IN (SELECT id FROM merging_sources)
""",
    ),
    Statement(
        "ledger.merged_facts",
        """
CREATE OR REPLACE TEMP TABLE merged_facts AS
SELECT DISTINCT CAST($newest AS UINTEGER) AS source, name
FROM source_facts
WHERE source IN (SELECT id FROM merging_sources)
""",
    ),
    Statement(
        "ledger.merged_counts",
        """
CREATE OR REPLACE TEMP TABLE merged_counts AS
SELECT CAST($newest AS UINTEGER) AS source, reason, CAST(sum(lines) AS BIGINT) AS lines, quarantined
FROM line_counts
WHERE source IN (SELECT id FROM merging_sources)
GROUP BY reason, quarantined
""",
    ),
    Statement(
        "ledger.merged_lines",
        """
CREATE OR REPLACE TEMP TABLE merged_lines AS
WITH newest_first AS (
  SELECT source, number, line, reason, text,
    row_number() OVER (PARTITION BY reason ORDER BY source DESC, number DESC) AS place
  FROM quarantined_lines
  WHERE source IN (SELECT id FROM merging_sources)
)
SELECT CAST($newest AS UINTEGER) AS source,
  row_number() OVER (ORDER BY source, number) - 1 AS number, line, reason, text
FROM newest_first
WHERE place <= 10000
""",
    ),
)
"""The rows of the one source that is left. As of any source, 10,000 bad lines per reason stay."""

REPLACE_BY_MERGED: Final = tuple(
    Statement(f"ledger.{verb}_{table}", sql.format(table=table, key=key, merged=merged))
    for table, key, merged in (
        ("source_facts", "source", "merged_facts"),
        ("line_counts", "source", "merged_counts"),
        ("quarantined_lines", "source", "merged_lines"),
        ("sources", "id", "merged_source"),
    )
    for verb, sql in (
        ("unmerge", "DELETE FROM {table} WHERE {key} IN (SELECT id FROM merging_sources)"),
        ("merge_into", "INSERT INTO {table} BY NAME SELECT * FROM {merged}"),
    )
)
"""Replace the rows of the merged sources."""


def merge_sources(engine: Engine) -> None:
    """Merge all sources without a lasting name whose rows are merged already.

    The ledger then recognises none of them again, except the newest by its number. Call it inside a
    transaction.

    Args:
        engine: with the ledger's tables.
    """
    engine.run(MERGING)
    sources, newest = engine.rows(NUMBER_MERGING)[0]
    if sources < 2:
        return
    for statement in MERGED_TABLES:
        values = {"newest": newest} if "$newest" in statement.sql else None
        engine.run(statement, values)
    for statement in REPLACE_BY_MERGED:
        engine.run(statement)
