"""From judged accounts to ranked findings: error control, coverage, advice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ringfence.catalogue import Catalogue
from ringfence.engine import DuckDBEngine
from ringfence.settings import Settings
from ringfence.verdicts.control import extracting, suspect
from ringfence.verdicts.finding import Coverage, Finding, Verdict
from ringfence.verdicts.judge import Judged
from ringfence.verdicts.profile import prepare_profiles, profile

_VERDICTS: Final[dict[str, Verdict]] = {"extracting": "extracting", "suspect": "suspect"}


def verdicts(judged: Judged, rate: float) -> npt.NDArray[Any]:
    """Return one of ``extracting``, ``suspect`` or the empty string an account."""
    return np.select(
        [
            extracting(judged.fused, judged.taking, rate),
            suspect(judged.p_values, judged.taking),
        ],
        ["extracting", "suspect"],
        default="",
    )


def findings(
    engine: DuckDBEngine,
    judged: Judged,
    labels: npt.NDArray[Any],
    catalogue: Catalogue,
    settings: Settings,
) -> tuple[Finding, ...]:
    """Return the findings, most certain first; the first ones carry a profile for their page."""
    rows = np.flatnonzero((labels == "extracting") | (labels == "suspect"))
    ranked = rows[np.lexsort((-judged.accounts["items"][rows], judged.p_values[rows]))]
    actions = {"extracting": settings.policy.extracting, "suspect": settings.policy.suspect}
    found = [
        _finding(judged, int(row), _VERDICTS[labels[row]], catalogue, actions[labels[row]])
        for row in ranked
    ]
    shown = ranked[: settings.report.findings_shown]
    return (*_profiled(engine, judged, found[: shown.size], shown), *found[shown.size :])


def _profiled(
    engine: DuckDBEngine, judged: Judged, found: list[Finding], rows: npt.NDArray[np.intp]
) -> Iterator[Finding]:
    keys = [int(key) for key in judged.accounts["account_key"][rows]]
    prepare_profiles(engine, keys)
    for finding, key, row in zip(found, keys, rows, strict=True):
        yield replace(finding, profile=profile(engine, key, judged.standing(int(row))))


def _finding(
    judged: Judged, row: int, verdict: Verdict, catalogue: Catalogue, action: str
) -> Finding:
    accounts = judged.accounts
    items, name = int(accounts["items"][row]), str(accounts["account"][row])
    use = float(accounts["popularity"][row])
    return Finding(
        kind="account",
        id=name,
        accounts=(name,),
        verdict=verdict,
        p_value=float(judged.p_values[row]),
        expected_false=float(judged.expected_false[row]),
        items=items,
        uses=int(accounts["uses"][row]),
        coverage=Coverage(items / max(catalogue.items, 1), use / max(catalogue.popularity, 1.0)),
        first=_moment(accounts["first"][row]),
        last=_moment(accounts["last"][row]),
        action=action,
        evidence=judged.evidence(row),
    )


def _moment(seconds: Any) -> datetime:  # noqa: ANN401 - a NumPy scalar of whatever integer type
    return datetime.fromtimestamp(int(seconds), UTC)
