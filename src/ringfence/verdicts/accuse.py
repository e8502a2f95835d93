"""From judged accounts to ranked findings: error control, coverage, advice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from ringfence.catalogue import Catalogue
from ringfence.engine import DuckDBEngine
from ringfence.settings import PolicySettings, Settings
from ringfence.verdicts.control import expected_false, extracting, suspect
from ringfence.verdicts.finding import Coverage, Finding, Verdict
from ringfence.verdicts.judge import Judged
from ringfence.verdicts.profile import prepare_profiles, profile

Flags = npt.NDArray[np.bool_]


def verdicts(judged: Judged, robots: frozenset[int], rate: float) -> npt.NDArray[Any]:
    """Return one of ``extracting``, ``suspect``, ``robot`` or the empty string an account."""
    declared = np.isin(judged.accounts["account_key"], np.array(sorted(robots), dtype=np.uint64))
    return np.select(
        [declared, extracting(judged.p_values, judged.taking, rate),
         suspect(judged.p_values, judged.taking)],
        ["robot", "extracting", "suspect"], default="")


def findings(engine: DuckDBEngine, judged: Judged, labels: npt.NDArray[Any],
             catalogue: Catalogue, settings: Settings) -> tuple[Finding, ...]:
    """Return the findings, most certain first; the first ones carry a profile for their page."""
    rows = np.flatnonzero((labels == "extracting") | (labels == "suspect"))
    ranked = rows[np.lexsort((-judged.accounts["items"][rows], judged.p_values[rows]))]
    shown = ranked[:settings.report.findings_shown]
    prepare_profiles(engine, [int(key) for key in judged.accounts["account_key"][shown]])
    false = expected_false(judged.p_values)
    return tuple(
        _finding(engine, judged, int(row), str(labels[row]), float(false[row]), catalogue,
                 settings.policy, shown=place < shown.size)
        for place, row in enumerate(ranked))


def _finding(engine: DuckDBEngine, judged: Judged, row: int, label: str, false: float,
             catalogue: Catalogue, policy: PolicySettings, *, shown: bool) -> Finding:
    accounts = judged.accounts
    verdict: Verdict = "extracting" if label == "extracting" else "suspect"
    items = int(accounts["items"][row])
    name = str(accounts["account"][row])
    return Finding(
        kind="account", id=name, accounts=(name,), verdict=verdict,
        p_value=float(judged.p_values[row]), expected_false=false,
        items=items, uses=int(accounts["uses"][row]),
        coverage=Coverage(items / max(catalogue.items, 1),
                          float(accounts["popularity"][row]) / max(catalogue.popularity, 1.0)),
        first=_moment(accounts["first"][row]), last=_moment(accounts["last"][row]),
        action=policy.extracting if verdict == "extracting" else policy.suspect,
        evidence=judged.evidence(row),
        profile=profile(engine, int(accounts["account_key"][row]), judged.standing(row))
        if shown else None)


def _moment(seconds: Any) -> datetime:  # noqa: ANN401 - a NumPy scalar of whatever integer type
    return datetime.fromtimestamp(int(seconds), UTC)
