"""Explain in one line why a setting is refused, and suggest the setting that was meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ringfence.errors import SettingsError
from ringfence.suggestions import closest, did_you_mean
from ringfence.visible import clip

_LONGEST_VALUE: Final = 60
"""Characters of a wrong value that a message shows."""

_LONGEST_NAME: Final = 100
"""Characters of a wrong name that a message shows, and for which a similar name is sought."""

_LONGEST_TEXT: Final = 500
"""Characters of another part's explanation that a message shows."""

_TYPES: Final = {
    "int": "a whole number",
    "float": "a number",
    "string": "text",
    "tuple": "a list",
    "model": "a section of settings",
    "bool": "true or false",
}
"""The expected type, by the start of Pydantic's name of the problem."""

_BOUNDS: Final = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
"""Pydantic's key of each bound, and the words for it."""


def refused_setting(problem: Any, known: Sequence[str]) -> SettingsError:  # noqa: ANN401 - Pydantic's ErrorDetails
    """Return the error for a setting that does not exist or has a wrong value.

    Args:
        problem: Pydantic's own description.
        known: the dotted names of all settings.
    """
    setting = clip(".".join(str(part) for part in problem["loc"]), _LONGEST_NAME)
    listed = "docs/reference/settings.md lists every setting"
    if problem["type"] != "extra_forbidden":
        place = f"{setting}: " if setting else ""
        return SettingsError(f"{place}{_demand(problem)}", hint=listed)
    return SettingsError(
        f"{setting}: there is no such setting",
        hint=f"{did_you_mean(setting, _similar(setting, known))} {listed}".lstrip(),
    )


def _demand(problem: Any) -> str:  # noqa: ANN401 - Pydantic's ErrorDetails
    """Return what a value must be, in plain words."""
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "value_error":
        return clip(str(context["error"]), _LONGEST_TEXT)
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        must = f"one of {context['expected'].replace(chr(39), '')}"
    elif kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        must = f"{words} {context[key]:g}"
    elif kind == "string_pattern_mismatch":
        must = "a number with a unit, such as 512MB or 2GB"
    elif (start := kind.partition("_")[0]) in _TYPES:
        must = _TYPES[start]
    else:
        return str(problem["msg"])
    return f"must be {must}, not {_shown(problem['input'])}"


def _shown(value: object) -> str:
    """Return a wrong value as text, shortened."""
    try:
        return clip(repr(value), _LONGEST_VALUE)
    except ValueError:
        # A whole number of more digits than Python writes.
        return "a number of thousands of digits"


def _similar(setting: str, names: Sequence[str]) -> list[str]:
    """Return settings with a similar name in this section, else with the same name in another."""
    section, _, name = setting.rpartition(".")
    known = [one.rpartition(".") for one in names]
    here = closest(name, [leaf for path, _, leaf in known if path == section])
    elsewhere = [f"{path}.{leaf}" for path, _, leaf in known if leaf == name]
    return [f"{section}.{leaf}".lstrip(".") for leaf in here] or elsewhere
