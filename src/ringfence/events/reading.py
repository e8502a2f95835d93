"""Read one source: the fast path as a view, then the lines that the fast path rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from ringfence.engine import Engine, Statement, identifier
from ringfence.events.accounts import Identity
from ringfence.events.caution import Caution
from ringfence.events.event_sql import BAD, EVENT_COLUMNS, NO_EVENTS, typing_select
from ringfence.events.formats import FastPath, Format
from ringfence.events.items import Preset, RuleChoice
from ringfence.events.open_quotes import part_open_quotes, shows_open_quotes
from ringfence.events.parsed_lines import CARRIED, ParsedLine, create, insert, read_stretch
from ringfence.events.parted_file import PartedFile, lines_aside
from ringfence.events.quarantine import Quarantine
from ringfence.events.record_count import count_record_lines, has_long_line
from ringfence.events.rejects import Stretch, rejected
from ringfence.events.sifting import sift
from ringfence.events.sources import Source

Repair = Literal["list", "quotes", "sift", "parse"]
"""A way to read a source again, of which lines were lost; see :meth:`Reading.load`."""

NO_RECORD = "not-a-record"
"""The reason for a line in which the tolerant parser finds no record."""

NOT_READ = "line-not-read"
"""The reason for lines that neither reader accounts for. It is a fault of Ringfence if there are
any, and it is counted so that no line disappears."""

MOST_LISTED: Final = 500
"""Rejected lines of a source that the engine may list at a time. Each takes up to 300 KB."""

FEW_ROWS: Final = 10_000_000
"""Rows of a source up to which storing all its columns is cheaper than reading it again: by 28 % of
the processor time at 2 million rows and 11 % at 10 million, with the same memory. Names of
larger sources are not stored, because they may need many gigabytes on disk."""

_PAGE = 10_000

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
    """The way from the records of one source to events.

    Attributes:
        path: the file that is read; it may be a repaired copy of the source.
        form: the format, which also reads single lines.
        opened: the fast path.
        rules: item rules; None if the source names its items.
        identity: how the account of a record is found.
        horizon: UTC time without zone after which a time is in the future.
        lines: number of lines of the file, also of empty ones; None if it is not known.
        sifted: the lines that are kept from the fast path; None if there are none.
    """

    path: Path
    form: Format
    opened: FastPath
    rules: Preset | None
    identity: Identity
    horizon: datetime
    lines: int | None = None
    sifted: PartedFile | None = None

    @cached_property
    def record_lines(self) -> int:
        """The number of lines that must give an event, or be quarantined."""
        one = self.opened
        return count_record_lines(self.path, header=one.header, comment=one.comment)

    def missing(self, found: int) -> int:
        """Return how many lines are not among those found; negative if too many are found."""
        # Nearly always, no line is empty or a comment, and nothing needs to be counted.
        if self.lines is not None and found == self.lines - self.opened.header:
            return 0
        return self.record_lines - found

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

    :meth:`load` runs statements over all records, and quarantines the lines that are none.

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
    _quarantined: int = field(default=0, repr=False)
    _joined: int = field(default=0, repr=False)
    _listed: bool = field(default=False, repr=False)

    @property
    def by_line(self) -> bool:
        """Return whether the records are lines of text, which the tolerant path can read."""
        return self.plan is None or self.plan.form.by_line

    @property
    def read_once(self) -> bool:
        """Return whether the view ``events`` should be read once only, and its names stored."""
        rows = self.plan.opened.rows if self.plan else None
        return rows is None or rows <= FEW_ROWS

    def load(
        self,
        engine: Engine,
        first: Sequence[Statement | str],
        more: Statement | str,
        outcomes: Statement | str,
        caution: Caution = "none",
    ) -> None:
        """Run statements over the view ``events``, and account for every line of the source.

        Every line that is not empty gives one event or one record of the quarantine. If few lines
        are missing, the source is read again, and the engine lists what it rejects. If more are
        missing, or lines are joined or cannot be typed, the source is read again without the lines
        whose quotes are not closed (:mod:`ringfence.events.open_quotes`), and then without all that
        the fast path cannot read (:mod:`ringfence.events.sifting`). The tolerant path reads what is
        left out. If the numbers still do not agree, it reads all lines. Rows of a source without
        lines are quarantined by their number.

        Args:
            engine: the engine that opened the source.
            first: statements for the records of the fast path. One of them reads the whole view.
                They are run again if lines were lost, and must replace what they wrote before.
            more: the statement that adds the recovered rows, if there are any.
            outcomes: the query for each outcome and the number of its rows that were stored.
            caution: what an earlier attempt has shown. ``sift``: the engine fails on the source as
                it is. ``parse``: it fails on any part of it.

        Raises:
            EngineError: the engine fails. The open transaction cannot go on. Another attempt, with
                more caution, may read the source.
        """
        if self.plan and self.plan.form.by_line and caution != "none":
            self._sift(engine, self.plan, trust=caution == "sift")
        elif self.plan and self.plan.opened.quotes == "line":
            self._prepare(engine, self.plan)
        _run(engine, first)
        if self.plan is None:
            return
        if not self.plan.form.by_line:
            if _bad_rows(_stored(engine, outcomes)):
                self._quarantine_rows(engine, self.plan)
                _run(engine, first)
            return
        repairs: tuple[Repair, ...] = ("list", "quotes", "list", "sift", "list", "parse")
        for repair in repairs:
            missing = self._missing(engine, self.plan, _stored(engine, outcomes))
            if missing == 0:
                break
            if self._repair(engine, self.plan, repair, missing):
                _run(engine, first)
        if self.recover(engine):
            engine.run(more)
        self._check(self.plan, sum(_stored(engine, outcomes).values()))

    def _prepare(self, engine: Engine, plan: Plan) -> None:
        """Make the first repairs at once if a sample shows that the source needs them.

        Otherwise the engine would do all its work for a part of the lines, and do it again. To
        count the lines that it rejects is cheap.
        """
        if not shows_open_quotes(engine, plan.path, plan.opened):
            return
        parted = self._part_open_quotes(engine, plan)
        if parted and parted.sifted:
            rows = f"SELECT count(*) FROM ({parted.opened.select}) AS raw"  # noqa: S608 - own text
            read = engine.rows(rows)[0][0] + parted.sifted.count
            self._list(engine, parted, parted.missing(read))

    def _repair(self, engine: Engine, plan: Plan, repair: Repair, missing: int | None) -> bool:
        """Make the view ``events`` lose fewer lines; return False if it is as before."""
        if repair == "list":
            return self._list(engine, plan, missing)
        if repair == "quotes":
            return plan.opened.quotes == "line" and bool(self._part_open_quotes(engine, plan))
        self._sift(engine, plan, trust=repair == "sift")
        return True

    def _missing(self, engine: Engine, plan: Plan, stored: Mapping[str | None, int]) -> int | None:
        """Return how many lines gave no row, were not listed as rejected, and not set aside.

        It is None if a row has no usable time, and negative if lines were counted twice.
        """
        if _bad_rows(stored):
            return None
        found = sum(stored.values()) + (plan.sifted.count if plan.sifted else 0)
        if not self._listed:
            return plan.missing(found)
        refused = (line for one in rejected(engine, plan.opened.path) for _, line in one.lines())
        return plan.missing(found + sum(map(bool, refused)))

    def _list(self, engine: Engine, plan: Plan, missing: int | None) -> bool:
        """Let the engine list what it rejects; return False if that may need too much memory."""
        few = missing is not None and 0 < missing <= MOST_LISTED
        if self._listed or not few or has_long_line(plan.opened.path):
            return False
        engine.forget_csv_rejects()
        self._listed = True
        engine.view("events", plan.select(plan.opened.reader(plan.opened.path, "list")))
        return True

    def _part_open_quotes(self, engine: Engine, plan: Plan) -> Plan | None:
        """Keep lines whose quotes are not closed from the fast path; return None if all are."""
        engine.forget_csv_rejects()
        found = part_open_quotes(engine, plan.path, plan.opened)
        if not found.count:
            return None
        self._listed = False
        self.plan = parted = _without_aside(plan, found)
        engine.view("events", parted.select(parted.opened.select))
        return parted

    def _sift(self, engine: Engine, plan: Plan, *, trust: bool) -> None:
        """Keep the lines that the fast path cannot read from it, and open the source again."""
        engine.forget_csv_rejects()
        self._listed = False
        sifted = sift(engine, plan.path, plan.opened, plan.horizon, trust=trust)
        self.plan = _without_aside(plan, sifted)
        # Without any line left for it, the fast path has no reason to run, and to fail.
        engine.view("events", self.plan.select(self.plan.opened.select) if trust else NO_EVENTS)

    def _check(self, plan: Plan, stored: int) -> None:
        """Count lines that no reader accounts for, and say so."""
        wrong = plan.missing(stored + self._quarantined + self._joined)
        self.quarantine.count(NOT_READ, wrong)
        if wrong:
            self.note = (
                f"{abs(wrong):,} of {plan.record_lines:,} lines "
                + ("are not accounted for" if wrong > 0 else "were counted twice")
                + "; please report this"
            )

    def _quarantine_rows(self, engine: Engine, plan: Plan) -> None:
        """Quarantine the rows of a source without lines that are wrong, and leave them out."""
        typed = plan.select(plan.opened.numbered, CARRIED)
        rows = f"({typed}) AS typed"
        for row, outcome, text in _wrong(engine, rows):
            self.reject(row, outcome, text)
        engine.view("events", _usable(f"({plan.select(plan.opened.select)}) AS typed"))

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
        insert(
            engine,
            "recovered_lines",
            self._records(self.plan, _left(engine, self.plan, listed=self._listed)),
        )
        engine.forget_csv_rejects()
        if not engine.rows("SELECT count(*) > 0 FROM recovered_lines")[0][0]:
            # To plan the query of events costs more than to read a small file.
            engine.view("events", NO_EVENTS)
            return False
        self._type(engine, self.plan)
        return bool(engine.rows("SELECT COUNT(*) > 0 FROM events")[0][0])

    def _records(self, plan: Plan, stretches: Iterable[Stretch]) -> Iterator[ParsedLine]:
        for stretch in stretches:
            for line in read_stretch(plan.form, stretch, joined=plan.opened.quotes == "record"):
                self._joined += line.lines - 1
                if line.record is None:
                    self.reject(line.line, NO_RECORD, line.text)
                else:
                    yield line

    def _type(self, engine: Engine, plan: Plan) -> None:
        raw = "SELECT * FROM recovered_lines"
        engine.run("CREATE OR REPLACE TEMP TABLE recovered_events AS " + plan.select(raw, CARRIED))
        for line, outcome, text in _wrong(engine, "recovered_events"):
            self.reject(line, outcome, text)
        engine.view("events", _usable("recovered_events"))

    def reject(self, line: int, reason: str, text: str) -> None:
        """Quarantine one line of this source."""
        self._quarantined += 1
        self.quarantine.add(line, reason, text)


def _without_aside(plan: Plan, parts: PartedFile) -> Plan:
    """Return the plan for a source whose fast path reads one part of the file only."""
    return replace(plan, opened=replace(plan.opened, path=parts.clean), sifted=parts)


def _run(engine: Engine, statements: Iterable[Statement | str]) -> None:
    for statement in statements:
        engine.run(statement)


def _stored(engine: Engine, outcomes: Statement | str) -> dict[str | None, int]:
    return dict(engine.rows(outcomes))


def _bad_rows(stored: Mapping[str | None, int]) -> int:
    return sum(stored.get(reason, 0) for reason in BAD)


def _usable(relation: str) -> str:
    return (
        f"SELECT {_COLUMNS} FROM {relation} "  # noqa: S608 - own constants
        f"WHERE outcome IS NULL OR outcome NOT IN ({_OUTCOMES})"
    )


def _wrong(engine: Engine, relation: str) -> Iterator[tuple[int, str, str]]:
    """Yield number, reason and text of the wrong lines, in order and a page at a time."""
    query = (
        f"SELECT line, outcome, line_text FROM {relation} "  # noqa: S608 - own constants
        f"WHERE outcome IN ({_OUTCOMES}) AND line > $after ORDER BY line LIMIT {_PAGE}"
    )
    after = 0
    while page := engine.rows(query, {"after": after}):
        yield from page
        after = page[-1][0]


def _left(engine: Engine, plan: Plan, *, listed: bool) -> Iterator[Stretch]:
    """Yield the lines that the fast path has not read."""
    if plan.sifted:
        yield from lines_aside(plan.sifted.aside)
    if listed:
        yield from rejected(engine, plan.opened.path)
