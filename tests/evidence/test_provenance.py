"""Provenance against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import HOUR, crowd, score

from ringfence.evidence.provenance import Provenance
from ringfence.testing import account, small_ledger, together


@pytest.mark.slow
def test_provenance_counts_networks_by_days() -> None:
    """Many networks are rarer in few days than in many; two networks are not measured."""
    movers = [
        account(f"m{n:02d}", np.arange(40) * 6 * HOUR, np.arange(40), networks=3 + n % 3)
        for n in range(30)
    ]
    fast = account("a", np.arange(40) * 60, np.arange(40), networks=30)
    slow = account("b", np.arange(40) * 24 * HOUR, np.arange(40), networks=30)
    numbers, quick, sentence = score(Provenance(), crowd(), *movers, fast, slow)
    _, steady, _ = score(Provenance(), crowd(), *movers, fast, slow, name="b")
    assert (numbers["observed"], numbers["active_days"]) == (30, 1)
    assert quick <= steady
    assert quick == pytest.approx(2 / 33)
    assert "30 networks on 1 day of use" in sentence
    with small_ledger(together(crowd(), *movers)) as context:
        assert Provenance().score(context).keys.size == 30
