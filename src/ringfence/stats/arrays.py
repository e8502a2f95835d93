"""Names for the arrays that functions take and return, so that a signature says what is in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SmallIntegers = npt.NDArray[np.int32]
"""Integers of half the width, where there are many of them."""

Codes = npt.NDArray[np.int8]
"""Positions in a short list."""

Keys = npt.NDArray[np.uint64]
"""Keys of accounts or items: the hashes that the ledger holds."""

Rows = npt.NDArray[np.intp]
"""Positions in other arrays, such as the rows of some accounts."""

Names = npt.NDArray[Any]
"""Text, one Python string per element."""

Columns = dict[str, npt.NDArray[Any]]
"""A table: one array per column, all of one length."""
