"""An effect as JSON, the same for every sink that gets it in this form."""

from __future__ import annotations

from typing import Any

from ringfence.cases.moments import to_text
from ringfence.enforcement.sink import Effect


def effect_to_json(effect: Effect) -> dict[str, Any]:
    """Return an effect as a JSON object; times are ISO 8601 in UTC, or null for no end."""
    return {
        "number": effect.number,
        "key": effect.key,
        "account": effect.account,
        "effect": effect.name,
        "decision": effect.decision,
        "made": to_text(effect.made),
        "until": None if effect.until is None else to_text(effect.until),
        "ground": effect.ground,
    }
