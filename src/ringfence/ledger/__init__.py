"""The ledger: mergeable tables of holdings, folded from events, each source exactly once."""

from ringfence.ledger.changed_sources import OnChange, PlannedFold
from ringfence.ledger.ledger import FoldResult, Ledger, open_writable
from ringfence.ledger.reader import LedgerReader, check_ledger, open_ledger
from ringfence.ledger.source_lines import SourceLines, lines_of, quarantined_lines
from ringfence.ledger.source_takes import SourceTakes, source_takes

__all__ = [
    "FoldResult",
    "Ledger",
    "LedgerReader",
    "OnChange",
    "PlannedFold",
    "SourceLines",
    "SourceTakes",
    "check_ledger",
    "lines_of",
    "open_ledger",
    "open_writable",
    "quarantined_lines",
    "source_takes",
]
