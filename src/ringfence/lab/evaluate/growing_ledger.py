"""A ledger that advances in time over stored events, and can be joined with an attack's ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Self

from ringfence.events import Source
from ringfence.events.formats.source_columns import path_sql
from ringfence.evidence import Context
from ringfence.ledger import open_writable
from ringfence.pipeline.steps import measure
from ringfence.settings import Settings
from ringfence.stats.seconds import DAY

ACCOUNT_TABLES: Final = (
    "accounts", "holdings", "hours", "failures", "listings", "large_answers", "traffic",
    "page_loads", "clients", "networks", "places", "surfaces", "devices", "payments", "signups",
)  # fmt: skip
"""Ledger tables in which every row belongs to one account. Two ledgers are joined by adding rows,
because no account occurs in both."""

SLICE_SECONDS: Final = 7 * DAY
"""Seconds of events folded at once. The temporary file of a slice grows with this."""

_MICROS: Final = 1_000_000


class GrowingLedger:
    """A ledger in memory that holds the events before a moment, and can move the moment forward.

    Args:
        select: a SELECT of events: ts, account, item and optional columns. It runs once per slice
            of time, so it should read Parquet.
        settings: how to fold.
    """

    def __init__(self, select: str, settings: Settings) -> None:
        self.ledger = open_writable(None, settings)
        self.engine = self.ledger.engine
        self.moment = 0
        self._select = select

    def advance(self, moment: int) -> None:
        """Fold all events before a moment that are not folded yet, and merge.

        Args:
            moment: seconds since 1970.

        Raises:
            ValueError: the ledger is already past this moment.
        """
        if moment < self.moment:
            raise ValueError(f"the ledger is already at {self.moment}, past {moment}")
        for end in (*self._week_ends(moment), moment):
            self._fold(end)
        self.ledger.compact(age_all=True)

    def _week_ends(self, moment: int) -> list[int]:
        """Return the ends of all weeks with events before a moment, except the last one."""
        if moment - self.moment <= SLICE_SECONDS:
            return []
        weeks = self.engine.rows(
            f"SELECT DISTINCT CAST(epoch(ts) AS BIGINT) // {SLICE_SECONDS} AS week "  # noqa: S608 - own
            f"FROM ({self._select}) WHERE {self._unfolded(moment)} ORDER BY week"
        )
        return [end for (week,) in weeks if (end := (week + 1) * SLICE_SECONDS) < moment]

    def _unfolded(self, moment: int) -> str:
        begin, end = self.moment * _MICROS, moment * _MICROS
        return f"ts >= make_timestamp({begin}) AND ts < make_timestamp({end})"

    def _fold(self, moment: int) -> None:
        path = self.engine.scratch / f"slice-{moment}.parquet"
        self.engine.copy(f"FROM ({self._select}) WHERE {self._unfolded(moment)}", path)
        self.ledger.fold(Source(path, path.name))
        path.unlink()
        self.moment = moment

    def close(self) -> None:
        """Drop the ledger."""
        self.engine.close()

    def __enter__(self) -> Self:
        """Return the ledger itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop the ledger."""
        self.close()


@contextmanager
def joint_context(users: GrowingLedger, attack: GrowingLedger | None = None) -> Iterator[Context]:
    """Measure the users' ledger with an attack's ledger joined to it, and undo both afterwards.

    The users are folded once and serve every attack: all tables made meanwhile, evidence included,
    are rolled back.

    Args:
        users: the population; it must be at the same moment as the attack.
        attack: the planted accounts. An account that both ledgers hold is taken from this one,
            which must hold all of its events.

    Yields:
        The context that evidence tests take.
    """
    with users.engine.rolled_back():
        if attack is not None:
            _join(users, attack)
        yield measure(users.ledger).context


def _join(users: GrowingLedger, attack: GrowingLedger) -> None:
    """Replace and add the attack's accounts, and add the items that the users do not hold."""
    engine, folder = users.engine, attack.engine.scratch
    for table in (*ACCOUNT_TABLES, "items"):
        attack.engine.copy(f"FROM {table}", folder / f"{table}.parquet")
    known = f"read_parquet({path_sql(folder / 'accounts.parquet')})"
    for table in ACCOUNT_TABLES:
        rows = f"read_parquet({path_sql(folder / f'{table}.parquet')})"
        engine.run(
            f"DELETE FROM aged_{table} "  # noqa: S608 - own names
            f"WHERE account_key IN (SELECT account_key FROM {known})"
        )
        engine.run(f"INSERT INTO aged_{table} FROM {rows}")
    items = f"read_parquet({path_sql(folder / 'items.parquet')})"
    engine.run(
        f"INSERT INTO aged_items FROM {items} WHERE item_key NOT IN (SELECT item_key FROM items)"  # noqa: S608 - quoted
    )
