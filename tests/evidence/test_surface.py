"""Surface against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import HOUR, crowd, score

from ringfence.evidence import CannotRun
from ringfence.evidence.surface import Surface
from ringfence.testing import account, small_ledger


def test_surface_is_the_share_of_downloads() -> None:
    """The only account that downloads has the smallest rank."""
    numbers, p, _ = score(
        Surface(), crowd(), account("a", np.arange(60) * HOUR, np.arange(60), surface="download")
    )
    assert (numbers["observed"], numbers["expected"]) == (1.0, 0.0)
    assert p == pytest.approx(2 / 42)


def test_surface_cannot_run_where_all_download() -> None:
    """In a log with one surface the test cannot run."""
    events = crowd()
    events["surface"][:] = "download"
    with small_ledger(events) as context, pytest.raises(CannotRun, match="one surface"):
        Surface().score(context)
