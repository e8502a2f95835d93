"""The register of links to published copies: found, sent, acknowledged, removed, back again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, open_engine
from ringfence.leaks.register.batches import BatchNumbers, write_batches
from ringfence.leaks.register.facts import (
    ANSWER_COLUMNS,
    NEW_EVENTS,
    NOTICES_SENT,
    RECIPIENTS,
    UNCLEAR,
    UNDATED,
    add_facts,
    answers_sql,
)
from ringfence.leaks.register.folder import RegisterFolder, locked_folder, partitions_at
from ringfence.leaks.register.incoming import LINKS_IN, StagedLinks, stage_links, stage_urls
from ringfence.leaks.register.merging import merge, remove, write_delta
from ringfence.leaks.register.questions import first_links, history_of, largest_hosts
from ringfence.leaks.register.results import (
    AddedLinks,
    LinkFact,
    RecheckedLinks,
    RegisterSummary,
)
from ringfence.leaks.register.states import LINK_STATES, LinkState, check_recipient
from ringfence.leaks.register.streaming import (
    ALL_LINKS,
    LinkChoice,
    RegisteredLink,
    link_ranges,
    links_of_range,
)
from ringfence.leaks.register.urls import normalise_url
from ringfence.progress import Progress
from ringfence.settings import Settings

_EARLIEST: Final = datetime(1990, 1, 1)  # noqa: DTZ001 - UTC without a zone, as in all files
_TOLERANCE: Final = timedelta(days=1)
_LONGEST_SOURCE: Final = 200

OPEN_STATES: Final[tuple[LinkState, ...]] = ("found", "sent", "acknowledged", "back")
"""The states of links that are still there, as far as is known."""


@dataclass
class LinkRegister:
    """A register of links that this process alone has open; see :func:`open_register`.

    Attributes:
        engine: runs its statements.
        folder: its files.
    """

    engine: Engine
    folder: RegisterFolder
    _streams: int = 0
    _replaced: list[Path] = field(default_factory=list)

    def add(self, path: Path, at: datetime, source: str = "") -> AddedLinks:
        """Add the links of a file as found.

        They are merged by the next method that reads links, or by :meth:`merge`.

        Args:
            path: one link per line, or a table with the column ``url``.
            at: when they were found.
            source: where they come from; the name of the file if it is empty.

        Raises:
            LeakError: the file cannot be read.
        """
        staged = stage_links(self.engine, path, {})
        self._source(source or path.name, at)
        found = f"SELECT l.url, s.moment AS found, s.source FROM {LINKS_IN} AS l, link_source AS s"  # noqa: S608 - constants
        links = staged.records - sum(one.count for one in staged.refused)
        self._replaced += write_delta(self.engine, self.folder, "found", found, links)
        self.engine.run("DROP TABLE link_lines")
        self._remove_replaced()
        return AddedLinks(links, staged)

    def merge(self, progress: Progress | None = None) -> None:
        """Merge everything that was added into the partitions."""
        waiting = [
            part
            for part in partitions_at(self.folder.manifest.depth)
            if self.folder.pending(part, "found") or self.folder.pending(part, "events")
        ]
        progress = progress or Progress()
        progress.begin(len(waiting), self.engine.progress)
        for part in waiting:
            progress.step(f"partition {part}")
            self._replaced += merge(self.engine, self.folder, part)
            self._remove_replaced()
        self.folder.remove_merged_deltas()
        progress.end()

    def mark_sent(
        self, links: Path | Iterable[str], recipient: str, at: datetime, source: str = "",
        batches: Sequence[int] = (),
    ) -> RecheckedLinks:  # fmt: skip
        """Record that a notice about links was sent. Unknown links are counted and not kept.

        Args:
            links: a file as for :meth:`add`, or links in memory or from a stream.
            recipient: ``host``, or the name of a search engine.
            at: when it was sent.
            source: name of the batch or file.
            batches: only the links with one of these numbers in the column ``batch`` of the file.

        Raises:
            LeakError: the file cannot be read, or the recipient has no usable name.
        """
        check_recipient(recipient)
        if isinstance(links, Path):
            column = {"batch": ("batch",)} if batches else {}
            staged = stage_links(self.engine, links, column)
            source = source or links.name
        else:
            staged = stage_urls(self.engine, links)
        self._source(source, at)
        chosen = "TRY_CAST(batch AS BIGINT) IN (SELECT unnest($batches))" if batches else "TRUE"
        self.engine.run(
            "CREATE OR REPLACE TEMP TABLE said AS "  # noqa: S608 - constants
            "SELECT url, 'sent' AS event, '' AS answer, s.moment, "
            f"$recipient AS recipient FROM {LINKS_IN} AS l, link_source AS s WHERE {chosen}",
            {"recipient": recipient} | ({"batches": list(batches)} if batches else {}),
        )
        return self._add_said(staged)

    def mark_notices(self, path: Path, at: datetime, source: str, only: str = "") -> RecheckedLinks:
        """Record that notices to several recipients were sent.

        Args:
            path: a file with the columns url and recipient.
            at: when they were sent.
            source: name of the notices.
            only: count only those to this recipient; all if it is empty.

        Raises:
            LeakError: the file cannot be read, or a recipient has no usable name.
        """
        staged = stage_links(self.engine, path, {"recipient": ("recipient",)})
        for (name,) in self.engine.rows(RECIPIENTS):
            check_recipient(name)
        self._source(source, at)
        self.engine.run(NOTICES_SENT, {"only": only})
        return self._add_said(staged)

    def recheck(self, path: Path, source: str = "") -> RecheckedLinks:
        """Record the answers of a file: url, status or state, date.

        A link that had been removed and is there at a later date is back. Unknown links are counted
        and not kept. The same file again changes nothing.

        Raises:
            LeakError: the file cannot be read, or lacks a column.
        """
        staged = stage_links(self.engine, path, ANSWER_COLUMNS)
        self._source(source or path.name, datetime.now(UTC))
        self.engine.run(f"CREATE OR REPLACE TEMP TABLE said AS {answers_sql()}")
        return self._add_said(staged)

    def links_by_host(self, choice: LinkChoice = ALL_LINKS) -> Iterator[RegisteredLink]:
        """Yield links sorted by host, from a register of any size in bounded memory.

        The links of a host follow each other. The links are those at the time of the first one;
        facts may be added while the iteration goes on.

        Args:
            choice: which links.
        """
        for rows in self.ranges(choice):
            yield from links_of_range(self.engine, rows)

    def ranges(self, choice: LinkChoice) -> Iterator[int]:
        """Yield the size of each range of links; see :func:`link_ranges`.

        Raises:
            ValueError: another stream of links of this register is open.
        """
        if self._streams:
            raise ValueError("only one stream of links can be open at a time")
        self.merge()
        self._streams += 1
        try:
            yield from link_ranges(self.engine, self.folder, choice)
        finally:
            self._streams -= 1
            self._remove_replaced()

    def write_batches(self, choice: LinkChoice, numbers: BatchNumbers, out: Path) -> list[Path]:
        """Write links in batches to files; see :func:`ringfence.leaks.register.write_batches`."""
        return write_batches(self.engine, self.ranges(choice), numbers, out)

    def first_links(self, choice: LinkChoice, most: int) -> list[RegisteredLink]:
        """Return the first links by host and link."""
        self.merge()
        return first_links(self.engine, self.folder, choice, most)

    def history(self, url: str) -> tuple[LinkState, tuple[LinkFact, ...]]:
        """Return the state of a link and all facts about it, by date.

        Raises:
            LeakError: the link is not in the register, or is not a link.
        """
        return history_of(self.engine, self.folder, normalise_url(url))

    def summary(self, hosts: int = 10) -> RegisterSummary:
        """Return the register in numbers.

        Args:
            hosts: number of hosts that are named.
        """
        self.merge()
        partitions = self.folder.manifest.partitions.values()
        states: Counter[LinkState] = Counter()
        for one in partitions:
            states.update(one.states)
        count, largest = largest_hosts(self.engine, self.folder, LinkChoice(OPEN_STATES), hosts)
        return RegisterSummary(
            states.total(),
            {state: states[state] for state in LINK_STATES},
            sum(one.events for one in partitions),
            count,
            largest,
            self.folder.stored_bytes(),
        )

    def close(self) -> None:
        """Remove the files that a stream still needed."""
        self._streams = 0
        self._remove_replaced()

    def _source(self, name: str, at: datetime) -> None:
        moment = at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
        self.engine.run(
            "CREATE OR REPLACE TEMP TABLE link_source AS "
            "SELECT CAST($at AS TIMESTAMP) AS moment, CAST($source AS VARCHAR) AS source",
            {"at": moment, "source": name[:_LONGEST_SOURCE]},
        )

    def _add_said(self, staged: StagedLinks) -> RecheckedLinks:
        latest = datetime.now(UTC).replace(tzinfo=None) + _TOLERANCE
        limits: dict[str, object] = {"earliest": _EARLIEST, "latest": latest}
        self.engine.run(NEW_EVENTS, limits | {"depth": self.folder.manifest.depth})
        undated = self.engine.rows(UNDATED, limits)[0][0]
        unclear = dict(self.engine.rows(UNCLEAR))
        facts, old = add_facts(self.engine, self.folder)
        self._replaced += old
        self._remove_replaced()
        return RecheckedLinks(facts, unclear, undated, staged)

    def _remove_replaced(self) -> None:
        if not self._streams:
            remove(self._replaced)
            self._replaced.clear()


@contextmanager
def open_register(
    root: Path, settings: Settings | None = None, *, create: bool = False
) -> Iterator[LinkRegister]:
    """Open a register of links. No other process can use it until the scope ends.

    Args:
        root: its folder.
        settings: threads, memory and scratch folder of the engine.
        create: whether an absent or empty folder becomes a new register.

    Raises:
        LeakError: the folder is not a register, is damaged, or another process uses it.
    """
    chosen = (settings or Settings()).engine
    with locked_folder(root, create=create) as folder, open_engine(chosen) as engine:
        register = LinkRegister(engine, folder)
        try:
            yield register
        finally:
            register.close()
