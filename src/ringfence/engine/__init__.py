"""Run queries: one adapter per engine. SQL is written once, in DuckDB's dialect."""

from ringfence.engine.engine import ArrowData, Engine
from ringfence.engine.opening import ENGINE_ENDINGS, is_database, is_unfinished, open_engine
from ringfence.engine.quoting import identifier, literal
from ringfence.engine.statement import Statement, registered

__all__ = [
    "ENGINE_ENDINGS",
    "ArrowData",
    "Engine",
    "Statement",
    "identifier",
    "is_database",
    "is_unfinished",
    "literal",
    "open_engine",
    "registered",
]
