"""Divide tables by ranges of their key, so that one range at a time is held in memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, literal

_FOLDER: Final = "leak_ranges"


@dataclass(frozen=True)
class KeyRange:
    """One range of keys.

    Attributes:
        number: leading bits of its keys.
        folder: where the divided tables are; None if they are not divided.
    """

    number: int
    folder: Path | None

    def of(self, table: str) -> str:
        """Return SQL of the rows of a table with these keys, to follow FROM."""
        if self.folder is None:
            return table
        files = self.folder / table / f"part={self.number:d}"
        if not files.exists():
            return f"(SELECT * FROM {table} LIMIT 0)"  # noqa: S608 - own
        return f"read_parquet({literal(str(files / '*.parquet'))}, hive_partitioning = false)"


@contextmanager
def divided(engine: Engine, tables: Mapping[str, str], bits: int) -> Iterator[Iterator[KeyRange]]:
    """Open a scope in which tables can be read by range. Each table is read once to divide it.

    Args:
        engine: with the tables; each has a column ``item_key`` of hashes.
        tables: the columns that the ranges have beside the key, as SQL, by name of the table. Rows
            without a key are in no range, unless there is one range only.
        bits: the keys are divided into 2 to the power of this number of ranges.
    """
    if not bits:
        yield iter([KeyRange(0, None)])
        return
    folder = engine.scratch / _FOLDER
    try:
        for table, columns in tables.items():
            _divide(engine, table, columns, folder / table, bits)
        yield (KeyRange(number, folder) for number in range(1 << bits))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _divide(engine: Engine, table: str, columns: str, folder: Path, bits: int) -> None:
    folder.mkdir(parents=True)
    engine.run(
        f"COPY (SELECT item_key{columns}, item_key >> {64 - bits:d} AS part "  # noqa: S608 - own
        f"FROM {table} WHERE item_key IS NOT NULL) TO {literal(str(folder))} "
        "(FORMAT parquet, PARTITION_BY (part), COMPRESSION uncompressed)"
    )
