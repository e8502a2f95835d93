"""Which of so many kinds each thing is of, as a sparse matrix of ones to count with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse


def indicators(number: npt.NDArray[np.int64], numbers: int) -> sparse.csr_array:
    """Return (things, numbers) ones, one in each row.

    Args:
        number: (things,) each one's, from 0 on.
        numbers: how many there are.
    """
    ones = np.ones(number.size, np.float32)
    return sparse.csr_array((ones, (np.arange(number.size), number)), shape=(number.size, numbers))
