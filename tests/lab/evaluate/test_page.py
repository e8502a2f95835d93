"""Test how the page writes estimates."""

from __future__ import annotations

import pytest

from ringfence.lab.evaluate import Estimate
from ringfence.lab.evaluate.page import estimate
from ringfence.report import wording


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "count", "–"),
        (Estimate(12.3, None, None), "factor", "12.3"),
        (Estimate(12.3, 12.3, 12.3), "factor", "12.3"),
        (Estimate(12.3, 10.0, 1500.0), "factor", "12.3 (10.0 to 1,500.0)"),
        (Estimate(1.6, None, None), "count", wording.count(2)),
        (Estimate(0.5, 0.25, 0.75), "share",
         f"{wording.share(0.5)} ({wording.share(0.25)} to {wording.share(0.75)})"),
    ],
    ids=["none", "no interval", "no spread", "interval", "rounded", "share"],
)  # fmt: skip
def test_estimates(value: Estimate | None, kind: str, text: str) -> None:
    """An interval is in brackets; without one, or without spread, only the mean is written."""
    assert estimate(value, kind) == text
