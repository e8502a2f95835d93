"""Check evidence tests, and make small ledgers to run them on.

The checks are those that all built-in tests pass. They can be used on a test of another package:

>>> from ringfence.evidence.volume import Volume
>>> from ringfence.testing import CHECKS
>>> for check in CHECKS:
...     check(Volume())
"""

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
