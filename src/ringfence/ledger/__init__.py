"""The ledger: mergeable tables of holdings, folded from events, each source exactly once."""

from ringfence.ledger.changed_sources import OnChange, PlannedFold
from ringfence.ledger.ledger import FoldResult, Ledger, open_writable
from ringfence.ledger.reader import LedgerReader, open_ledger

__all__ = [
    "FoldResult",
    "Ledger",
    "LedgerReader",
    "OnChange",
    "PlannedFold",
    "open_ledger",
    "open_writable",
]
