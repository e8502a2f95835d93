"""Charge items to grants: how many items of an account has no budget room for?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

from ringfence.model.exemption import Exemption

_BITS: Final = 62
"""Bits of a BIGINT that is not negative, less one."""

_MOST: Final = 2**31 - 1
"""The largest number that SciPy's flow algorithm takes."""


def grant_bits(exemptions: Sequence[Exemption]) -> list[int]:
    """Return one bit per exemption, which no other one of the same account has.

    An account with more than 62 grants has the oldest ones on one bit: they are one large grant.
    """
    numbered: dict[str, int] = {}
    bits = [0] * len(exemptions)
    newest_first = sorted(
        range(len(exemptions)), key=lambda place: exemptions[place].start, reverse=True
    )
    for place in newest_first:
        account = exemptions[place].account
        bits[place] = 1 << min(numbered.get(account, 0), _BITS - 1)
        numbered[account] = numbered.get(account, 0) + 1
    return bits


def rooms_by_bit(
    accounts: Sequence[str], bits: Sequence[int], rooms: Sequence[int | None]
) -> dict[str, dict[int, int | None]]:
    """Return the number of items that each bit has room for, by account; None for any number.

    Args:
        accounts: the account of each exemption.
        bits: of each exemption, from :func:`grant_bits`.
        rooms: number of items that each exemption has room for.
    """
    found: dict[str, dict[int, int | None]] = {}
    for account, bit, room in zip(accounts, bits, rooms, strict=True):
        of_account = found.setdefault(account, {})
        before = of_account.get(bit, 0)
        of_account[bit] = None if before is None or room is None else before + room
    return found


def items_beyond(sets: Mapping[int, int], budgets: Mapping[int, int | None]) -> int:
    """Return the number of items of an account that no budget has room for.

    Each item is charged to one of the grants that cover it, so that as many as possible have room.
    This is a maximum flow from sets of items to grants.

    Args:
        sets: number of items by the bits of the grants that cover them.
        budgets: most items by bit; None for any number.
    """
    free = sum(bit for bit, budget in budgets.items() if budget is None)
    charged = {grants: items for grants, items in sets.items() if not grants & free}
    limits = {bit: budget for bit, budget in budgets.items() if budget is not None}
    if not charged:
        return 0
    flow = maximum_flow(_network(charged, limits), 0, 1 + len(charged) + len(limits))
    return sum(charged.values()) - int(flow.flow_value)


def _network(sets: Mapping[int, int], limits: Mapping[int, int]) -> csr_array:
    """Return the capacities: from node 0 to each set, from sets to grants, from grants to the end.

    The sets are the nodes from 1 on, then the grants follow.
    """
    first_grant, end = 1 + len(sets), 1 + len(sets) + len(limits)
    edges = [(0, place, items) for place, items in enumerate(sets.values(), 1)]
    edges += [(first_grant + place, end, limit) for place, limit in enumerate(limits.values())]
    edges += [
        (place, first_grant + other, items)
        for place, (grants, items) in enumerate(sets.items(), 1)
        for other, bit in enumerate(limits)
        if grants & bit
    ]
    rows, columns, capacities = np.array(edges, np.int64).T
    capped = np.minimum(capacities, _MOST).astype(np.int32)
    return csr_array(coo_array((capped, (rows, columns)), shape=(end + 1, end + 1)))
