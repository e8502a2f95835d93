"""Put the answers that clients got into words."""

from __future__ import annotations

from collections.abc import Mapping


def answers_in_words(statuses: Mapping[int, int]) -> str:
    """Return how often each status was the answer: ``103 of status 202, 2 without an answer``.

    Args:
        statuses: how often each status was the answer; 0 if there was none.
    """
    said = [
        f"{count:,} of status {status}" if status else f"{count:,} without an answer"
        for status, count in sorted(statuses.items(), key=lambda one: (not one[0], one[0]))
        if count
    ]
    return ", ".join(said) or "none"
