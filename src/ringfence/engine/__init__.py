"""Where queries run. One thin adapter an engine; SQL is written once, in DuckDB's dialect."""

from ringfence.engine._statement import Statement, registered
from ringfence.engine.duckdb import DuckDBEngine

__all__ = ["DuckDBEngine", "Statement", "registered"]
