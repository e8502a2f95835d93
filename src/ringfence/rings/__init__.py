"""One actor or many? Accounts that divide the catalogue between them."""

from ringfence.rings.find import find_rings
from ringfence.rings.holdings import Level
from ringfence.rings.ring import RING_FLOOR, Ring, Tie
from ringfence.rings.rings_in import rings_in
from ringfence.rings.views import load_holdings

__all__ = [
    "RING_FLOOR",
    "Level",
    "Ring",
    "Tie",
    "find_rings",
    "load_holdings",
    "rings_in",
]
