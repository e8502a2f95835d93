"""A pool of items that all tests of extractors share."""

from __future__ import annotations

import pytest
from tests.lab.simulate.extractors.list_pool import ListPool


@pytest.fixture(scope="session")
def pool() -> ListPool:
    """A pool of 1,000,000 items in groups of ten."""
    return ListPool(1_000_000)
