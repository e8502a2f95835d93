"""The wait before the next attempt.

Exponential backoff with full jitter: the wait is drawn between zero and a limit that doubles with
every attempt. Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015,
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

Libraries for retries, such as tenacity, wait within a process. Here the wait outlives the process,
so it is a time in the database.
"""

from __future__ import annotations

import random
from typing import Final

BASE: Final = 10_000_000
"""The limit of the first wait: 10 seconds, in microseconds."""

CAP: Final = 3_600_000_000
"""The longest wait: an hour, in microseconds."""

MOST_TRIES: Final = 100
"""Attempts before an effect becomes a dead letter: about two days, as waits are half of CAP."""


def wait(tries: int) -> int:
    """Return the wait after some failed attempts, in microseconds; at least one."""
    limit = min(CAP, BASE << min(tries - 1, 20))
    return random.randint(1, limit)  # noqa: S311 - spreads load, guards nothing
