"""Score single accounts in small ledgers, for tests of single evidence tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ringfence.evidence import EvidenceTest
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together

DAY, HOUR = 86_400, 3_600


def score(
    test: EvidenceTest, *events: Columns, name: str = "a", catalogue: Path | None = None
) -> tuple[dict[str, float], float, str]:
    """Return numbers, p-value and sentence of one account."""
    with small_ledger(together(*events), catalogue=catalogue) as context:
        keys = dict(context.engine.rows("SELECT account, account_key FROM accounts"))
        scores = test.score(context)
        assert scores.keys.size <= len(keys)
        (row,) = np.flatnonzero(scores.keys == keys[name])
        return scores.at(row), float(scores.p_values[row]), test.sentence(scores.at(row))


def daily(days: int, items: int, *, start: int = 0, first: int = 0) -> Columns:
    """Take a number of new items per day, ten seconds apart."""
    moments = np.arange(days)[:, None] * DAY + np.arange(items) * 10
    return account("a", start * DAY + moments.ravel(), first + np.arange(days * items))


def crowd(accounts: int = 40, items: int = 60) -> Columns:
    """Make users who are alike: the same sixty items, in one network, by browser."""
    return together(
        *(
            account(f"user-{n:02d}", np.arange(items) * HOUR + n, np.arange(items) * 3)
            for n in range(accounts)
        )
    )
