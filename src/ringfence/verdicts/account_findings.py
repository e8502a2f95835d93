"""Give accounts their verdicts, and make findings of those that are extracting or suspect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from ringfence.catalogue import Catalogue
from ringfence.model.finding import Action, Finding, Verdict
from ringfence.settings import Settings
from ringfence.stats.arrays import Names
from ringfence.verdicts.error_control import extracting, suspect
from ringfence.verdicts.scored_accounts import ScoredAccounts
from ringfence.verdicts.stolen_logins import STOLEN_ACTION, may_be_stolen

_VERDICTS: Final[dict[str, Verdict]] = {"extracting": "extracting", "suspect": "suspect"}


def account_verdicts(scored: ScoredAccounts, rate: float, accounts: int | None = None) -> Names:
    """Return (accounts,) ``extracting``, ``suspect`` or the empty string, from own evidence only.

    Args:
        scored: all accounts.
        rate: the operator's false accusation rate.
        accounts: number of accounts of the scan, if ``scored`` has only a part of them.
    """
    return np.select(
        [
            extracting(scored.fused, scored.volume, rate, accounts),
            suspect(scored.p_values, scored.volume, accounts),
        ],
        ["extracting", "suspect"],
        default="",
    )


def account_findings(
    scored: ScoredAccounts,
    labels: Names,
    catalogue: Catalogue,
    settings: Settings,
    accounts: int | None = None,
) -> tuple[Finding, ...]:
    """Return one finding per accused or suspected account, most certain first.

    Args:
        scored: all accounts.
        labels: (accounts,) their final verdicts.
        catalogue: gives the coverage its denominators.
        settings: which action each verdict advises.
        accounts: as for :func:`account_verdicts`.
    """
    stolen = may_be_stolen(scored, accounts)
    rows = np.flatnonzero(np.isin(labels, list(_VERDICTS)))
    ranked = rows[np.lexsort((-scored.accounts["items"][rows], scored.p_values[rows]))]
    actions: dict[str, Action] = {
        "extracting": settings.policy.extracting,
        "suspect": settings.policy.suspect,
    }
    found = (
        _finding(scored, int(row), _VERDICTS[labels[row]], catalogue, actions[labels[row]])
        for row in ranked
    )
    return tuple(
        replace(one, action=STOLEN_ACTION, may_be_stolen=True) if stolen[row] else one
        for one, row in zip(found, ranked, strict=True)
    )


def _finding(
    scored: ScoredAccounts, row: int, verdict: Verdict, catalogue: Catalogue, action: Action
) -> Finding:
    accounts = scored.accounts
    items, name = int(accounts["items"][row]), str(accounts["account"][row])
    return Finding(
        kind="account",
        id=name,
        accounts=(name,),
        verdict=verdict,
        p_value=float(scored.p_values[row]),
        expected_false=float(scored.expected_false[row]),
        items=items,
        uses=int(accounts["uses"][row]),
        coverage=catalogue.coverage(items, float(accounts["popularity"][row])),
        first=_utc(accounts["first"][row]),
        last=_utc(accounts["last"][row]),
        action=action,
        evidence=scored.evidence(row),
    )


def _utc(seconds: Any) -> datetime:  # noqa: ANN401 - a NumPy scalar of whatever integer type
    return datetime.fromtimestamp(int(seconds), UTC)
