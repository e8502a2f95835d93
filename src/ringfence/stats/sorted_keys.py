"""Find keys in an ascending array, which takes a search each instead of sorting everything."""

from __future__ import annotations

import numpy as np

from ringfence.stats.arrays import Flags, Keys, Rows


def rows_of_keys(ascending: Keys, keys: Keys) -> Rows:
    """Return the rows of the keys that are in the array, in the order of the keys.

    Args:
        ascending: keys, each once.
        keys: what is looked for, in any order.
    """
    return np.searchsorted(ascending, keys)[are_known(ascending, keys)]


def are_known(ascending: Keys, keys: Keys) -> Flags:
    """Return (keys,) whether each key is in the ascending array."""
    if not ascending.size:
        return np.zeros(keys.size, dtype=bool)
    places = np.minimum(np.searchsorted(ascending, keys), ascending.size - 1)
    return np.asarray(ascending[places] == keys)
