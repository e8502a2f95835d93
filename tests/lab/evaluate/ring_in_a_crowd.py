"""Make users who prefer popular items, and a ring that divides the most popular ones."""

from __future__ import annotations

import numpy as np

from ringfence.stats.arrays import Columns
from ringfence.testing import account, together

USERS, EACH = 250, 90

MEMBERS = tuple(f"member-{n:02}" for n in range(20))


def ring_in_a_crowd() -> Columns:
    """Return the events of ten days."""
    rng = np.random.default_rng(4)
    crowd = [
        account(f"user-{n:03}", np.sort(rng.integers(0, 900_000, EACH)),
                np.unique((rng.random(2 * EACH) ** 2.5 * 6_000).astype(int))[:EACH])
        for n in range(USERS)
    ]  # fmt: skip
    ring = [
        account(name, np.arange(EACH) * 9_000 + n * 60, np.arange(EACH) * len(MEMBERS) + n)
        for n, name in enumerate(MEMBERS)
    ]
    return together(*crowd, *ring)
