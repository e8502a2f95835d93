"""The outcome of a kind of fault in one database: one row of the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

HEADINGS: Final = (
    *("fault", "database", "trials", "struck", "lost", "out of order", "wrong state"),
    *("wrong audit", "repeats"),
)
"""The columns of the table."""


@dataclass
class Comparison:
    """The differences between a store and its sinks, after everything was delivered.

    Attributes:
        lost: one sentence per effect that a sink was never told.
        disordered: one sentence per effect that a sink was told after a newer one.
        state: one sentence per account, decision or delivery in a wrong state.
        audit: one sentence per fault of the audit.
        repeats: number of times that a sink was told what it knew, with the same key.
    """

    lost: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    state: list[str] = field(default_factory=list)
    audit: list[str] = field(default_factory=list)
    repeats: int = 0

    @property
    def wrong(self) -> list[str]:
        """Everything that is wrong."""
        return [*self.lost, *self.disordered, *self.state, *self.audit]


@dataclass
class Outcome:
    """The result of all trials with one kind of fault.

    Attributes:
        fault: what was done to the process, the sink or the disk.
        database: SQLite or PostgreSQL.
        trials: number of trials.
        struck: trials in which the fault took effect.
        found: what was wrong after the trials.
    """

    fault: str
    database: str
    trials: int = 0
    struck: int = 0
    found: Comparison = field(default_factory=Comparison)

    def add(self, found: Comparison) -> None:
        """Add what was wrong after some of the trials."""
        for name in ("lost", "disordered", "state", "audit"):
            getattr(self.found, name).extend(getattr(found, name))
        self.found.repeats += found.repeats

    def renew(self, found: Comparison) -> None:
        """Add what is wrong at another look at the same store, and was not before."""
        for name in ("lost", "disordered", "state", "audit"):
            known = getattr(self.found, name)
            known.extend(one for one in getattr(found, name) if one not in known)
        self.found.repeats = found.repeats

    def row(self) -> tuple[str, ...]:
        """Return the texts of the row, in the order of :data:`HEADINGS`."""
        found = self.found
        counts = (len(found.lost), len(found.disordered), len(found.state), len(found.audit))
        numbers = (self.trials, self.struck, *counts, found.repeats)
        return (self.fault, self.database, *(f"{number:,}" for number in numbers))
