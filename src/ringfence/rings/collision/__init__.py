"""The collision test: find rings whose members share too few items.

Independent accounts that use one catalogue share some items. Accounts that divide the catalogue
among themselves do not. :mod:`~ringfence.rings.collision.collisions` derives the expected number
of shared items, :mod:`~ringfence.rings.collision.null_distribution` measures how much it varies,
and :mod:`~ringfence.rings.collision.search` looks for sets of accounts that share too few.
"""

from ringfence.rings.collision.find import MIN_SHARED_ITEMS, find_collision_rings
from ringfence.rings.collision.holdings import Holdings, holdings_from_pairs
from ringfence.rings.collision.sampling import load_holdings

__all__ = [
    "MIN_SHARED_ITEMS",
    "Holdings",
    "find_collision_rings",
    "holdings_from_pairs",
    "load_holdings",
]
