"""The ledger: open it, fold each source into it once, and compact it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ringfence.engine import Engine, is_unfinished, open_engine
from ringfence.errors import EngineError, LedgerError, RingfenceError, SettingsError, reason
from ringfence.events import (
    AnySource,
    OnError,
    Quarantine,
    Source,
    errors_named,
    open_source,
    sample_events,
    stop_at_error,
)
from ringfence.events import Reading as Reading  # noqa: PLC0414 - part of fold's signature
from ringfence.events.caution import Caution, with_caution
from ringfence.events.fingerprint import Content
from ringfence.events.pseudonyms import load_key
from ringfence.ledger import compaction
from ringfence.ledger.changed_sources import OnChange, PlannedFold, plan_folds
from ringfence.ledger.facts import KNOWN_FACTS, agree_on_facts, write_facts
from ringfence.ledger.fold import (
    DELTAS,
    DOUBLE_CLICKS,
    DROP_SLICE,
    DROP_SLICE_HOLDINGS,
    FOLD_HOLDINGS,
    LINKED,
    LINKED_DELTAS,
    MORE_TAKES,
    MORE_TAKES_LINKED,
    NAMED_AGAIN,
    NAMED_TAKES,
    ORIGINS,
    ORIGINS_LINKED,
    OUTCOMES,
    SLICE_HOLDINGS,
    TAKES,
    TAKES_BY_KEY,
    TAKES_LINKED,
)
from ringfence.ledger.folded_sources import (
    SOURCE_FACTS_SEEN,
    FoldedSource,
    add_source,
    known_source,
    name_source,
    next_source,
    remove_source,
    shared_part,
)
from ringfence.ledger.item_rules import remember_rules, remembered_rules
from ringfence.ledger.merged_sources import merge_sources
from ringfence.ledger.refusal import TO_WRITE, cannot_open, check_file, check_links, check_log
from ringfence.ledger.source_lines import SourceLines, add_lines, lines_of
from ringfence.ledger.tables import ALWAYS, CREATE
from ringfence.model.sample_event import SampleEvent
from ringfence.private_files import new_place, remove_partial_files
from ringfence.pseudonym_key import open_key
from ringfence.settings import Settings


@dataclass(frozen=True)
class FoldResult:
    """The result of folding one source.

    Attributes:
        source: the source.
        reading: how it was read; None if it was folded before.
        folded_as: the name under which the same content was folded before; empty if it is new.
        outcomes: events by outcome; the key None counts the takes.
        samples: its first takes, as many as were asked for.
        number: its number in the ledger.
        lines: what became of its lines, now or when it was folded before.
    """

    source: Source
    reading: Reading | None
    folded_as: str
    outcomes: Mapping[str | None, int]
    samples: tuple[SampleEvent, ...] = ()
    number: int = 0
    lines: SourceLines = field(default_factory=SourceLines)


class Ledger:
    """The holdings of all accounts, in mergeable tables inside an engine's database.

    Args:
        engine: where the tables live; a database file makes them last.
        settings: the double-click time and everything else that decides the counts.
        where: the file's name, for error messages.
        lasting: whether the tables are kept for later scans.

    Raises:
        LedgerError: the file is of another schema version, another hash, or other settings.
        SettingsError: the key for pseudonyms cannot be used.
    """

    def __init__(
        self, engine: Engine, settings: Settings, where: str = "", *, lasting: bool = False
    ) -> None:
        self.engine = engine
        self.settings = settings
        self._where = where
        self.lasting = lasting
        self._published = False
        self._key = open_key(settings.privacy.pseudonym_key)
        there = engine.tables()
        if there and not there >= ALWAYS:
            raise LedgerError(
                "is a database, but not a ledger",
                where=where,
                hint=TO_WRITE,
            )
        try:
            with engine.transaction():
                if there:
                    agree_on_facts(engine, settings, self._key, where)
                for statement in CREATE:
                    engine.run(statement)
                if not there:
                    write_facts(engine, settings, self._key)
        except EngineError as error:
            raise LedgerError(
                f"is not a ledger: {error.what}",
                where=where,
                hint=TO_WRITE,
            ) from error
        load_key(engine, settings)

    def plan(
        self,
        sources: Sequence[AnySource],
        on_change: OnChange,
        on_error: OnError = stop_at_error,
    ) -> list[PlannedFold]:
        """Decide what is done with each source, before any of them is folded.

        Args:
            sources: in the order in which they will be folded.
            on_change: what to do with a source whose name is known with other content.
            on_error: called with the error about a source that cannot be read. The source is left
                out if it returns.

        Raises:
            SourceError: a source has changed, and ``on_change`` does not say what to do, or it
                cannot be done.
        """
        return plan_folds(self.engine, sources, on_change, self._shared, on_error)

    def fold(
        self,
        source: AnySource,
        *,
        alone: bool = False,
        samples: int = 0,
        plan: PlannedFold | None = None,
    ) -> FoldResult:
        """Fold a source once: the whole source or, if anything fails, none of it.

        Args:
            source: the source to read. The lines that cannot be read are kept as well.
            alone: whether it is the only source this ledger will ever get. Its content need not be
                recognised then.
            samples: number of sample events to return.
            plan: which source it takes the place of, if any; see :meth:`plan`.

        Raises:
            SourceError: the source cannot be read, or was changed meanwhile. A file that has only
                grown is read as far as it went before.
        """
        file = source.as_file(self.engine)
        try:
            return self._fold_file(file, alone, samples, plan)
        except RingfenceError:
            steady = file.as_file(self.engine)
            if steady is file:
                raise
            return self._fold_file(steady, alone, samples, plan)

    def _fold_file(
        self, file: Source, alone: bool, samples: int, plan: PlannedFold | None
    ) -> FoldResult:
        engine = self.engine
        with errors_named(file, engine):
            content = Content("") if alone else file.identify()
        known = known_source(engine, content.fingerprint)
        if known:
            name_source(engine, known[0], file.lasting_name)
            lines = lines_of(engine, known[0])
            return FoldResult(file, None, known[1], {}, number=known[0], lines=lines)
        before = plan.before if plan and plan.replaces else None

        def attempt(caution: Caution) -> FoldResult:
            with engine.transaction():
                number = before.id if before else next_source(engine)
                if plan and before:
                    remove_source(engine, before.id, forget_rings=plan.forgets_rings)
                return self._fold(file, number, content, samples, caution)

        with errors_named(file, engine):
            result = with_caution(attempt)
        self._published = False
        return replace(result, lines=lines_of(engine, result.number))

    def _fold(
        self, file: Source, number: int, content: Content, samples: int, caution: Caution
    ) -> FoldResult:
        """Fold a file as the source with a number, inside a transaction."""
        engine = self.engine
        file = file.as_file(engine)
        keys = self.settings.account.parameters or ()
        quarantine = Quarantine(engine.scratch, keys=keys, with_text=self._key is None)
        rules = remembered_rules(engine, self.seen("items"))
        reading = open_source(engine, file, self.settings, quarantine, rules)
        first = sample_events(engine, samples) if caution == "none" else ()
        outcomes = self._take(reading, caution)
        if reading.by_line:
            first += sample_events(engine, samples - len(first))
        self._add_deltas(number, linked=bool(LINKED & reading.columns))
        takes, lines = outcomes.get(None, 0), sum(outcomes.values())
        source = FoldedSource(number, content, file.name, lines, takes, recent=True)
        add_source(engine, source, _facts(reading))
        add_lines(engine, number, outcomes, quarantine)
        file.check_unchanged()
        remember_rules(engine, reading.plan.rules if reading.plan else None)
        name_source(engine, number, file.lasting_name)
        if self._key is not None:
            first = tuple(replace(one, ip=None) for one in first)
        return FoldResult(file, reading, "", outcomes, samples=first, number=number)

    def _shared(self, file: Source, before: FoldedSource) -> float:
        """Return the part of a recent source's holdings that a file has as well."""
        number = next_source(self.engine)
        with errors_named(file, self.engine), self.engine.rolled_back():
            self._fold(file, number, file.identify(), 0, "none")
            return shared_part(self.engine, before.id, number)

    def compact(self, *, age_all: bool = False) -> None:
        """Show the merged rows of all sources under the tables' own names, as evidence needs them.

        A ledger that lasts keeps the rows of recent sources apart as well.

        Args:
            age_all: whether to keep none apart.
        """
        with self.engine.transaction():
            keep = self._sources_apart(age_all=age_all)
            if keep is not None:
                compaction.age(self.engine, keep)
            if keep is not None or not self._published:
                compaction.publish(self.engine)
        self._published = True

    def appended_rows(self) -> tuple[int, int, int]:
        """Return the number of recent sources, of their holdings, and of merged holdings."""
        sources, appended, merged = self.engine.rows(compaction.APPENDED)[0]
        return int(sources), int(appended), int(merged)

    def age(self) -> None:
        """Merge the rows of all sources for good, and sources without a lasting name into one.

        A service does so on a schedule, because each of its many sources is small.
        """
        with self.engine.transaction():
            compaction.age(self.engine, 0)
            merge_sources(self.engine)
        self._published = False

    def _sources_apart(self, *, age_all: bool) -> int | None:
        """Return the number of sources to keep apart; None if no source is to age now."""
        recent, slices, aged = self.engine.rows(compaction.PARTS)[0]
        if age_all or not self.lasting:
            # A single slice needs no merging.
            return 0 if slices and (age_all or slices + aged > 1) else None
        keep = self.settings.ledger.recent_sources
        # Aging rewrites the old rows, so several sources age at a time.
        return keep if recent > keep + keep // 2 else None

    def _take(self, reading: Reading, caution: Caution) -> dict[str | None, int]:
        linked = LINKED & reading.columns
        takes = (TAKES_LINKED if linked else TAKES) if reading.read_once else TAKES_BY_KEY
        names = NAMED_TAKES if reading.read_once else NAMED_AGAIN
        more = MORE_TAKES_LINKED if linked else MORE_TAKES
        reading.load(self.engine, (takes, names), more, OUTCOMES, caution)
        return dict(self.engine.rows(OUTCOMES))

    def _add_deltas(self, number: int, *, linked: bool) -> None:
        source = {"source": number}
        self.engine.run(SLICE_HOLDINGS)
        self.engine.run(DOUBLE_CLICKS, {"double_click": self.settings.uses.double_click_seconds})
        self.engine.run(FOLD_HOLDINGS, source)
        self.engine.run(DROP_SLICE_HOLDINGS)
        self.engine.run(ORIGINS_LINKED if linked else ORIGINS)
        for statement in (*DELTAS, *(LINKED_DELTAS if linked else ())):
            self.engine.run(statement, source)
        for statement in DROP_SLICE:
            self.engine.run(statement)

    @property
    def mixed_items(self) -> frozenset[str]:
        """The names of the item rules the ledger was filled with, if they are more than one."""
        names = self.seen("items")
        return names if len(names) > 1 else frozenset()

    def seen(self, what: str) -> frozenset[str]:
        """Return the names seen of a kind of fact: ``column`` or ``items`` (item presets)."""
        rows = (*self.engine.rows(KNOWN_FACTS), *self.engine.rows(SOURCE_FACTS_SEEN))
        names = [row[0] for row in rows]
        return frozenset(n.removeprefix(f"{what} ") for n in names if n.startswith(f"{what} "))


