"""Evidence records say what they support."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from ringfence.model.evidence import UNUSUAL, USUAL, Evidence, Supports


@pytest.mark.parametrize(
    ("p_value", "supports"),
    [
        (1e-12, "extraction"),
        (UNUSUAL, "extraction"),
        (0.051, "neither"),
        (0.499, "neither"),
        (USUAL, "use"),
        (1.0, "use"),
        (float("nan"), "neither"),
    ],
)
def test_the_p_value_decides_what_evidence_supports(p_value: float, supports: Supports) -> None:
    """Rare values support extraction, usual ones support use, and all others neither."""
    assert Evidence("volume", 1.0, 2.0, p_value, "One.").supports == supports


def test_a_replaced_p_value_changes_what_is_supported() -> None:
    """The field follows the p-value, so that the two never contradict each other."""
    usual = Evidence("volume", 1.0, 2.0, 0.9, "One.")
    assert replace(usual, p_value=0.001).supports == "extraction"
    assert json.loads(json.dumps(asdict(usual)))["supports"] == "use"
