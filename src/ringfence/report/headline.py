"""The result of a scan in one to three sentences, the same in the report and on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.model.finding import Finding, Verdict
from ringfence.report import wording

WITHHELD: Final = "No account was judged, because the input is not plausible."
"""The result of a scan whose findings are withheld."""


def headline(findings: Sequence[Finding], accounts: int, *, unread: bool = False) -> str:
    """Return how many of the accounts extract the catalogue, as one sentence.

    Args:
        findings: all findings of the scan.
        accounts: number of accounts that were scored.
        unread: whether every line was quarantined.
    """
    extracting = len(accounts_with(findings, "extracting"))
    if not accounts and not extracting:
        if unread:
            return "There was no account to judge: no line of these sources could be read."
        return "There was no account to judge: these sources contain no use of an item."
    if not extracting:
        none = "The only account does not extract"
        if accounts > 1:
            none = f"None of {wording.counted(accounts, 'account')} extracts"
        return f"{none} the catalogue, as far as this scan can tell."
    if accounts == 1:
        return "The only account extracts the catalogue."
    verb = "extracts" if extracting == 1 else "extract"
    said = f"{wording.count(extracting)} of {wording.counted(accounts, 'account')}"
    return f"{said} {verb} the catalogue."


def suspects(findings: Sequence[Finding]) -> str:
    """Return how many more accounts are suspect, as one sentence; empty if there are none."""
    number = len(accounts_with(findings, "suspect") - accounts_with(findings, "extracting"))
    if not number:
        return ""
    verb = "is" if number == 1 else "are"
    return f"{wording.counted(number, 'account')} {verb} suspect and worth a review."


def together(findings: Sequence[Finding]) -> str:
    """Return how many accounts are members of rings, as one sentence; empty without rings."""
    rings = [set(finding.accounts) for finding in findings if finding.kind == "ring"]
    if not rings:
        return ""
    number = "one ring" if len(rings) == 1 else f"{wording.count(len(rings))} rings"
    members = wording.counted(len(set.union(*rings)), "account")
    return f"Of all these accounts, {members} act together, as {number}."


def accounts_with(findings: Sequence[Finding], verdict: Verdict) -> set[str]:
    """Return the accounts that findings with this verdict are about."""
    return {account for one in findings if one.verdict == verdict for account in one.accounts}
