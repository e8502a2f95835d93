"""Say for how many accounts the order of items was not judged, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ringfence.model.phrases import counted
from ringfence.verdicts import ScoredAccounts

_USUAL: Final = (
    "going from one id to the next is usual here, among all users or among large holders"
)
_NEW_ITEMS: Final = (
    "most of the items were new when they were taken, and ids change with the age of an item"
)


def order_notes(scored: ScoredAccounts) -> Iterator[str]:
    """Yield one note per reason for which the test ``order`` says nothing about some accounts.

    The test gives such accounts the p-value 1. Without a note, a reviewer could take this for
    evidence that they follow no list.

    Args:
        scored: all accounts of the scan.
    """
    order = scored.scores.get("order")
    if order is None:
        return
    users, new = (
        np.asarray(order.details[name], np.bool_) for name in ("follows_users", "follows_new")
    )
    for number, reason in ((users.sum(), _USUAL), ((new & ~users).sum(), _NEW_ITEMS)):
        if number:
            yield f"Order was not judged for {counted(int(number), 'account')}: {reason}."
