"""A ledger that advances in time over a relation of events, and the attack joined to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

from ringfence.engine import literal
from ringfence.events import Quarantine, Source
from ringfence.evidence import Context
from ringfence.ledger import open_writable
from ringfence.pipeline.steps import measure
from ringfence.settings import Settings

BY_ACCOUNT: Final = (
    "accounts", "holdings", "hours", "clients", "networks", "surfaces", "devices", "payments",
    "signups",
)  # fmt: skip
"""Tables whose rows belong to one account each: those of two crowds add without merging."""

_MICROS: Final = 1_000_000

STRETCH: Final = 7 * 86_400
"""Seconds folded at once: what lies on disk meanwhile grows with it."""


class Folding:
    """A ledger in memory over the first part of some events.

    Args:
        select: SELECT of events in time: ts, account, item and optional columns. Read again for
            every stretch of time, so it should be over Parquet.
        settings: how to fold.
    """

    def __init__(self, select: str, settings: Settings) -> None:
        self.ledger = open_writable(None, settings)
        self.engine = self.ledger.engine
        self.moment = 0
        self._select = select
        self._quarantine = Quarantine(self.engine.scratch)

    def advance(self, moment: int) -> None:
        """Fold what lies between the moment reached and this one, and merge.

        Raises:
            ValueError: the moment lies before the one reached.
        """
        if moment < self.moment:
            raise ValueError("a ledger cannot forget")
        for end in (*self._weeks(moment), moment):
            self._fold(end)
        self.ledger.compact()

    def _weeks(self, moment: int) -> list[int]:
        """Return the ends of the weeks with events up to a moment, without the last."""
        if moment - self.moment <= STRETCH:
            return []
        weeks = self.engine.rows(
            f"SELECT DISTINCT CAST(epoch(ts) AS BIGINT) // {STRETCH} AS week "  # noqa: S608 - own
            f"FROM ({self._select}) WHERE {self._until(moment)} ORDER BY week"
        )
        return [end for (week,) in weeks if (end := (week + 1) * STRETCH) < moment]

    def _until(self, moment: int) -> str:
        begin, end = self.moment * _MICROS, moment * _MICROS
        return f"ts >= make_timestamp({begin}) AND ts < make_timestamp({end})"

    def _fold(self, moment: int) -> None:
        path = self.engine.scratch / f"slice-{moment}.parquet"
        self.engine.copy(f"FROM ({self._select}) WHERE {self._until(moment)}", path)
        self.ledger.fold(Source(path, path.name), self._quarantine)
        path.unlink()
        self.moment = moment

    def save(self, folder: Path) -> None:
        """Write the tables by account, and the items, as Parquet files into a folder."""
        for table in (*BY_ACCOUNT, "items"):
            self.engine.copy(f"FROM {table}", folder / f"{table}.parquet")

    def close(self) -> None:
        """Drop the ledger."""
        self.engine.close()

    def __enter__(self) -> Self:
        """Return the folding itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop the ledger."""
        self.close()


@contextmanager
def looked_at(population: Folding, attack: Folding | None = None) -> Iterator[Context]:
    """Give the context that evidence takes, of a population's ledger with an attack's joined to it.

    Everything made meanwhile, tables of evidence included, is undone afterwards: the population
    is folded once and serves every attack. An account that both know is taken from the attack,
    which has to know all of it.
    """
    engine = population.engine
    with engine.rolled_back():
        if attack is not None:
            _join(population, attack)
        yield context_of(population)


def context_of(folding: Folding) -> Context:
    """Measure the ledger as a scan does."""
    return measure(folding.ledger).context


def _join(population: Folding, attack: Folding) -> None:
    engine, folder = population.engine, attack.engine.scratch
    attack.save(folder)
    known = f"read_parquet({literal(str(folder / 'accounts.parquet'))})"
    for table in BY_ACCOUNT:
        rows = f"read_parquet({literal(str(folder / f'{table}.parquet'))})"
        engine.run(f"DELETE FROM {table} WHERE account_key IN (SELECT account_key FROM {known})")  # noqa: S608 - quoted
        engine.run(f"INSERT INTO {table} FROM {rows}")
    items = f"read_parquet({literal(str(folder / 'items.parquet'))})"
    engine.run(
        f"INSERT INTO items FROM {items} WHERE item_key NOT IN (SELECT item_key FROM items)"  # noqa: S608 - quoted
    )
