"""Keys are found in ascending arrays as a plain comparison would find them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ringfence.stats.sorted_keys import are_known, rows_of_keys

KEYS = st.lists(st.sampled_from([0, 1, 2, 3, 5, 2**63, 2**64 - 2, 2**64 - 1]))


@given(KEYS, KEYS)
def test_the_same_keys_are_found_as_by_comparing_each(some: list[int], wanted: list[int]) -> None:
    """This holds for the smallest and largest keys, absent ones and empty arrays."""
    ascending = np.unique(np.array(some, np.uint64))
    keys = np.array(wanted, np.uint64)
    assert are_known(ascending, keys).tolist() == [key in some for key in wanted]
    rows = rows_of_keys(ascending, keys)
    assert ascending[rows].tolist() == [key for key in wanted if key in some]
