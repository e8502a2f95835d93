"""Stream the links of a register by host, in bounded memory.

The partitions are sorted by host. A range of hosts is read from all of them at once and sorted in
memory; row groups with other hosts are skipped. A host with more links than a range may have is
read one partition at a time, so its links come in the order of partition and link.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from ringfence.engine import Engine, Statement
from ringfence.leaks.register.folder import RegisterFolder
from ringfence.leaks.register.merging import parquet
from ringfence.leaks.register.states import LinkState

LINKS_PER_RANGE: Final = 2_000_000
"""Links that are sorted in memory at a time: about 300 MB."""

_ROWS: Final = 50_000
"""Links that become Python objects at a time."""

HOST_RANGES: Final = Statement(
    "leaks.register_host_ranges",
    """
WITH places AS (
  SELECT host, links, sum(links) OVER (ORDER BY host ROWS UNBOUNDED PRECEDING) - links AS place
  FROM host_counts
)
SELECT min(host) AS first, max(host) AS last, CAST(sum(links) AS BIGINT) AS links
FROM places
GROUP BY CAST(floor(place / $most) AS BIGINT), links > $most
ORDER BY first
""",
)
"""Ranges of hosts with about ``$most`` links; a host with more of them is a range of its own."""

LINK_FIELDS: Final = "host, url, state, since, found, told"


class RegisteredLink(NamedTuple):
    """A link of the register.

    Attributes:
        host: its host.
        url: the link in its normal form.
        state: see :data:`ringfence.leaks.register.LinkState`.
        since: time of the fact that led to the state, in UTC without a zone.
        found: time at which the link was first found, likewise.
        told: recipients that got a notice since it was found or came back.
    """

    host: str
    url: str
    state: LinkState
    since: datetime
    found: datetime
    told: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LinkChoice:
    """A choice of links.

    Attributes:
        states: links in one of these states; all if it is empty.
        untold: only links about which at least one of these recipients got no notice since they
            were found or came back; all if it is empty.
        host: only links of this host; empty for all.
    """

    states: Sequence[LinkState] = ()
    untold: tuple[str, ...] = ()
    host: str = ""

    @property
    def condition(self) -> str:
        """SQL of the choice. Its parameters are the values of :attr:`parameters`."""
        tests = ["TRUE"]
        if self.states:
            tests.append("state IN (SELECT unnest($states))")
        if self.untold:
            got = "contains(' ' || told || ' ', ' ' || $untold_{} || ' ')"
            all_got = " AND ".join(got.format(n) for n in range(len(self.untold)))
            tests.append(f"NOT coalesce({all_got}, FALSE)")
        if self.host:
            tests.append("host = $host")
        return " AND ".join(tests)

    @property
    def parameters(self) -> dict[str, object]:
        """The values of the condition."""
        values: dict[str, object] = {"states": list(self.states), "host": self.host}
        values |= {f"untold_{n}": name for n, name in enumerate(self.untold)}
        return {name: value for name, value in values.items() if value}


ALL_LINKS: Final = LinkChoice()
"""The choice of all links."""


def count_hosts(engine: Engine, folder: RegisterFolder, choice: LinkChoice) -> int:
    """Make the table ``host_counts`` of hosts and their links, and return the number of hosts."""
    engine.run(
        "CREATE OR REPLACE TEMP TABLE host_counts AS "  # noqa: S608 - quoted
        f"SELECT host, count(*) AS links FROM {merged_links(folder)} "
        f"WHERE {choice.condition} GROUP BY host",
        choice.parameters,
    )
    return int(engine.rows("SELECT count(*) FROM host_counts")[0][0])


def link_ranges(
    engine: Engine, folder: RegisterFolder, choice: LinkChoice, most: int = LINKS_PER_RANGE
) -> Iterator[int]:
    """Make the table ``range_links`` of each range in turn, and yield its number of rows.

    Its rows have a number ``n`` from 1, which follows host and link. Hosts come in order over all
    ranges.

    Args:
        engine: reads the register.
        folder: of the register, all of it merged.
        choice: which links.
        most: links of a range, at most, except that a partition of one host is never divided.
    """
    if not folder.manifest.partitions:
        return
    count_hosts(engine, folder, choice)
    for first, last, links in engine.rows(HOST_RANGES, {"most": most}):
        single = first == last and links > most
        for source in _sources(folder) if single else [merged_links(folder)]:
            # The database keeps the order of a query with ORDER BY, and numbers rows from 0.
            engine.run(
                "CREATE OR REPLACE TEMP TABLE ordered_links AS "  # noqa: S608 - quoted
                f"SELECT {LINK_FIELDS} FROM {source} WHERE {choice.condition} "
                "AND host >= $first AND host <= $last ORDER BY host, url",
                choice.parameters | {"first": first, "last": last},
            )
            engine.view("range_links", "SELECT rowid + 1 AS n, * FROM ordered_links")
            rows = int(engine.rows("SELECT count(*) FROM ordered_links")[0][0])
            if rows:
                yield rows


def links_of_range(engine: Engine, rows: int) -> Iterator[RegisteredLink]:
    """Yield the links of the current range in order; see :func:`link_ranges`."""
    for start in range(0, rows, _ROWS):
        yield from registered_links(
            engine.rows(
                f"SELECT {LINK_FIELDS} FROM ordered_links "  # noqa: S608 - constant
                "WHERE rowid >= $start AND rowid < $end ORDER BY rowid",
                {"start": start, "end": start + _ROWS},
            )
        )


def registered_links(rows: Iterable[tuple[Any, ...]]) -> Iterator[RegisteredLink]:
    """Yield rows with the columns :data:`LINK_FIELDS` as links."""
    sets: dict[str | None, frozenset[str]] = {None: frozenset()}
    for host, url, state, since, found, told in rows:
        if told not in sets:
            sets[told] = frozenset(told.split())
        yield RegisteredLink(host, url, state, since, found, sets[told])


def merged_links(folder: RegisterFolder) -> str:
    """Return SQL that may follow FROM, with all links; there is at least one partition."""
    return parquet([folder.links(part) for part in sorted(folder.manifest.partitions)])


def _sources(folder: RegisterFolder) -> list[str]:
    return [parquet([folder.links(part)]) for part in sorted(folder.manifest.partitions)]
