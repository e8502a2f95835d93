"""Evidence on an account in the words that the report and the terminal share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.model.evidence import Evidence
from ringfence.model.finding import Finding
from ringfence.verdicts.fusion import FAMILY_FLOOR

SECTIONS: Final = {
    "Evidence of extraction": "extraction",
    "Evidence of honest use": "use",
    "Evidence of neither": "neither",
}
"""Headings under which the evidence on an account is shown, and what evidence there supports."""

FLOOR_NOTE: Final = (
    "The p-value of the finding combines those of all tests. Each family of tests counts with a "
    f"p-value of at least {FAMILY_FLOOR:.0e}, because too few people have been measured to support "
    "anything rarer. So a single test can show a smaller p-value than the finding."
).replace("1e-05", "1e-5")
"""The explanation for a test whose p-value is smaller than that of the finding."""


def has_floored_evidence(finding: Finding) -> bool:
    """Return whether a test of an account shows a smaller p-value than the finding itself."""
    if finding.kind == "ring" or not finding.evidence:
        return False
    return min(one.p_value for one in finding.evidence) < min(FAMILY_FLOOR, finding.p_value)


def supporting(evidence: Sequence[Evidence], what: str) -> tuple[Evidence, ...]:
    """Return the evidence that supports ``extraction``, ``use`` or ``neither``."""
    return tuple(one for one in evidence if one.supports == what)
