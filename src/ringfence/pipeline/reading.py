"""Fold all sources into the ledger and keep what the user should know of how they were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ringfence.events import AnySource, Quarantine
from ringfence.ledger import Folded, Ledger
from ringfence.progress import Progress

_NAMED: Final = 10
_LONG: Final = 30
"""Columns that are named, and how much of each name: whoever writes the log may choose them."""


@dataclass
class Read:
    """What reading all sources came to.

    Attributes:
        not_takes: events that took nothing, by reason.
        assumptions: (name, value, setting that changes it), each once.
        unused: columns of the sources that were taken for nothing, each once.
        notes: what the user should know, a sentence each.
        counts: ``sources``, ``skipped``, ``lines``, ``takes``.
    """

    not_takes: Counter[str] = field(default_factory=Counter)
    assumptions: dict[tuple[str, str, str], None] = field(default_factory=dict)
    unused: dict[str, None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, folded: Folded) -> None:
        """Count one source in."""
        name = folded.source.name
        if folded.reading is None:
            self.counts["skipped"] += 1
            self.notes.append(f"{name}: skipped, already in the ledger as {folded.folded_as}")
            return
        for outcome, number in folded.outcomes.items():
            self.counts["lines"] += number
            if outcome is None:
                self.counts["takes"] += number
            else:
                self.not_takes[outcome] += number
        for one in folded.reading.assumptions:
            self.assumptions[one.name, one.value, one.setting] = None
        self.unused |= dict.fromkeys(folded.reading.unused)
        if folded.reading.note:
            self.notes.append(f"{name}: {folded.reading.note}")


def read_sources(
    ledger: Ledger, sources: Sequence[AnySource], quarantine: Quarantine, progress: Progress
) -> Read:
    """Fold every source that is new to the ledger, and merge.

    Raises:
        SourceError: a source cannot be read; those before it stay folded.
    """
    read = Read(counts=Counter(sources=len(sources)))
    alone = len(sources) == 1 and not ledger.lasting
    for source in sources:
        progress.step(f"reading {source.name}")
        read.add(ledger.fold(source, quarantine, alone=alone))
    if mixed := ledger.mixed_items:
        read.notes.append(
            f"Sources were read by different item rules ({', '.join(sorted(mixed))}), so one item "
            "may count under several names; set items.preset or items.rules"
        )
    if read.unused:
        read.assumptions["columns not used", _some(list(read.unused)), "events.columns"] = None
    progress.step("merging")
    ledger.compact()
    return read


def _some(names: Sequence[str]) -> str:
    """Name the first columns, and say how many there are where that is not all."""
    listed = ", ".join(name[:_LONG] for name in names[:_NAMED])
    return listed if len(names) <= _NAMED else f"{len(names):,}, such as {listed}"
