"""Charge items to grants: how many items of an account do they have no room for?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import maximum_flow

from ringfence.model.exemption import Exemption

_BITS: Final = 62
"""Bits of a BIGINT that is not negative, less one."""

_MOST: Final = 2**31 - 1
"""The largest number that SciPy's flow algorithm takes."""

NO_SURFACES: Final[Mapping[int, frozenset[str]]] = {}
"""Grants of all surfaces only."""

NO_ACCESSES: Final[Mapping[str, int]] = {}
"""No access that has to be known, because no grant names a surface."""

_Node = tuple[str, int | str]
"""A kind of node, and its bit or name."""

_BEGIN: Final[_Node] = ("begin", 0)
_END: Final[_Node] = ("end", 0)


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


def surfaces_by_bit(
    exemptions: Sequence[Exemption], bits: Sequence[int]
) -> dict[str, dict[int, frozenset[str]]]:
    """Return the permitted surfaces of each bit, by account. A bit that permits all has none.

    Args:
        exemptions: the grants.
        bits: of each exemption, from :func:`grant_bits`.
    """
    found: dict[str, dict[int, frozenset[str]]] = {}
    anywhere = {
        (one.account, bit) for one, bit in zip(exemptions, bits, strict=True) if not one.surfaces
    }
    for one, bit in zip(exemptions, bits, strict=True):
        if (one.account, bit) not in anywhere:
            of_account = found.setdefault(one.account, {})
            of_account[bit] = of_account.get(bit, frozenset()) | frozenset(one.surfaces)
    return found


def items_beyond(
    sets: Mapping[int, int],
    budgets: Mapping[int, int | None],
    surfaces: Mapping[int, frozenset[str]] = NO_SURFACES,
    accesses: Mapping[str, int] = NO_ACCESSES,
) -> int:
    """Return the number of items of an account that its grants have no room for.

    Each item is charged to one of the grants that cover it, and to an access on a surface of this
    grant, so that as many as possible have room. An access has room for one item, whichever grant
    it is charged to. This is a maximum flow from sets of items through grants to surfaces.

    Args:
        sets: number of items by the bits of the grants that cover them.
        budgets: most items by bit; None for any number.
        surfaces: permitted surfaces by bit; a bit that is missing permits all.
        accesses: number of accesses of the account by surface.
    """
    free = sum(bit for bit, budget in budgets.items() if budget is None and bit not in surfaces)
    charged = {grants: items for grants, items in sets.items() if not grants & free}
    if not charged:
        return 0
    edges = list(_edges(charged, budgets, surfaces, accesses))
    flow = maximum_flow(_network(edges), 0, 1)
    return sum(charged.values()) - int(flow.flow_value)


def _network(edges: Sequence[tuple[_Node, _Node, int]]) -> csr_array:
    """Return the capacities between nodes. The beginning is number 0, and the end is number 1."""
    numbers: dict[_Node, int] = {_BEGIN: 0, _END: 1}
    for one, other, _ in edges:
        for node in (one, other):
            numbers.setdefault(node, len(numbers))
    rows = [numbers[one] for one, _, _ in edges]
    columns = [numbers[other] for _, other, _ in edges]
    capacities = np.array([min(room, _MOST) for _, _, room in edges], np.int32)
    return csr_array(coo_array((capacities, (rows, columns)), shape=(len(numbers), len(numbers))))


def _edges(
    sets: Mapping[int, int],
    budgets: Mapping[int, int | None],
    surfaces: Mapping[int, frozenset[str]],
    accesses: Mapping[str, int],
) -> Iterator[tuple[_Node, _Node, int]]:
    """Yield pairs of nodes, each with the number of items for which the way between has room.

    The ways lead from the beginning to sets of items, through grants to surfaces, and to the end.
    """
    for grants, items in sets.items():
        yield _BEGIN, ("set", grants), items
        yield from ((("set", grants), ("grant", bit), items) for bit in budgets if grants & bit)
    for bit, budget in budgets.items():
        room = _MOST if budget is None else budget
        yield ("grant", bit), ("charged", bit), room
        if bit not in surfaces:
            yield ("charged", bit), _END, room
        for name in surfaces.get(bit, ()):
            yield ("charged", bit), ("surface", name), room
    for name in {name for names in surfaces.values() for name in names}:
        yield ("surface", name), _END, accesses.get(name, 0)
