"""The ledger: open it, fold each source into it once, and compact it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, Statement, open_engine
from ringfence.errors import EngineError, LedgerError, SettingsError, reason
from ringfence.events import AnySource, Quarantine, Source, errors_named, open_source, sample_events
from ringfence.events import Reading as Reading  # noqa: PLC0414 - part of fold's signature
from ringfence.ledger.compaction import MERGE_ITEMS, MERGES, SPLIT_ACCOUNTS
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
from ringfence.ledger.item_rules import remember_rules, remembered_rules
from ringfence.ledger.refusal import TO_WRITE, cannot_open, check_file
from ringfence.ledger.tables import CREATE, LASTING, SCHEMA_VERSION
from ringfence.model.sample_event import SampleEvent
from ringfence.settings import Settings

HASH_CHECK: Final = Statement("ledger.hash_check", "SELECT CAST(hash('ringfence') AS VARCHAR)")
KNOWN_FACTS: Final = Statement("ledger.facts", "SELECT name, value FROM facts")
ADD_FACT: Final = Statement("ledger.add_fact", "INSERT INTO facts VALUES ($name, $value)")
KNOWN_SOURCE: Final = Statement(
    "ledger.known", "SELECT name FROM sources WHERE fingerprint = $fingerprint"
)
ADD_SOURCE: Final = Statement(
    "ledger.add_source", "INSERT INTO sources VALUES ($fingerprint, $name, $lines, $takes)"
)
PENDING: Final = Statement(
    "ledger.pending",
    """
SELECT (SELECT count(*) FROM facts WHERE name = 'pending') AS slices,
  (SELECT count(*) FROM sources) AS sources
