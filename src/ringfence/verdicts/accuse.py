"""From judged accounts to ranked findings: error control, coverage, advice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ringfence.catalogue import Catalogue
from ringfence.model.finding import Coverage, Finding, Verdict
from ringfence.settings import Settings
from ringfence.verdicts.control import extracting, suspect
from ringfence.verdicts.judge import ScoredAccounts

_VERDICTS: Final[dict[str, Verdict]] = {"extracting": "extracting", "suspect": "suspect"}


def verdicts(scored: ScoredAccounts, rate: float) -> npt.NDArray[Any]:
    """Return one of ``extracting``, ``suspect`` or the empty string an account."""
    return np.select(
        [
            extracting(scored.fused, scored.volume, rate),
            suspect(scored.p_values, scored.volume),
        ],
        ["extracting", "suspect"],
        default="",
    )


def findings(
    scored: ScoredAccounts, labels: npt.NDArray[Any], catalogue: Catalogue, settings: Settings
) -> tuple[Finding, ...]:
    """Return the findings that accounts are, most certain first."""
    rows = np.flatnonzero((labels == "extracting") | (labels == "suspect"))
    ranked = rows[np.lexsort((-scored.accounts["items"][rows], scored.p_values[rows]))]
    actions = {"extracting": settings.policy.extracting, "suspect": settings.policy.suspect}
    return tuple(
        _finding(scored, int(row), _VERDICTS[labels[row]], catalogue, actions[labels[row]])
        for row in ranked
    )


def _finding(
    scored: ScoredAccounts, row: int, verdict: Verdict, catalogue: Catalogue, action: str
) -> Finding:
    accounts = scored.accounts
    items, name = int(accounts["items"][row]), str(accounts["account"][row])
    use = float(accounts["popularity"][row])
    return Finding(
        kind="account",
        id=name,
        accounts=(name,),
        verdict=verdict,
        p_value=float(scored.p_values[row]),
        expected_false=float(scored.expected_false[row]),
        items=items,
        uses=int(accounts["uses"][row]),
        coverage=Coverage(items / max(catalogue.items, 1), use / max(catalogue.popularity, 1.0)),
        first=_moment(accounts["first"][row]),
        last=_moment(accounts["last"][row]),
        action=action,
        evidence=scored.evidence(row),
    )


def _moment(seconds: Any) -> datetime:  # noqa: ANN401 - a NumPy scalar of whatever integer type
    return datetime.fromtimestamp(int(seconds), UTC)
