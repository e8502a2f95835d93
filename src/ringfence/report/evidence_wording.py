"""Evidence on an account in the words that the report and the terminal share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.model.evidence import LEAK_TEST, Evidence, is_explanation
from ringfence.model.finding import Finding
from ringfence.verdicts.fusion import FAMILY_FLOOR

EXPLANATION: Final = "Possible honest explanation"
"""Heading of evidence that explains what the account did, without being rare or usual itself."""

_SECTIONS: Final = {
    "Evidence of extraction": "extraction",
    EXPLANATION: EXPLANATION,
    "Evidence of honest use": "use",
    "Evidence of neither": "neither",
}
"""Headings under which the evidence on an account is shown, and what evidence there supports."""

_SHORT: Final = 3
"""Sentences of evidence in a short list."""

FLOOR_NOTE: Final = (
    "The p-value of the finding combines those of all tests. Each family of tests counts with a "
    f"p-value of at least {FAMILY_FLOOR:.0e}, because too few people have been measured to support "
    "anything rarer. So a single test can show a smaller p-value than the finding."
).replace("1e-05", "1e-5")
"""The explanation for a test whose p-value is smaller than that of the finding."""

TWO_WAYS: Final = (
    " An account can reach it in two ways, by all evidence or by volume alone, so each counts."
)
"""The reason why the expected number is twice the p-value times the accounts."""


def counts_twice(finding: Finding) -> bool:
    """Return whether the expected number counts an account for all evidence and for volume.

    A finding about a stolen login or with the evidence of a leak has one p-value.
    """
    one_way = finding.may_be_stolen or any(one.test == LEAK_TEST for one in finding.evidence)
    return finding.p_value >= FAMILY_FLOOR and not one_way


def has_floored_evidence(finding: Finding) -> bool:
    """Return whether a test of an account shows a smaller p-value than the finding itself."""
    if finding.kind == "ring" or not finding.evidence:
        return False
    return min(one.p_value for one in finding.evidence) < min(FAMILY_FLOOR, finding.p_value)


def sections(evidence: Sequence[Evidence]) -> list[tuple[str, tuple[Evidence, ...]]]:
    """Return the evidence on an account under its headings, those without evidence left out."""
    found = {
        heading: tuple(one for one in evidence if _supported(one) == what)
        for heading, what in _SECTIONS.items()
    }
    return [(heading, some) for heading, some in found.items() if some]


def reasons(evidence: Sequence[tuple[str, str, str]]) -> tuple[str, ...]:
    """Return the sentences for a short list: three reasons at most, and what may explain them.

    Evidence that supports honest use or neither is left out. If there is nothing else, the first
    sentence is returned.

    Args:
        evidence: (test, what it supports, sentence) of the evidence, strongest first.
    """
    told = [sentence for test, _, sentence in evidence if is_explanation(test)]
    found = [sentence for _, supports, sentence in evidence if supports == "extraction"]
    first = [sentence for _, _, sentence in evidence[:1]]
    return tuple(dict.fromkeys([*(found or first)[:_SHORT], *told]))


def _supported(one: Evidence) -> str:
    return EXPLANATION if is_explanation(one.test) else one.supports
