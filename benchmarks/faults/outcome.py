"""The outcome of a kind of fault: one row of the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_MIB: Final = 1 << 20

HEADINGS: Final = ("fault", "trials", "struck", "lost", "peak memory", "time")
"""The columns of the table."""


@dataclass
class Outcome:
    """The result of all trials with one kind of fault.

    Attributes:
        fault: what was done to the program or to its input.
        trials: number of trials, or of lines.
        struck: trials in which the fault took effect: the process was killed, the disk was full,
            the input was refused.
        wrong: one sentence per trial that lost data, left files, or ended with a traceback.
        peak: largest resident memory of a process, bytes; 0 if it was not measured.
        seconds: time of all trials.
    """

    fault: str
    trials: int = 0
    struck: int = 0
    wrong: list[str] = field(default_factory=list)
    peak: int = 0
    seconds: float = 0.0

    def row(self) -> tuple[str, ...]:
        """Return the texts of the row, in the order of :data:`HEADINGS`."""
        peak = f"{self.peak / _MIB:,.0f} MiB" if self.peak else ""
        numbers = (f"{self.trials:,}", f"{self.struck:,}", f"{len(self.wrong):,}")
        return (self.fault, *numbers, peak, f"{self.seconds:,.0f} s")
