"""Findings to open cases with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ringfence.cases import Act, Author
from ringfence.cases.moments import to_moment
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Coverage, Finding

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
"""The day on which the tests begin."""

ANA = Author("ana")
BO = Author("bo")


def at(days: float) -> datetime:
    """Return a time some days after Monday."""
    return MONDAY + timedelta(days=days)


def moment(days: float) -> int:
    """Return the same as microseconds."""
    return to_moment(at(days))


def by(author: Author, days: float, version: int | None = None) -> Act:
    """Return an act of a person."""
    return Act(author, moment(days), version)


def finding(name: str = "ann", *, items: int = 1_000, **changes: Any) -> Finding:  # noqa: ANN401 - any field
    """Return a finding about an account that was active for ten days until Monday."""
    fields: dict[str, Any] = {
        "kind": "account", "id": name, "accounts": (name,), "verdict": "extracting",
        "p_value": 1e-9, "expected_false": 1e-6, "items": items, "uses": items + 10,
        "coverage": Coverage(0.1, 0.2), "first": at(-10), "last": at(0), "action": "suspend",
        "evidence": (
            Evidence("volume", 900.0, 90.0, 1e-9, "Took 900 items on its busiest day."),
        ),
    }  # fmt: skip
    return Finding(**{**fields, **changes})


def ring(*accounts: str, name: str = "ring-1", **changes: Any) -> Finding:  # noqa: ANN401 - any field
    """Return a finding about a ring."""
    return finding(name, kind="ring", accounts=accounts, **changes)
