"""Contract checks that others can run on their own evidence tests, and small ledgers to run on."""

from ringfence.testing.evidence_checks import CHECKS, Check
from ringfence.testing.small_ledger import ledger_of, small_ledger, write_events
from ringfence.testing.users import account, extractor, together, users

__all__ = [
    "CHECKS",
    "Check",
    "account",
    "extractor",
    "ledger_of",
    "small_ledger",
    "together",
    "users",
    "write_events",
]
