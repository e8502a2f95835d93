"""Read one source: the fast path as a view, then the lines that the fast path rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from ringfence.engine import Engine, Statement, identifier
from ringfence.events.accounts import Identity
from ringfence.events.content import numbered_lines
from ringfence.events.event_sql import BAD, EVENT_COLUMNS, NO_EVENTS, typing_select
from ringfence.events.formats import FastPath, Format
from ringfence.events.items import Preset, RuleChoice
from ringfence.events.parsed_lines import CARRIED, ParsedLine, batches, create, insert, parsed
from ringfence.events.quarantine import Quarantine
from ringfence.events.rejects import Stretch, rejected
from ringfence.events.sources import Source
from ringfence.events.whole_lines import empty_lines, lines_aside, set_aside

NO_RECORD = "not-a-record"
"""The reason for a line in which the tolerant parser finds no record."""

NOT_READ = "line-not-read"
"""The reason for lines that neither reader accounts for. It is a fault of Ringfence if there are
any, and it is counted so that no line disappears."""

_OUTCOMES = ", ".join(f"'{outcome}'" for outcome in BAD)
_COLUMNS = ", ".join(identifier(column) for column in EVENT_COLUMNS)


@dataclass(frozen=True)
class Assumption:
    """A choice that the operator did not make and Ringfence had to assume.

    Attributes:
        name: its subject: format, account key, item rule, time zone.
        value: the assumed value.
        setting: the setting or option that changes it.
    """

    name: str
    value: str
    setting: str


@dataclass(frozen=True)
class Plan:
    """The SQL and settings that turn the records of one source into events.

    Attributes:
        path: the file that is read; it may be a repaired copy of the source.
        form: the format, which also reads single lines.
        opened: the fast path.
        rules: item rules; None if the source names its items.
        identity: how the account of a record is found.
        horizon: UTC time without zone after which a time is in the future.
        lines: number of lines of the file, also of empty ones; None if records are not lines.
        reopen: opens a copy of the file for the fast path.
        aside: a file of lines that are kept from the fast path; None if there is none.
    """

    path: Path
    form: Format
    opened: FastPath
    rules: Preset | None
    identity: Identity
    horizon: datetime
    lines: int | None = None
    reopen: Callable[[Path], FastPath] | None = None
    aside: Path | None = None

    def select(self, raw: str, carried: tuple[str, ...] = ()) -> str:
        """Return the SELECT that types the raw records of another SELECT."""
        return typing_select(
            raw,
            self.opened.time,
            self.identity,
            self.rules,
            signed_up=self.opened.signed_up,
            seconds=self.opened.seconds,
            horizon=self.horizon,
            present=self.opened.present,
            carried=carried,
        )


@dataclass
class Reading:
    """An open source, whose records the temporary view ``events`` gives.

    :meth:`load` runs statements over all records. Then :meth:`bad_lines` names the lines without a
    usable time.

    Attributes:
        source: the source that is read.
        format: name of the format; ``empty`` for a file without content.
        columns: the optional event columns that the source has, of surface, group, ip, client,
            bytes, seconds, device, payment and signed_up.
        assumptions: what was assumed.
        unused: the source's own columns that are not used.
        note: a remark about the source as a whole; usually empty.
        choice: the item rules, with the share of pages that they explain and with examples; None
            if the source names its items.
    """

    source: Source
    format: str
    columns: frozenset[str]
    assumptions: tuple[Assumption, ...]
    quarantine: Quarantine = field(repr=False)
    plan: Plan | None = field(repr=False, default=None)
    note: str = ""
    unused: tuple[str, ...] = ()
    choice: RuleChoice | None = field(repr=False, default=None)
    _done: set[int] = field(default_factory=set, repr=False)

    @property
    def by_line(self) -> bool:
        """Return whether the records are lines of text, which the tolerant path can read."""
        return self.plan is None or self.plan.form.by_line

    def load(
        self,
        engine: Engine,
        first: Sequence[Statement | str],
        more: Statement | str,
        rows: Statement | str,
    ) -> None:
        """Run statements over the view ``events``, which lacks the rejected lines at first.

        Lines that the fast path lost, because quotes were left open, are found by counting. The
        source is then read again without them, and the tolerant path reads them.

        Args:
            engine: the engine that opened the source.
            first: statements for the records of the fast path. One of them reads the whole view.
                They are run again if lines were lost, and must replace what they wrote before.
            more: the statement that adds the recovered rows, if there are any.
            rows: the query for the number of rows that ``first`` stored.
        """
        for statement in first:
            engine.run(statement)
        if self._lost(engine, rows):
            self._keep_lines_whole(engine)
            for statement in first:
                engine.run(statement)
            self.quarantine.count(NOT_READ, self._lost(engine, rows))
        if self.recover(engine):
            engine.run(more)

    def _lost(self, engine: Engine, rows: Statement | str) -> int:
        """Return how many lines are neither among the rows nor rejected nor set aside."""
        plan = self.plan
        if plan is None or plan.lines is None or not plan.opened.quotes:
            return 0
        stored = int(engine.rows(rows)[0][0])
        if stored == plan.lines:
            return 0
        rejects = (line for one in rejected(engine, plan.path) for _, line in one.lines())
        return plan.lines - empty_lines(plan.path) - stored - sum(map(bool, rejects))

    def _keep_lines_whole(self, engine: Engine) -> None:
        """Keep lines with unbalanced quotes from the fast path, and open the source again."""
        plan = self.plan
        if plan is None or plan.reopen is None:
            return
        engine.forget_csv_rejects()
        clean, aside = set_aside(plan.path, engine.scratch)
        self.plan = replace(plan, path=clean, opened=plan.reopen(clean), aside=aside)
        engine.view("events", self.plan.select(self.plan.opened.select))

    def recover(self, engine: Engine) -> bool:
        """Parse the lines that the engine's reader rejected while ``events`` was read.

        Lines that are still unreadable go to the quarantine with their line numbers. The view
        ``events`` then has the recovered rows only, none of them with a bad outcome.

        Returns:
            Whether there are any recovered rows.
        """
        if self.plan is None or not self.plan.form.by_line:
            return False
        create(engine, "recovered_lines")
        stretches = chain(_set_aside_lines(self.plan), rejected(engine, self.plan.path))
        insert(engine, "recovered_lines", self._records(self.plan.form, stretches))
        engine.forget_csv_rejects()
        if not engine.rows("SELECT count(*) > 0 FROM recovered_lines")[0][0]:
            # To plan the query of events costs more than to read a small file.
            engine.view("events", NO_EVENTS)
            return False
        self._type(engine, self.plan)
        return bool(engine.rows("SELECT COUNT(*) > 0 FROM events")[0][0])

    def bad_lines(self, engine: Engine, outcomes: Mapping[str, int]) -> None:
        """Find the lines behind bad outcomes of the fast path and quarantine them.

        Call it after :meth:`load`. The file is read a second time, line by line, if there are
        such rows, and only until all of them are found.

        Args:
            engine: the engine that read the view.
            outcomes: number of rows by outcome. Only ``unreadable-time`` and
                ``time-in-the-future`` matter, which no recovered row has.
        """
        wanted = Counter({reason: outcomes.get(reason, 0) for reason in BAD})
        if self.plan is None or not wanted.total():
            return
        if not self.plan.form.by_line:
            for reason, number in wanted.items():
                self.quarantine.count(reason, number)
            return
        search = _Search(self, self.plan, wanted)
        search.run(engine)
        for reason, number in search.missing.items():
            self.quarantine.count(reason, number)

    def _records(self, form: Format, stretches: Iterable[Stretch]) -> Iterator[ParsedLine]:
        for stretch in stretches:
            lines = list(parsed(form, stretch.lines()))
            if len(lines) > 1 and not any(line.record for line in lines):
                # A quoted line end belongs to its record.
                whole = list(parsed(form, [(stretch.line, stretch.data)]))
                lines = whole if any(line.record for line in whole) else lines
            for line in lines:
                self._done.add(line.line)
                if line.record is None:
                    self.reject(line.line, NO_RECORD, line.text)
                else:
                    yield line

    def _type(self, engine: Engine, plan: Plan) -> None:
        raw = "SELECT * FROM recovered_lines"
        engine.run("CREATE OR REPLACE TEMP TABLE recovered_events AS " + plan.select(raw, CARRIED))
        bad = engine.rows(
            "SELECT line, outcome, line_text FROM recovered_events "  # noqa: S608 - own constants
            f"WHERE outcome IN ({_OUTCOMES}) ORDER BY line"
        )
        for line, outcome, text in bad:
            self.reject(line, outcome, text)
        engine.view(
            "events",
            f"SELECT {_COLUMNS} FROM recovered_events "  # noqa: S608 - own constants
            f"WHERE outcome IS NULL OR outcome NOT IN ({_OUTCOMES})",
        )

    def reject(self, line: int, reason: str, text: str) -> None:
        """Quarantine one line of this source."""
        self.quarantine.add(self.source.name, line, reason, text)

    def seen(self, line: int) -> bool:
        """Return whether the tolerant path has handled this line already."""
        return line in self._done


def _set_aside_lines(plan: Plan) -> Iterator[Stretch]:
    """Yield the lines that were withheld from the fast path."""
    for number, line in lines_aside(plan.aside) if plan.aside else ():
        yield Stretch(number, line)


class _Search:
    """A search for the lines of the fast path that have a bad outcome."""

    def __init__(self, reading: Reading, plan: Plan, wanted: Counter[str]) -> None:
        self.missing = wanted
        self._reading = reading
        self._plan = plan
        # Lines without a record count only if the records do not explain all bad rows. A reader of
        # whole lines passes such lines on without a time; other readers skip or join them.
        self._suspects: list[ParsedLine] = []

    def run(self, engine: Engine) -> None:
        """Read the file until all lines of the search are found."""
        numbered = (
            (number, line)
            for number, line in numbered_lines(self._plan.path)
            if not self._reading.seen(number)
        )
        for batch in batches(parsed(self._plan.form, numbered)):
            self._suspects += [one for one in batch if one.record is None][: self.missing.total()]
            for line, outcome, text in self._bad(engine, batch):
                self._found(line, outcome, outcome, text)
            if not self.missing.total():
                return
        for one in self._suspects[: self.missing[BAD[0]]]:
            self._found(one.line, BAD[0], NO_RECORD, one.text)

    def _bad(self, engine: Engine, batch: list[ParsedLine]) -> list[tuple[int, str, str]]:
        create(engine, "searched_lines")
        insert(engine, "searched_lines", batch)
        typed = self._plan.select("SELECT * FROM searched_lines", CARRIED)
        return engine.rows(
            f"SELECT line, outcome, line_text FROM ({typed}) AS typed "  # noqa: S608 - quoted parts
            f"WHERE outcome IN ({_OUTCOMES}) ORDER BY line"
        )

    def _found(self, line: int, outcome: str, reason: str, text: str) -> None:
        if self.missing[outcome]:
            self.missing[outcome] -= 1
            self._reading.reject(line, reason, text)
