"""Refuse compressed files that expand beyond any log.

The limits lie above what requests can make of a log. Requests of 24 KB that repeat one letter are
packed 910 times by gz and 7,450 times by zst. Zeros are packed 1,030 and 32,500 times.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from ringfence.engine import Engine, literal
from ringfence.errors import SourceError

FREE_SIZE: Final = 256 << 20
"""Unpacked bytes that any file may have."""

MOST_EXPANSION: Final = {"gz": 1_000, "zst": 10_000, "parquet": 10_000}
"""Unpacked bytes per packed byte that a larger file may have, by the kind of compression."""

_ROW: Final = 24
"""The least bytes of an unpacked row: a time, an account and an item."""


def refuse_expansion(
    kind: Literal["gz", "zst", "parquet"], packed: int, unpacked: int, where: str
) -> None:
    """Raise an error if a file expands more than a log can.

    Args:
        kind: how it is compressed.
        packed: its bytes.
        unpacked: the bytes that come of them.
        where: the name of the file.

    Raises:
        SourceError: there are more than 256 MiB, and more than the kind allows.
    """
    if unpacked > max(FREE_SIZE, MOST_EXPANSION[kind] * packed):
        raise SourceError(
            f"expands more than {MOST_EXPANSION[kind]:,} times, as no log does",
            where=where,
            hint="if you trust the file, unpack it or convert it to csv, and name the new file",
        )


def refuse_parquet_expansion(engine: Engine, path: Path) -> int:
    """Return the rows that a Parquet file declares, unless it declares more than it can hold.

    Its own footer tells how many rows each part has, and how large the unpacked pages are. A part
    with a negative size does not make up for another one.

    Raises:
        EngineError: the footer cannot be read.
        SourceError: as :func:`refuse_expansion`.
    """
    # A total of the whole file is not asked for: the engine does not read by it, so it may lie.
    pages, rows = engine.rows(
        f"""
        WITH chunks AS (
          SELECT * FROM parquet_metadata({literal(str(path))})
        ),
        groups AS (
          SELECT
            max(row_group_num_rows) AS num_rows,
            sum(greatest(total_uncompressed_size, 0)) AS size
          FROM chunks
          GROUP BY row_group_id
        )
        SELECT
          CAST(coalesce(sum(size), 0) AS DOUBLE),
          CAST(coalesce(sum(greatest(num_rows, 0)), 0) AS DOUBLE)
        FROM groups
        """  # noqa: S608 - quoted
    )[0]
    refuse_expansion("parquet", path.stat().st_size, int(max(pages, _ROW * rows)), str(path))
    return int(rows)
