"""Write a policy as the text of a settings file, to be changed and tried."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ringfence.policy_settings import PolicySettings


def policy_toml(settings: PolicySettings) -> str:
    """Return a policy as TOML, without what is left at its default.

    Reading the text gives the same policy.
    """
    told = settings.model_dump(mode="json", exclude_defaults=True)
    lists = {name: value for name, value in told.items() if name == "rules"}
    tables = {name: value for name, value in told.items() if isinstance(value, Mapping)}
    plain = {name: told[name] for name in told if name not in {*lists, *tables}}
    lines = ["[policy]", *_lines({"mode": settings.mode, **plain})]
    for name, values in tables.items():
        lines += ["", f"[policy.{name}]", *_lines(values)]
    for rule in lists.get("rules", ()):
        lines += ["", "[[policy.rules]]", *_lines(rule)]
    return "\n".join(lines) + "\n"


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line per value. A text or list of JSON is one of TOML, but for one character."""
    for name, value in values.items():
        text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        yield f"{name} = {text}"
