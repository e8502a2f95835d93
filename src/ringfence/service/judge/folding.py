"""Fold closed segments of the log into the ledger, and write the feed.

The steps of a fold, each of which may be the last before a crash:

1. The plan is written: which segments, which streams.
2. Each stream is folded, as one source with a transaction of its own.
3. The file of the feed is written.
4. The plan is marked: only the removal of its segments is left.
5. Segments are removed, those with damage put aside.
6. The plan is removed.

A process that finds a plan goes on with it. Before step 4, it does everything again: a source that
the ledger knows counts once, and the file of the feed gets the same number and the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from ringfence.errors import RingfenceError, SourceError
from ringfence.events.sources import Source
from ringfence.ledger import FoldResult, Ledger
from ringfence.ledger.facts import KNOWN_FACTS
from ringfence.ledger.folded_sources import known_source
from ringfence.ledger.item_rules import remembered_rules
from ringfence.service.exposure.feed import write_feed
from ringfence.service.exposure.keys import load_secret
from ringfence.service.exposure.shared_rules import write_item_rules
from ringfence.service.files import ServiceFolder
from ringfence.service.judge.aside import put_records_aside, put_segment_aside
from ringfence.service.judge.faults import is_environment
from ringfence.service.judge.feed_rows import feed_rows
from ringfence.service.judge.input_watch import InputWatch
from ringfence.service.judge.plan import FoldPlan, FoldUnit, next_number, read_plan, write_plan
from ringfence.service.judge.segments import (
    closed_segment,
    make_plan,
    next_log,
    unit_source,
    waiting_segments,
)
from ringfence.service.judge.stream_columns import guide_part
from ringfence.service.judge.unread_records import keep_unread

MOST_BYTES: Final = 256 << 20
"""Bytes of the segments that are folded at once. More wait for the next fold."""

_MOST_ATTEMPTS: Final = 3
"""Processes that may end while they fold a unit, before its records are held responsible."""

_UNIT_FILE: Final = "log-records.ndjson"


@dataclass(frozen=True)
class FoldOutcome:
    """The outcome of one fold.

    Attributes:
        number: of the plan, and of its file in the feed.
        segments: number of segments.
        sources: number of sources that they made.
        events: number of events that were new to the ledger.
        pairs: number of rows in the feed.
        numbers: the numbers of the sources in the ledger.
        last: moment of the last row in the feed, seconds since 1970; 0 without rows.
    """

    number: int
    segments: int
    sources: int
    events: int
    pairs: int
    numbers: tuple[int, ...] = ()
    last: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """The counts without the number of the plan."""
        names = ("segments", "sources", "events", "pairs")
        return {name: getattr(self, name) for name in names}


class SegmentFolder:
    """Folds the segments of a service's two logs into its ledger, as many as wait at once.

    Args:
        folder: of the service.
        ledger: the open ledger of the service.
        note: receives one line about each event that an operator should know.
        most_bytes: bytes of segments that are folded at once.
        watch: told what was read; None if nobody wants to know.
    """

    def __init__(
        self,
        folder: ServiceFolder,
        ledger: Ledger,
        note: Callable[[str], None],
        most_bytes: int = MOST_BYTES,
        watch: InputWatch | None = None,
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._note = note
        self._most_bytes = most_bytes
        self._follows: datetime | None = None
        self._watch = watch
        self._secret = load_secret(folder)

    def fold_waiting(self, follows: datetime | None = None) -> FoldOutcome | None:
        """Fold the segments that wait, or those of a plan that was left; None if there are none.

        Args:
            follows: the time of the latest event so far, if any: see :class:`Source`.

        Raises:
            RingfenceError: the ledger, the disk or the memory fails. The plan stays for later.
            OSError: a file cannot be read or written.
        """
        self._follows = follows
        plan = read_plan(self._folder.fold_plan) or self._new_plan()
        if plan is None:
            return None
        outcome = FoldOutcome(plan.number, len(plan.segments), 0, 0, 0)
        if plan.phase == "fold":
            plan, outcome = self._fold(plan)
            plan = self._written(replace(plan, phase="clean"))
        self._remove_segments(plan)
        self._folder.fold_plan.unlink()
        return outcome

    def share_rules(self) -> None:
        """Write the item rules of the ledger for the process that answers gateways."""
        rules = remembered_rules(self._ledger.engine, self._ledger.seen("items"))
        if rules is not None:
            write_item_rules(self._folder, rules)

    def _new_plan(self) -> FoldPlan | None:
        log = next_log((self._folder.log, self._folder.tail_log))
        if log is None:
            return None
        plan = make_plan(log, waiting_segments(log, self._most_bytes))
        return replace(plan, number=next_number(self._folder.fold_number, plan.number))

    def _log(self, plan: FoldPlan) -> Path:
        return self._folder.root / plan.log

    def _written(self, plan: FoldPlan) -> FoldPlan:
        write_plan(self._folder.fold_plan, plan)
        return plan

    def _fold(self, plan: FoldPlan) -> tuple[FoldPlan, FoldOutcome]:
        plan = self._written(replace(plan, attempts=plan.attempts + 1))
        left = list(plan.units)
        results: list[FoldResult] = []
        while left:
            unit = left.pop(0)
            plan, unit = self._begun(plan, unit)
            source = self._source(plan, unit)
            blamed = unit.aside or self._blamed(unit, source)
            if not blamed:
                try:
                    results.append(self._ledger.fold(source))
                except RingfenceError as error:
                    if is_environment(error):
                        raise
                    self._check_ledger()
                    blamed = _said(error, source)
                else:
                    continue
            plan, others = self._without(plan, unit, source, blamed)
            left = [*others, *left]
        sources = tuple(sorted({one.number for one in results}))
        rows = feed_rows(self._ledger.engine, sources, self._secret)
        write_feed(self._folder, plan.number, rows)
        self.share_rules()
        keep_unread(self._folder, self._ledger.engine, results)
        if self._watch:
            self._watch.folded(results, rows)
        events = sum(one.outcomes.get(None, 0) for one in results)
        return plan, FoldOutcome(
            plan.number, len(plan.segments), len(sources), events, len(rows), sources,
            int(rows["moment"].max(initial=0)) / 1_000,
        )  # fmt: skip

    def _begun(self, plan: FoldPlan, unit: FoldUnit) -> tuple[FoldPlan, FoldUnit]:
        """Count the attempt at a unit, if an earlier process ended somewhere in this plan."""
        if plan.attempts == 1 or unit.aside:
            return plan, unit
        begun = replace(unit, attempts=unit.attempts + 1)
        return self._written(plan.with_units(unit, [begun])), begun

    def _check_ledger(self) -> None:
        """Raise an error if the ledger itself is what fails, as after an error of its disk."""
        self._ledger.engine.rows(KNOWN_FACTS)

    def _source(self, plan: FoldPlan, unit: FoldUnit) -> Source:
        path = self._ledger.engine.scratch / _UNIT_FILE
        layouts = self._folder.stream_layouts
        source = unit_source(self._log(plan), layouts, unit, path)
        events = self._ledger.settings.events
        guide = source.guide or guide_part(layouts, unit.stream, path, events)
        return replace(source, follows=self._follows, guide=guide)

    def _blamed(self, unit: FoldUnit, source: Source) -> str:
        """Return why a unit is held responsible for the end of processes; empty if it is not."""
        if unit.attempts <= _MOST_ATTEMPTS:
            return ""
        if known_source(self._ledger.engine, source.identify().fingerprint):
            return ""
        return f"{_MOST_ATTEMPTS} processes ended while they read it"

    def _without(
        self, plan: FoldPlan, unit: FoldUnit, source: Source, reason: str
    ) -> tuple[FoldPlan, tuple[FoldUnit, ...]]:
        """Divide a unit that cannot be folded by segments, or put it aside; return what is left."""
        if len(unit.segments) > 1:
            others = unit.divided()
            return self._written(plan.with_units(unit, others)), others
        line = put_records_aside(
            self._folder.aside, unit.segments[0], unit.stream, source.path, reason
        )
        if not unit.aside:
            self._note(line)
            plan = self._written(plan.with_units(unit, [replace(unit, aside=reason)]))
        return plan, ()

    def _remove_segments(self, plan: FoldPlan) -> None:
        log = self._log(plan)
        for number in plan.segments:
            if number in plan.damaged:
                reason = plan.damaged[number]
                self._note(put_segment_aside(self._folder.aside, log, number, reason))
            else:
                closed_segment(log, number).unlink(missing_ok=True)


def _said(error: RingfenceError, source: Source) -> str:
    """Return what is wrong with the records, without the name that the line has already."""
    return error.what if isinstance(error, SourceError) else str(error).replace(source.name, "it")
