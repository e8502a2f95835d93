"""The ledger: mergeable tables of holdings, folded from events, each source exactly once."""

from ringfence.ledger.ledger import FoldResult, Ledger, open_writable
from ringfence.ledger.reader import LedgerReader, open_ledger

__all__ = ["FoldResult", "Ledger", "LedgerReader", "open_ledger", "open_writable"]
