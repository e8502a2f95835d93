"""Say how many findings may be copies of a library, and what the log needs to tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from ringfence.model.finding import Finding
from ringfence.model.phrases import counted
from ringfence.verdicts import ScoredAccounts
from ringfence.visible import visible

_TELLING: Final = frozenset({"surface", "group"})
"""Columns that show a copy of a library."""

_ADVICE: Final = (
    "surfaces (downloads beside plays) and groups (artists) in the log would show such copies"
)


def copy_notes(
    scored: ScoredAccounts, findings: Sequence[Finding], columns: AbstractSet[str]
) -> Iterator[str]:
    """Yield a note if accounts with findings may have copied a library.

    The promise about honest suspects does not hold for them: a device and an extractor leave the
    same lines.

    Args:
        scored: all accounts of the scan.
        findings: what was found.
        columns: optional event columns that the log has.
    """
    possible = scored.copies.possible
    if possible is None:
        return
    names = set(scored.accounts["account"][possible.rows].tolist())
    found = [one.id for one in findings if one.kind == "account" and one.id in names]
    if found:
        advice = "" if columns >= _TELLING else f"; {_ADVICE}"
        yield (
            f"{counted(len(found), 'account')} with a finding may have copied a library to a "
            f"device, such as {visible(found[0], 40)}{advice}"
        )
