"""Short lists of evidence: reasons only, and what may explain them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from tests.report import sample
from tests.report.test_page import written

from ringfence.report.evidence_wording import EXPLANATION, reasons

FAST = ("speed", "extraction", "It was fast.")
MUCH = ("volume", "extraction", "It took much.")
ODD = ("popularity", "extraction", "It took odd items.")
UNRETURNED = ("novelty", "extraction", "It did not return.")
UNCLEAR = ("bursts", "neither", "It took several per minute.")
USUAL = ("rhythm", "use", "It slept.")
COPIED = ("bulk", "use", "It may have copied a library.")


@pytest.mark.parametrize(
    ("evidence", "sentences"),
    [
        ([MUCH, FAST, ODD, UNRETURNED], ["It took much.", "It was fast.", "It took odd items."]),
        ([MUCH, UNCLEAR, USUAL], ["It took much."]),
        ([MUCH, USUAL, COPIED], ["It took much.", "It may have copied a library."]),
        ([UNCLEAR, USUAL], ["It took several per minute."]),
        ([COPIED], ["It may have copied a library."]),
        ([], []),
    ],
)
def test_a_short_list_has_reasons_and_their_explanation(
    evidence: list[tuple[str, str, str]], sentences: list[str]
) -> None:
    """Evidence that supports honest use or neither is left out, except a possible copy."""
    assert list(reasons(evidence)) == sentences


def test_a_possible_copy_has_a_heading_of_its_own_and_no_odds(tmp_path: Path) -> None:
    """Its p-value is not measured, so the report does not say that most users show as much."""
    copied = dataclasses.replace(
        sample.evidence(1)[0], test="bulk", p_value=1.0, sentence="It may have copied a library."
    )
    finding = dataclasses.replace(sample.finding(), evidence=(*sample.evidence(2), copied))
    text = written(sample.contents((finding,)), tmp_path).text
    assert EXPLANATION in text
    assert "Evidence of honest use" not in text
    after = text[text.index("It may have copied a library.") :][:80]
    assert "users" not in after
    assert "bulk" in after


@pytest.mark.parametrize("p_value", [0.001, 0.3, 1.0])
def test_a_test_that_says_nothing_supports_nothing(p_value: float) -> None:
    """An order that cannot tell is neither a reason nor a sign of honest use."""
    said = "Its order of taking items says nothing: it goes from one id to the next."
    one = dataclasses.replace(sample.evidence(1)[0], p_value=p_value, sentence=said)
    assert one.supports == "neither"
