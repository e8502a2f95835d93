"""Suggest settings that would help to read a source: rules to keep, and columns to name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Final

from ringfence.events import Reading, mask_secrets
from ringfence.events.items import RuleChoice

_LEARNED: Final = "learned"

_NAMED: Final = 10
"""Columns that one suggestion names."""


def suggestions(readings: Iterable[Reading]) -> tuple[str, ...]:
    """Return suggestions, each once: a sentence, and settings to paste below it.

    Args:
        readings: the sources that were read.
    """
    return tuple(dict.fromkeys(one for reading in readings for one in _suggestions(reading)))


def _suggestions(reading: Reading) -> Iterator[str]:
    if reading.choice and reading.choice.preset.name == _LEARNED and reading.choice.uses:
        yield _rules(reading.choice)
    if reading.unused:
        more = "" if len(reading.unused) <= _NAMED else f" and {len(reading.unused) - _NAMED} more"
        named = ", ".join(reading.unused[:_NAMED])
        yield f"Columns that are not used, and may be named in [events.columns]: {named}{more}"


def _rules(choice: RuleChoice) -> str:
    """Return learned rules as settings, with the share of pages and an example of each."""
    lines = ["These rules were learned. Keep them in the settings if they are right:"]
    for use in choice.uses:
        lines += ["", f"# {use.share:.0%} of the pages"]
        lines += [f"# {_comment(url)} is {_comment(item)}" for url, item in use.examples[:1]]
        lines.append("[[items.rules]]")
        lines += [f"{name} = {_toml(value)}" for name, value in use.rule.as_setting().items()]
    return "\n".join(lines)


def _comment(text: str) -> str:
    """Return a text from outside in one line of a comment."""
    return json.dumps(mask_secrets(text)[:100], ensure_ascii=False)


def _toml(value: str | bool) -> str:
    """Return a value in TOML; a pattern is easiest to read as a literal string."""
    if isinstance(value, bool):
        return str(value).lower()
    literal = "'" not in value and value.isprintable()
    return f"'{value}'" if literal else json.dumps(value)
