"""Where queries run. One adapter per engine; SQL is written once, in DuckDB's dialect."""

from ringfence.engine.duckdb import DuckDBEngine
from ringfence.engine.engine import ArrowData, Engine
from ringfence.engine.quoting import identifier, literal
from ringfence.engine.statement import Statement, registered

__all__ = [
    "ArrowData",
    "DuckDBEngine",
    "Engine",
    "Statement",
    "identifier",
    "literal",
    "registered",
]