""",
)
SETTLED: Final = Statement("ledger.settled", "DELETE FROM facts WHERE name = 'pending'")

_MAKING: Final = frozenset({"schema version", "hash"})
"""Facts that no setting changes."""

_OTHER_MAKING: Final = (
    "this version cannot read it: start a new ledger file and scan the logs again"
)
_OTHER_SETTING: Final = "keep the setting, or start a new ledger file"


@dataclass(frozen=True)
class FoldResult:
    """The result of folding one source.

    Attributes:
        source: the source.
        reading: how it was read; None if it was folded before.
        folded_as: the name under which the same content was folded before; empty if it is new.
        outcomes: events by outcome; the key None counts the takes.
        quarantined: number of lines of this source that could not be read.
        samples: its first takes, as many as were asked for.
    """

    source: Source
    reading: Reading | None
    folded_as: str
    outcomes: Mapping[str | None, int]
    quarantined: int = 0
    samples: tuple[SampleEvent, ...] = ()


class Ledger:
    """The holdings of all accounts, in mergeable tables inside an engine's database.

    Args:
        engine: where the tables live; a database file makes them last.
        settings: the double-click time and everything else that decides the counts.
        where: the file's name, for error messages.
        lasting: whether the tables are kept for later scans.

    Raises:
        LedgerError: the file is of another schema version, another hash, or other settings.
    """

    def __init__(
        self, engine: Engine, settings: Settings, where: str = "", *, lasting: bool = False
    ) -> None:
        self.engine = engine
        self.settings = settings
        self._where = where
        self.lasting = lasting
        there = engine.tables()
        if there and not there >= LASTING:
            raise LedgerError(
                "is a database, but not a ledger",
                where=where,
                hint=TO_WRITE,
            )
        try:
            with engine.transaction():
                for statement in CREATE:
                    engine.run(statement)
                self._agree_on_facts()
        except EngineError as error:
            raise LedgerError(
                f"is not a ledger: {error.what}",
                where=where,
                hint=TO_WRITE,
            ) from error

    def fold(
        self,
        source: AnySource,
        quarantine: Quarantine,
        *,
        alone: bool = False,
        samples: int = 0,
    ) -> FoldResult:
        """Fold a source once: the whole source or, if anything fails, none of it.

        Args:
            source: the source to read.
            quarantine: receives the lines that cannot be read.
            alone: whether it is the only source this ledger will ever get. Its content need not be
                recognised then.
            samples: number of sample events to return.

        Raises:
            SourceError: the source cannot be read.
        """
        engine, file = self.engine, source.as_file(self.engine)
        with errors_named(file, engine):
            fingerprint = "" if alone else file.fingerprint()
        known = engine.rows(KNOWN_SOURCE, {"fingerprint": fingerprint})
        if known:
            return FoldResult(file, None, str(known[0][0]), {})
        before = quarantine.counts.total()
        with errors_named(file, engine), engine.transaction():
            rules = remembered_rules(engine, self.seen("items"))
            reading = open_source(engine, file, self.settings, quarantine, rules)
            first = sample_events(engine, samples)
            outcomes = self._take(reading)
            if reading.by_line:
                first += sample_events(engine, samples - len(first))
            self._add_deltas(linked=bool(LINKED & reading.columns))
            self._add_context(reading)
            self._add_source(file.name, fingerprint, outcomes)
        quarantined = quarantine.counts.total() - before
        return FoldResult(file, reading, "", outcomes, quarantined, first)

    def compact(self) -> None:
        """Merge the rows folded since the last merge. Evidence needs a merged ledger."""
        slices, sources = self.engine.rows(PENDING)[0]
        if not slices:
            return
        with self.engine.transaction():
            # A first slice alone has one row per key already.
            if sources > 1:
                self._merge()
            self.engine.run(SETTLED)

    def _merge(self) -> None:
        self.engine.run(MERGE_ITEMS)
        if self.engine.rows(SPLIT_ACCOUNTS)[0][0]:
            for statement in MERGES:
                self.engine.run(
                    statement, self._clicks if "$double_click" in statement.sql else None
                )

    @property
    def _clicks(self) -> dict[str, object]:
        return {"double_click": self.settings.uses.double_click_seconds}

    def _take(self, reading: Reading) -> dict[str | None, int]:
        linked = LINKED & reading.columns
        takes = (TAKES_LINKED if linked else TAKES) if reading.by_line else TAKES_BY_KEY
        names = NAMED_TAKES if reading.by_line else NAMED_AGAIN
        reading.load(self.engine, (takes, names), MORE_TAKES_LINKED if linked else MORE_TAKES)
        outcomes = dict(self.engine.rows(OUTCOMES))
        reading.bad_lines(self.engine, {k: n for k, n in outcomes.items() if k is not None})
        return outcomes

    def _add_deltas(self, *, linked: bool) -> None:
        self.engine.run(SLICE_HOLDINGS)
        self.engine.run(DOUBLE_CLICKS, self._clicks)
        self.engine.run(FOLD_HOLDINGS)
        self.engine.run(DROP_SLICE_HOLDINGS)
        self.engine.run(ORIGINS_LINKED if linked else ORIGINS)
        for statement in (*DELTAS, *(LINKED_DELTAS if linked else ())):
            self.engine.run(statement)
        for statement in DROP_SLICE:
            self.engine.run(statement)
        self.engine.run(ADD_FACT, {"name": "pending", "value": "merge"})

    def _add_source(self, name: str, fingerprint: str, outcomes: Mapping[str | None, int]) -> None:
        takes, lines = outcomes.get(None, 0), sum(outcomes.values())
        self.engine.run(
            ADD_SOURCE, {"fingerprint": fingerprint, "name": name, "lines": lines, "takes": takes}
        )

    def _add_context(self, reading: Reading) -> None:
        """Store which columns and item rules the source had, for scans that fold nothing new."""
        rules = reading.plan.rules if reading.plan else None
        remember_rules(self.engine, rules)
        for name in (
            *(f"column {column}" for column in sorted(reading.columns)),
            *([f"items {rules.name}"] if rules else []),
        ):
            self.engine.run(ADD_FACT, {"name": name, "value": "seen"})

    @property
    def mixed_items(self) -> frozenset[str]:
        """The names of the item rules the ledger was filled with, if they are more than one."""
        names = self.seen("items")
        return names if len(names) > 1 else frozenset()

    def seen(self, what: str) -> frozenset[str]:
        """Return the names seen of a kind of fact: ``column`` or ``items`` (item presets)."""
        names = [name for name, _ in self.engine.rows(KNOWN_FACTS)]
        return frozenset(n.removeprefix(f"{what} ") for n in names if n.startswith(f"{what} "))

    def _agree_on_facts(self) -> None:
        """Write the facts into a new ledger; refuse one whose facts differ."""
        ours = {
            "schema version": str(SCHEMA_VERSION),
            "hash": str(self.engine.rows(HASH_CHECK)[0][0]),
            "uses.double_click_seconds": str(self.settings.uses.double_click_seconds),
            "account.key": self.settings.account.key,
            "account.ipv6_prefix": str(self.settings.account.ipv6_prefix),
        }
        theirs = dict(self.engine.rows(KNOWN_FACTS))
        for name, value in ours.items():
            if name not in theirs:
                self.engine.run(ADD_FACT, {"name": name, "value": value})
            elif theirs[name] != value:
                raise LedgerError(
                    f"was made with {name} = {theirs[name]}, now it is {value}",
                    where=self._where,
                    hint=_OTHER_MAKING if name in _MAKING else _OTHER_SETTING,
                )


def open_writable(path: Path | None, settings: Settings) -> Ledger:
    """Open a ledger in a file, which is created if it does not exist, or in memory.

    Raises:
        LedgerError: the file is not a ledger, is in use by another process, or cannot be written.
            Its folder does not exist, or it is a folder itself.
    """
    if path is not None:
        check_file(path, TO_WRITE)
    try:
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
