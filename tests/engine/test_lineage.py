"""The tables that a statement reads and writes."""

from __future__ import annotations

import pytest

from ringfence.engine.lineage import lineage


@pytest.mark.parametrize(
    ("sql", "reads", "writes"),
    [
        ("SELECT 1", "", ""),
        ("SELECT * FROM a JOIN b ON a.x = b.x", "a b", ""),
        ("SELECT (SELECT count(*) FROM a) AS n, x FROM b", "a b", ""),
        ("WITH c AS (SELECT * FROM a) SELECT * FROM c JOIN b ON b.x = c.x", "a b", ""),
        ("FROM read_parquet('x.parquet')", "", ""),
        ("CREATE OR REPLACE TEMP TABLE t AS SELECT * FROM a", "a", "t"),
        ("CREATE OR REPLACE TABLE t AS WITH s AS (SELECT * FROM t) SELECT * FROM s", "t", "t"),
        ("CREATE TABLE IF NOT EXISTS t (n BIGINT)", "", "t"),
        ("CREATE OR REPLACE TEMP VIEW v AS SELECT * FROM a", "a", "v"),
        ("INSERT INTO t SELECT * FROM a", "a", "t"),
        ("INSERT INTO t (n) VALUES ($n)", "", "t"),
        ("INSERT INTO t WITH s AS (SELECT * FROM a) SELECT * FROM s", "a", "t"),
        ("DELETE FROM t WHERE x IN (SELECT x FROM a)", "a", "t"),
        ("DROP TABLE IF EXISTS t", "", ""),
    ],
)
def test_reads_and_writes(sql: str, reads: str, writes: str) -> None:
    """Tables are told from common table expressions, functions and the target."""
    found = lineage(sql)
    assert found.reads == frozenset(reads.split())
    assert found.writes == frozenset(writes.split())
