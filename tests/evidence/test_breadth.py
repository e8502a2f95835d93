"""Breadth against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import HOUR, score

from ringfence.evidence.breadth import Breadth
from ringfence.testing import account, small_ledger
from ringfence.testing.users import GROUP_SIZE


def test_breadth_is_simpsons_index() -> None:
    """The statistic is pairs within a group over all pairs, with one pair added to both."""
    items = np.concatenate([np.arange(8), np.arange(8) + 80, GROUP_SIZE * np.arange(100, 184)])
    numbers, _, sentence = score(Breadth(), account("a", np.arange(100) * HOUR, items))
    assert numbers["observed"] == pytest.approx((2 * 28 + 1) / (100 * 99 / 2 + 1))
    assert (numbers["items"], numbers["groups"]) == (100, 86)
    assert "100 items are spread over 86 groups" in sentence


def test_breadth_of_one_group() -> None:
    """The sentence uses the singular for one group."""
    catalogue = account("a", np.arange(100) * HOUR, np.arange(100))
    catalogue["group"][:] = "the only one"
    numbers, _, sentence = score(Breadth(), catalogue)
    assert (numbers["groups"], numbers["observed"]) == (1, 1.0)
    assert "100 items are spread over 1 group: 1 pair of items in 1 shares" in sentence


def test_breadth_measures_no_account_with_few_items() -> None:
    """An account with fewer than a hundred items is not measured."""
    with small_ledger(account("a", np.arange(99) * HOUR, np.arange(99))) as context:
        assert Breadth().score(context).keys.size == 0
