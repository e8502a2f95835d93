"""One ring or several: members that work alike belong together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ringfence.rings.collision.membership import LEAST_MEMBERS
from ringfence.stats.arrays import Floats, Rows

GAP: Final = 3.0
"""Factor between one part's largest holding and the next part's smallest. Accounts run by one
program hold about as much as each other, or anything between the least and the most."""


def parts(members: Rows, items: Floats) -> Iterator[Rows]:
    """Split members where their holdings are of clearly different sizes.

    Two rings that were told which slices the other takes never collide, and are found as one. Each
    part has at least :data:`~ringfence.rings.collision.membership.LEAST_MEMBERS` members, and
    together they are all.

    Args:
        members: rows of the accounts.
        items: (members,) items that each holds.
    """
    order = np.argsort(items, kind="stable")
    sizes = np.maximum(items[order], 1.0)
    gaps = np.flatnonzero(sizes[1:] > GAP * sizes[:-1]) + 1
    start = 0
    for gap in gaps:
        if gap - start >= LEAST_MEMBERS and order.size - gap >= LEAST_MEMBERS:
            yield np.sort(members[order[start:gap]])
            start = int(gap)
    yield np.sort(members[order[start:]])
