"""Effects to give to sinks."""

from __future__ import annotations

from typing import Any

from tests.cases.findings import moment

from ringfence.enforcement import Effect


def effect(**changes: Any) -> Effect:  # noqa: ANN401 - any field
    """Return the suspension of an account."""
    fields: dict[str, Any] = {
        "number": 7, "key": "k" * 32, "account": "ann", "name": "suspend", "decision": 3,
        "made": moment(1), "until": moment(9), "ground": "terms 5.2",
        "suspended": False,
    }  # fmt: skip
    return Effect(**{**fields, **changes})
