"""Suggest the known name that somebody probably meant: one helper for settings, attacks and ids."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

MAX_SUGGESTIONS: Final = 3
"""Names suggested at most."""

MIN_SIMILARITY: Final = 0.6
"""Similarity (0 to 1, :class:`difflib.SequenceMatcher`) from which a name is suggested."""


def closest(typed: str, known: Iterable[str]) -> list[str]:
    """Return the known names that are most similar to the typed one, the most similar first.

    Letter case does not count. The time grows with the number of known names: about one second
    for 100,000 names.

    Args:
        typed: the name that was not found.
        known: all names that exist.

    Returns:
        At most :data:`MAX_SUGGESTIONS` names; none if no name is similar.
    """
    spellings: dict[str, list[str]] = {}
    for name in known:
        spellings.setdefault(name.lower(), []).append(name)
    found = get_close_matches(typed.lower(), spellings, MAX_SUGGESTIONS, MIN_SIMILARITY)
    return [name for spelling in found for name in spellings[spelling]][:MAX_SUGGESTIONS]


def did_you_mean(typed: str, known: Iterable[str]) -> str:
    """Return a hint such as ``did you mean greedy or greedy-fast?``; empty if no name is similar.

    Example:
        >>> did_you_mean("greddy", ["greedy", "ring-random"])
        'did you mean greedy?'
    """
    names = closest(typed, known)
    return f"did you mean {' or '.join(names)}?" if names else ""
