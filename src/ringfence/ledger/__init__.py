"""What each account holds: mergeable tables folded from events, each source exactly once."""

from ringfence.ledger.ledger import Folded, Ledger, open_writable
from ringfence.ledger.reader import LedgerReader, open_ledger

__all__ = ["Folded", "Ledger", "LedgerReader", "open_ledger", "open_writable"]