def _facts(reading: Reading) -> list[str]:
    """Return which columns and item rules a source has, for scans that fold nothing new."""
    rules = reading.plan.rules if reading.plan else None
    columns = [f"column {column}" for column in sorted(reading.columns)]
    return [*columns, *([f"items {rules.name}"] if rules else [])]


def open_writable(path: Path | None, settings: Settings) -> Ledger:
    """Open a ledger in a file, which is created if it does not exist, or in memory.

    A new file is complete when it gets its name, and only its owner can read it.

    Raises:
        LedgerError: the file is not a ledger, is in use by another process, or cannot be written.
            Its folder does not exist, it is a folder itself, or it is a link.
    """
    try:
        if path is not None:
            _prepare_file(path, settings)
        engine = open_engine(settings.engine, path)
    except (EngineError, OSError) as error:
        if path is None:
            raise SettingsError(
                f"the engine cannot be started: {reason(error)}",
                where="[engine]",
                hint="see engine.memory_limit and engine.temp_directory",
            ) from error
        raise cannot_open(path, error) from error
    try:
        return Ledger(engine, settings, str(path or "ledger in memory"), lasting=path is not None)
    except BaseException:
        engine.close()
        raise


def _prepare_file(path: Path, settings: Settings) -> None:
    """Check the file of a ledger, and create it if a scan has not done so or was killed meanwhile.

    Raises:
        LedgerError: something else is there.
        OSError: the file cannot be examined or created.
    """
    unfinished = is_unfinished(path)
    if not unfinished:
        check_file(path, TO_WRITE)
    # One of them may be a second name of the ledger.
    remove_partial_files(path.parent)
    check_links(path)
    if unfinished or not path.exists():
        check_log(path)
        _create(path, settings, keeps_other=not unfinished)


def _create(path: Path, settings: Settings, *, keeps_other: bool) -> None:
    with (
        new_place(path, keeps_other=keeps_other) as place,
        open_engine(settings.engine, place) as engine,
    ):
        Ledger(engine, settings, str(path), lasting=True)
