"""Judge the comparison of accounts with their own past: a login may be stolen.

The comparison does not accuse anybody. It is not fused with other evidence, and it never makes an
account extracting. An account that it finds is a suspect, with the advice to help its owner. The
volume gate does not apply: a thief that takes less than a heavy user is a thief.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ringfence.model.finding import Action
from ringfence.stats.arrays import Flags, Names
from ringfence.verdicts.error_control import MIN_SCAN_SIZE
from ringfence.verdicts.scored_accounts import ScoredAccounts

STOLEN_ACTION: Final[Action] = "challenge"
"""The advised action: a challenge lets the owner reset the credentials. The policy writes to the
owner that the login may be stolen."""


def may_be_stolen(scored: ScoredAccounts, accounts: int | None = None) -> Flags:
    """Return which accounts are so unlike their own past that their logins may be stolen.

    Two scans are expected to show less than one honest account. Small scans are judged as strictly
    as a scan of :data:`~ringfence.verdicts.error_control.MIN_SCAN_SIZE` accounts.

    Args:
        scored: all accounts.
        accounts: number of accounts of the scan, if ``scored`` has only a part of them.
    """
    keys = scored.accounts["account_key"]
    size = keys.size if accounts is None else accounts
    p = np.nan_to_num(scored.own_past.aligned(keys), nan=1.0)
    return np.asarray(2 * p * max(size, MIN_SCAN_SIZE) <= 1, dtype=np.bool_)


def with_stolen_logins(scored: ScoredAccounts, labels: Names, accounts: int | None = None) -> Names:
    """Return verdicts in which accounts whose logins may be stolen are at least suspects.

    Args:
        scored: all accounts.
        labels: (accounts,) verdicts of all other evidence, that of rings included.
        accounts: as for :func:`may_be_stolen`.
    """
    return np.where((labels == "") & may_be_stolen(scored, accounts), "suspect", labels)


def with_own_past(scored: ScoredAccounts, accounts: int | None = None) -> ScoredAccounts:
    """Return the accounts with the p-value of their own past where it is what makes them suspects.

    Args:
        scored: all accounts.
        accounts: as for :func:`may_be_stolen`.
    """
    keys = scored.accounts["account_key"]
    size = keys.size if accounts is None else accounts
    p = scored.own_past.aligned(keys)
    decides = may_be_stolen(scored, accounts) & (p < scored.p_values)
    return replace(
        scored,
        p_values=np.where(decides, p, scored.p_values),
        expected_false=np.where(decides, p * size, scored.expected_false),
    )
