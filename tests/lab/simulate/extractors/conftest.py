"""What the tests of extractors share."""

from __future__ import annotations

import pytest
from tests.lab.simulate.extractors.list_shelf import ListShelf


@pytest.fixture(scope="session")
def shelf() -> ListShelf:
    """A shelf of 1,000,000 items in groups of ten."""
    return ListShelf(1_000_000)
