"""One actor or many? Accounts that divide the catalogue between them."""

from ringfence.rings.find import find_rings
from ringfence.rings.holdings import load_holdings
from ringfence.rings.ring import Ring, Tie

__all__ = ["Ring", "Tie", "find_rings", "load_holdings"]
