"""The outcome of a scan, which the judge reads from the process that has scanned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ScanOutcome:
    """The outcome of one scan.

    Attributes:
        began: when it began, seconds since 1970.
        seconds: how long it took.
        findings: number of findings.
        new: number of findings that are new or have changed.
        withheld: why no account was judged; empty if accounts were.
        error: why the scan failed; empty if it did not.
        gates: new items per window from which accounts are examined before the next scan.
        at_risk: what the accounts of cases that wait hold together: the number of these
            ``accounts``, of ``items``, and their shares of the ``catalogue`` and of ``use``.
    """

    began: float
    seconds: float = 0.0
    findings: int = 0
    new: int = 0
    withheld: str = ""
    error: str = ""
    gates: Mapping[str, float] = field(default_factory=dict)
    at_risk: Mapping[str, float] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """One line for an operator."""
        if self.error:
            return f"the scan failed: {self.error}"
        if self.withheld:
            return f"the scan judged no account: {self.withheld}"
        return (
            f"scanned in {self.seconds:.1f} s: {self.findings:,} findings, {self.new:,} new or "
            "changed"
        )
