"""Divide links into batches: for each host, or one after the other for a search engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, Statement, literal
from ringfence.private_files import new_place, owner_only

BATCHES_BY_HOST: Final = Statement(
    "leaks.register_batches_by_host",
    """
CREATE OR REPLACE TEMP TABLE range_batches AS
WITH counts AS (
  SELECT host, min(n) AS first, count(*) + CASE WHEN host = $host THEN $of_host ELSE 0 END AS links
  FROM range_links
  GROUP BY host
),
hosts AS (
  SELECT host, first - CASE WHEN host = $host THEN $of_host ELSE 0 END AS first,
    coalesce(sum(CEIL(links / $size)) OVER (ORDER BY host
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
  FROM counts
)
SELECT l.n, l.host, l.url,
  CAST($before + h.before + 1 + floor((l.n - h.first) / $size) AS BIGINT) AS batch
FROM range_links AS l
JOIN hosts AS h ON h.host = l.host
""",
)
"""The number of each link's batch, where a batch has links of one host. ``$host`` is the last host
of the range before, with ``$of_host`` links until there. ``$before`` is the number of batches
before this host, or of all batches if the range does not continue it."""

BATCHES_IN_ORDER: Final = Statement(
    "leaks.register_batches_in_order",
    """
CREATE OR REPLACE TEMP TABLE range_batches AS
SELECT n, host, url, 1 + CAST(floor(($links + n - 1) / $size) AS BIGINT) AS batch
FROM range_links
""",
)
"""The number of each link's batch, where a batch has links of several hosts. ``$links`` is the
number of links in the ranges before."""

LAST_HOST: Final = Statement(
    "leaks.register_last_host",
    """
SELECT max(batch) AS batch, max(host) AS host,
  sum(CASE WHEN host = (SELECT max(host) FROM range_batches) THEN 1 ELSE 0 END) AS links
FROM range_batches
""",
)
"""The last batch and the last host of a range, and the number of links of this host in it."""


@dataclass
class BatchNumbers:
    """Number the batches of one range of links after the other.

    Attributes:
        size: links per batch, at most.
        by_host: whether a batch has links of one host only.
        batches: number of batches until now.
        links: number of links until now.
    """

    size: int
    by_host: bool
    batches: int = 0
    links: int = 0
    _host: str = ""
    _of_host: int = 0
    _complete: int = 0

    def number(self, engine: Engine, rows: int) -> None:
        """Make the table ``range_batches`` from ``range_links``, which has rows.

        Its columns are n, host, url and batch.
        """
        if not self.by_host:
            engine.run(BATCHES_IN_ORDER, {"links": self.links, "size": self.size})
            self.links += rows
            self.batches = -(-self.links // self.size)
            return
        first = engine.rows("SELECT host FROM range_links WHERE n = 1")[0][0]
        continued = first == self._host
        engine.run(
            BATCHES_BY_HOST,
            {
                "host": self._host,
                "of_host": self._of_host,
                "size": self.size,
                "before": self._complete if continued else self.batches,
            },
        )
        self._remember(engine, rows, continued=continued)

    def _remember(self, engine: Engine, rows: int, *, continued: bool) -> None:
        batch, host, links = engine.rows(LAST_HOST)[0]
        self._of_host = links + (self._of_host if continued and host == self._host else 0)
        self._host, self.batches = host, batch
        self._complete = batch - -(-self._of_host // self.size)
        self.links += rows


def write_batches(
    engine: Engine, ranges: Iterator[int], numbers: BatchNumbers, folder: Path
) -> list[Path]:
    """Write the files ``links-00001.csv`` and so on, with the columns batch, host and url.

    Args:
        engine: has each range as ``range_links`` when its number of rows comes.
        ranges: yields these numbers.
        numbers: numbers the batches, and counts them.
        folder: where to write; it exists.

    Raises:
        EngineError: a file cannot be written.
        OSError: likewise.
    """
    written: list[Path] = []
    for rows in ranges:
        numbers.number(engine, rows)
        path = folder / f"links-{len(written) + 1:05d}.csv"
        with new_place(path) as place, owner_only():
            engine.run(
                "COPY (SELECT batch, host, url FROM range_batches ORDER BY n) "  # noqa: S608 - quoted
                f"TO {literal(str(place.absolute()))} (FORMAT csv, HEADER true)"
            )
        written.append(path)
    return written
