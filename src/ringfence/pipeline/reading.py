"""Fold all sources into the ledger, and collect what the operator should know about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.events import (
    BAD,
    LIST_PAGE,
    AnySource,
    Reading,
    SampledRequest,
    looks_like_records,
    sample_requests,
)
from ringfence.events.items import Components, RuleChoice
from ringfence.ledger import FoldResult, Ledger, OnChange, PlannedFold, quarantined_lines
from ringfence.model.sample_event import SampleEvent
from ringfence.pipeline.unread import UnreadSources
from ringfence.progress import Progress

HELD_SOURCES: Final = Statement("pipeline.held_sources", "SELECT count(*) AS sources FROM sources")
"""Number of sources that a ledger holds."""

EVENTS_SHOWN: Final = 3
"""Sample events among the assumptions of a scan."""

_FIRST: Final = 50
"""Unreadable lines of a source that are compared with the known formats."""

SAMPLED_SOURCES: Final = 4
"""Sources of which requests are sampled: the first ones that are read now."""

_NAMED: Final = 10
"""Names that a list shows before it only counts."""

_LONG: Final = 30
"""Characters shown of a name, which may come from an attacker."""


@dataclass(frozen=True)
class SourceCounts:
    """Numbers of lines of one source that was read.

    Attributes:
        name: the source's name.
        lines: all lines but empty ones, read or not.
        takes: lines that are takes.
        quarantined: lines that could not be read.
        bad_times: those of which the time could not be read, or lies in the future.
        no_item: successful requests for pages that no item rule explains.
        mixed: whether the unreadable lines are records of another known format.
    """

    name: str
    lines: int
    takes: int
    quarantined: int
    bad_times: int
    no_item: int
    mixed: bool = False


@dataclass
class SourceSummary:
    """A summary of all sources that were read.

    Attributes:
        not_takes: number of events that are no use of an item, by reason.
        quarantine: number of lines that could not be read, by reason.
        numbers: the number of each source in the ledger, and its name now.
        assumptions: (name, value, setting that changes it), each once.
        unused: columns that no setting and no usual name covers, each once.
        skipped: names of the sources that the ledger already held.
        notes: remarks for the operator, one sentence per remark.
        counts: ``sources``, ``skipped``, ``quarantined``, and of sources that were not skipped
            ``lines`` and ``takes``.
        read: numbers of lines of each source.
        samples: the first takes of the first source that has any.
        late_columns: columns that the ledger lacks for the sources it held before.
        learned: the item rules learned last; None if none were.
        requests: a sample of the requests.
        sampled: number of sources that it is from.
    """

    not_takes: Counter[str] = field(default_factory=Counter)
    quarantine: Counter[str] = field(default_factory=Counter)
    numbers: dict[int, str] = field(default_factory=dict)
    assumptions: dict[tuple[str, str, str], None] = field(default_factory=dict)
    unused: dict[str, None] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    read: list[SourceCounts] = field(default_factory=list)
    samples: tuple[SampleEvent, ...] = ()
    late_columns: frozenset[str] = frozenset()
    learned: RuleChoice | None = None
    requests: list[SampledRequest] = field(default_factory=list)
    sampled: int = 0

    @property
    def components(self) -> Components | None:
        """Parts of items that the learned rule with most pages leaves out; None if few."""
        uses = self.learned.uses if self.learned else ()
        return max(uses, key=lambda use: use.share).components if uses else None

    def add(self, folded: FoldResult, engine: Engine) -> None:
        """Add one source; the ledger knows the numbers of a source that was folded before."""
        self._count(folded, engine)
        self.counts["sources"] += 1
        if folded.reading is None:
            self.counts["skipped"] += 1
            self.skipped.append(folded.source.name)
            return
        self.counts["lines"] += folded.lines.total - folded.lines.quarantined
        self.counts["takes"] += folded.lines.takes
        self.samples = self.samples or folded.samples
        for one in folded.reading.assumptions:
            self.assumptions[one.name, one.value, one.setting] = None
        self.unused |= dict.fromkeys(folded.reading.unused)
        if (choice := folded.reading.choice) and choice.preset.name == "learned":
            self.learned = choice
        if folded.reading.note:
            self.notes.append(f"{folded.source.name}: {folded.reading.note}")

    def _count(self, folded: FoldResult, engine: Engine) -> None:
        """Count the lines of a source; of content that has two names, only once."""
        if folded.number in self.numbers:
            return
        self.numbers[folded.number] = folded.source.name
        self.not_takes.update(folded.lines.not_takes)
        self.quarantine.update(folded.lines.quarantine)
        self.counts["quarantined"] += folded.lines.quarantined
        self.read.append(_counted(folded, engine))

    def sample(self, engine: Engine, reading: Reading | None) -> None:
        """Sample requests of one of the first sources, while it is open."""
        if reading is not None and self.sampled < SAMPLED_SOURCES:
            self.requests += sample_requests(engine, reading)
            self.sampled += 1


def read_sources(
    ledger: Ledger,
    sources: Sequence[AnySource],
    progress: Progress,
    unread: UnreadSources,
    on_change: OnChange = "stop",
) -> SourceSummary:
    """Fold every source that is new to the ledger, and merge.

    Args:
        ledger: to fold into.
        sources: in the order to read.
        progress: receives each step.
        unread: receives the sources that cannot be read.
        on_change: what to do with a source whose name the ledger knows with other content.

    Raises:
        SourceError: a source has changed, and ``on_change`` does not say what to do: nothing is
            folded then. Or no source can be read, or not every one and ``unread`` is strict: the
            sources before it stay in the ledger.
    """
    counts = Counter(sources=0, skipped=0, lines=0, takes=0, quarantined=0)
    summary = SourceSummary(counts=counts)
    alone = len(sources) == 1 and not ledger.lasting
    held, columns = ledger.engine.rows(HELD_SOURCES)[0][0], ledger.seen("column")
    for plan in ledger.plan(sources, on_change, unread.add):
        progress.step(f"reading {plan.source.name}")
        wanted = 0 if summary.samples else EVENTS_SHOWN
        with unread.recorded():
            folded = ledger.fold(plan.source, alone=alone, samples=wanted, plan=plan)
            summary.add(folded, ledger.engine)
            summary.sample(ledger.engine, folded.reading)
            if plan.before:
                summary.notes.append(_changed(plan, plan.before.lines))
    unread.require_other(len(summary.numbers))
    if held:
        summary.late_columns = ledger.seen("column") - columns
    if summary.skipped:
        summary.notes.insert(0, _skipped(summary.skipped, len(sources)))
    if mixed := ledger.mixed_items:
        summary.notes.append(
            f"Sources were read by different item rules ({', '.join(sorted(mixed))}), so one item "
            "may count under several names; set items.preset or items.rules"
        )
    if summary.unused:
        unused = _listed(list(summary.unused))
        summary.assumptions["columns not used", unused, "events.columns"] = None
    for number, event in enumerate(summary.samples, start=1):
        said = f"{event.time}, account {event.account}, item {event.item}"
        name = f"sample event {number}"
        summary.assumptions[name, said, "account.key, items.rules"] = None
    progress.step("merging")
    ledger.compact()
    return summary


def _counted(folded: FoldResult, engine: Engine) -> SourceCounts:
    """Return the numbers of lines of one source."""
    lines = folded.lines
    first = islice(quarantined_lines(engine, folded.number, _FIRST), _FIRST)
    return SourceCounts(
        name=folded.source.name,
        lines=lines.total,
        takes=lines.takes,
        quarantined=lines.quarantined,
        bad_times=sum(lines.quarantine.get(reason, 0) for reason in BAD),
        no_item=sum(lines.not_takes.get(reason, 0) for reason in ("no-item", LIST_PAGE)),
        mixed=looks_like_records([one.text for one in first]),
    )


def _skipped(names: Sequence[str], sources: int) -> str:
    """Return one sentence about all sources that the ledger already held."""
    noun = "source" if sources == 1 else "sources"
    example = names[0] if len(names) == 1 else f"{names[0]} and others"
    return f"Skipped, already in the ledger: {len(names):,} of {sources:,} {noun} ({example})"


def _changed(plan: PlannedFold, lines: int) -> str:
    """Return one sentence about a source that the ledger knew with other content."""
    name = plan.source.name
    if not plan.replaces:
        return f"{name}: its content was added to the {lines:,} records folded under this name"
    if plan.grown:
        return f"{name}: has grown, and was read again; its first {lines:,} records count once"
    return f"{name}: replaced the {lines:,} records folded under this name"


def _listed(names: Sequence[str]) -> str:
    """Return the first names, and the number of all names if there are more."""
    listed = ", ".join(name[:_LONG] for name in names[:_NAMED])
    return listed if len(names) <= _NAMED else f"{len(names):,}, such as {listed}"
