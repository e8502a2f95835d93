"""What each account holds: mergeable tables folded from events, each source exactly once."""

from ringfence.ledger.ledger import Folded, Ledger, open_ledger

__all__ = ["Folded", "Ledger", "open_ledger"]
