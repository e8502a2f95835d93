"""Find rings: accounts that divide the catalogue among themselves, or act in lockstep.

Other packages import from here only; an import contract checks it. :func:`detect_rings` is the
function that the pipeline calls. The searches that it combines are public for benchmarks, which
measure one alone. The sub-packages are

* ``collision``: members share too few items;
* ``lockstep``: members take the same items at the same times;
* ``crowd``: many visitors with few items each, which hardly ever repeat an item;
* ``links``: attributes that accounts share, which select sets to test and describe rings.
"""

from ringfence.rings.collision import (
    MIN_SHARED_ITEMS,
    Holdings,
    find_collision_rings,
    holdings_from_pairs,
    load_holdings,
)
from ringfence.rings.crowd import find_crowds
from ringfence.rings.detect import detect_rings
from ringfence.rings.lockstep import find_lockstep

__all__ = [
    "MIN_SHARED_ITEMS",
    "Holdings",
    "detect_rings",
    "find_collision_rings",
    "find_crowds",
    "find_lockstep",
    "holdings_from_pairs",
    "load_holdings",
]
