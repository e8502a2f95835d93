"""Test that the login with the most articles is the first finding of a proxy's day."""

from __future__ import annotations

from pathlib import Path

import pytest

import ringfence

SPRINGER = Path(__file__).parents[3] / "shared" / "data" / "ezpaarse" / "springer.2013-03-12.log.gz"

pytestmark = pytest.mark.skipif(not SPRINGER.exists(), reason="the proxy's logs are not here")


@pytest.mark.slow
def test_the_heavy_login_is_first_with_its_true_count() -> None:
    """One login took 328 articles within 818 minutes, and volume is its first evidence."""
    first = ringfence.scan(SPRINGER).findings[0]
    assert first.items == 328
    assert (first.last - first.first).total_seconds() // 60 == 818
    assert (first.evidence[0].test, first.evidence[0].observed) == ("volume", 328)


@pytest.mark.slow
def test_nobody_else_is_near_it() -> None:
    """Every other finding comes later and has fewer items."""
    first, *others = ringfence.scan(SPRINGER).findings
    assert all(other.items < first.items and other.p_value > first.p_value for other in others)
