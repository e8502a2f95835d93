"""Join the accounts table: what the operator knows of accounts beyond their events.

Each attribute is taken from the events where they have it for an account, and from the table where
they lack it. The table is read at each scan and is never stored in the ledger. Of its rows, only
those of accounts in the ledger are kept, for the time of the scan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from ringfence.engine import ArrowData, Engine, Statement, identifier
from ringfence.errors import AccountsTableError, EngineError, SourceError
from ringfence.events.pseudonyms import load_key, pseudonym_sql
from ringfence.events.table_files import TABLE_FORMATS, TableFile, id_text, message, open_table_file
from ringfence.population.account_columns import (
    account_file_sql,
    account_names,
    find_account_columns,
)
from ringfence.settings import Settings

NO_FILE: Final = Statement(
    "population.no_account_file",
    """
CREATE OR REPLACE TEMP VIEW account_file AS
SELECT CAST(NULL AS VARCHAR) AS account, CAST(NULL AS TIMESTAMP) AS created,
  CAST(NULL AS VARCHAR) AS plan, CAST(NULL AS VARCHAR) AS country, CAST(NULL AS VARCHAR) AS payment,
  CAST(NULL AS VARCHAR) AS device, CAST(NULL AS VARCHAR) AS display_name,
  CAST(NULL AS VARCHAR) AS status, FALSE AS unread
WHERE FALSE
""",
)


def _rows(name: str, *, pseudonyms: bool) -> Statement:
    """Return the statement that finds the rows of accounts in the ledger."""

    def named(column: str) -> str:
        return pseudonym_sql("account", column) if pseudonyms else column

    shown, device, payment = "n.display_name", "n.device", "n.payment"
    if pseudonyms:
        shown, device = "CAST(NULL AS VARCHAR)", pseudonym_sql("device", device)
        payment = f"left(sha256({pseudonym_sql('payment', payment)}), 16)"
    return Statement(
        name,
        f"""
CREATE OR REPLACE TEMP TABLE account_rows AS
WITH filled AS (
  SELECT f.*,
    CASE
      WHEN regexp_matches(trim(f.account), '^[0-9]+[.]0+$')
        THEN split_part(trim(f.account), '.', 1)
      ELSE trim(f.account)
    END AS plain,
    concat('key-', left(sha256(f.account), 12)) AS hashed
  FROM account_file AS f
  WHERE f.account IS NOT NULL
),
named AS (
  SELECT n.created, n.unread, n.plan, n.country, n.status, {shown} AS display_name,
    {device} AS device, {payment} AS payment, {named("n.account")} AS written,
    {named("n.plain")} AS plain, {named("n.hashed")} AS hashed
  FROM filled AS n
)
SELECT coalesce(a.account_key, b.account_key, c.account_key) AS account_key,
  CASE WHEN n.created BETWEEN TIMESTAMP '1970-01-02' AND $horizon
    THEN CAST(floor(epoch(n.created)) AS UINTEGER) END AS created,
  n.unread, n.plan, n.country, n.display_name, n.status, n.device, n.payment
FROM named AS n
LEFT JOIN accounts AS a ON a.account = n.written
LEFT JOIN accounts AS b ON b.account = n.plain
LEFT JOIN accounts AS c ON c.account = n.hashed
WHERE coalesce(a.account_key, b.account_key, c.account_key) IS NOT NULL
""",  # noqa: S608 - own names
    )


ROWS_OF_ACCOUNTS: Final = _rows("population.account_rows", pseudonyms=False)
"""The rows of accounts in the ledger. A name matches exactly, or without outer spaces and without
the fraction of a whole number: a table that holds ids as fractional numbers has ``999001.0``. A key
matches the short hash that stands for it in the ledger."""

ROWS_OF_PSEUDONYMS: Final = _rows("population.pseudonym_rows", pseudonyms=True)
"""The same if the ledger has pseudonyms. The table has real names. Display names are left out."""

ACCOUNTS_GIVEN: Final = Statement(
    "population.given_accounts",
    """
CREATE OR REPLACE TEMP TABLE given_accounts AS
SELECT account_key, min(created) AS created, min(plan) AS plan, min(country) AS country,
  min(display_name) AS display_name, min(status) AS status,
  count(DISTINCT created) > 1 OR count(DISTINCT plan) > 1 OR count(DISTINCT country) > 1
    OR count(DISTINCT display_name) > 1 OR count(DISTINCT status) > 1 AS contradictory
FROM account_rows
GROUP BY account_key
""",
)
"""One row per account. Of several values, the earliest time or the first text in alphabetical order
counts, so that the order of the rows plays no part."""

DEVICES_KNOWN: Final = Statement(
    "population.account_devices",
    """
CREATE OR REPLACE TEMP VIEW account_devices AS
SELECT account_key, device FROM devices
UNION ALL
SELECT DISTINCT account_key, device
FROM account_rows
WHERE device IS NOT NULL AND account_key NOT IN (SELECT account_key FROM devices)
""",
)

PAYMENTS_KNOWN: Final = Statement(
    "population.account_payments",
    """
CREATE OR REPLACE TEMP VIEW account_payments AS
SELECT account_key, payment FROM payments
UNION ALL
SELECT DISTINCT account_key, payment
FROM account_rows
WHERE payment IS NOT NULL AND account_key NOT IN (SELECT account_key FROM payments)
""",
)

SIGNUPS_KNOWN: Final = Statement(
    "population.account_signups",
    """
CREATE OR REPLACE TEMP VIEW account_signups AS
SELECT account_key, signed_up FROM signups
UNION ALL
SELECT account_key, created
FROM given_accounts
WHERE created IS NOT NULL AND account_key NOT IN (SELECT account_key FROM signups)
""",
)

TABLE_TOTALS: Final = Statement(
    "population.known_accounts",
    """
SELECT (SELECT count(*) FROM account_file) AS rows,
  (SELECT count(*) FROM given_accounts) AS known,
  (SELECT count(*) FROM given_accounts WHERE contradictory) AS contradictory,
  (SELECT count(*) FROM account_rows WHERE unread) AS unread,
  (SELECT count(*) FROM accounts WHERE NOT coalesce(visitor, FALSE)) AS logins
""",
)

JOINED: Final = (ACCOUNTS_GIVEN, DEVICES_KNOWN, PAYMENTS_KNOWN, SIGNUPS_KNOWN)
"""The statements that join the rows to the ledger, in order."""

READ_HINT: Final = f"--accounts takes {TABLE_FORMATS}, in UTF-8, with a row per account"

LINK_COLUMNS: Final = {"created": "signed_up", "device": "device", "payment": "payment"}
"""The columns of the table that may link accounts, and their names among the events' columns."""


@dataclass(frozen=True)
class AccountsTable:
    """The accounts table as a scan read it, in totals.

    Attributes:
        name: the file's name; empty if no table was given.
        columns: the table's own column names, by setting.
        rows: number of rows.
        known: number of accounts in the ledger that it has a row of.
        logins: number of accounts in the ledger that are not visitors.
        contradictory: number of known accounts with several rows that contradict each other.
        unread: number of rows of known accounts whose time of creation cannot be read.
    """

    name: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    known: int = 0
    logins: int = 0
    contradictory: int = 0
    unread: int = 0

    @property
    def link_columns(self) -> frozenset[str]:
        """The columns that may link accounts, as the events name them."""
        return frozenset(event for own, event in LINK_COLUMNS.items() if own in self.columns)

    @property
    def assumptions(self) -> Iterator[tuple[str, str, str]]:
        """The columns that are used, and the number of accounts that the table knows."""
        if not self.name:
            return
        known = f"{self.known:,} of {self.logins:,} logins in the ledger"
        yield "accounts table", f"{self.name}: {self.rows:,} rows, knows {known}", "--accounts FILE"
        used = ", ".join(f"{column} = {name}" for column, name in self.columns.items())
        yield "accounts columns", used, "accounts"

    @property
    def notes(self) -> Iterator[str]:
        """Remarks about the table, one sentence per remark."""
        if self.contradictory:
            yield (
                f"{self.name}: accounts with rows that contradict each other: "
                f"{self.contradictory:,}; the earliest time of creation and the first text in "
                "alphabetical order count"
            )
        if self.unread:
            yield (
                f"{self.name}: rows with a time of creation that cannot be read: {self.unread:,}; "
                "it is treated as not known"
            )


def join_accounts_table(
    engine: Engine, data: Path | ArrowData | None, settings: Settings
) -> AccountsTable:
    """Join the table to the accounts of the ledger, and return what was read.

    Makes ``given_accounts``, and the views ``account_devices``, ``account_payments`` and
    ``account_signups``, which hold what the events say and, for accounts of which they say nothing,
    what the table says. Without a table they hold what the events say.

    Args:
        engine: holds the ledger.
        data: a file, or an Arrow table or frame; None if there is no table.
        settings: the table's columns, and the time zone of times that carry none.

    Raises:
        AccountsTableError: the table cannot be read, or a column is missing.
        SettingsError: the key for pseudonyms cannot be used.
    """
    pseudonyms = bool(settings.privacy.pseudonym_key)
    load_key(engine, settings)
    if data is None:
        engine.run(NO_FILE)
        return _joined(engine, pseudonyms=pseudonyms)
    where = str(data) if isinstance(data, Path) else "the accounts table"
    try:
        table = open_table_file(engine, data, "accounts")
        columns = _view(engine, table, settings)
        return replace(_joined(engine, pseudonyms=pseudonyms), name=table.name, columns=columns)
    except SourceError as error:
        what = error.what.removeprefix("cannot be read: ")
        raise AccountsTableError(
            f"cannot be read: {what}", where=where, hint=error.hint or READ_HINT
        ) from error
    except EngineError as error:
        what = message(engine, error.what, data) if isinstance(data, Path) else error.what
        raise AccountsTableError(f"cannot be read: {what}", where=where, hint=READ_HINT) from error


def _view(engine: Engine, table: TableFile, settings: Settings) -> dict[str, str]:
    """Make the view ``account_file``, and return the table's own column names."""
    own = settings.accounts
    names = account_names(table, own)
    pseudonyms = bool(settings.privacy.pseudonym_key)
    account = _most_known(engine, table, names, pseudonyms=pseudonyms)
    columns = {"account": account, **find_account_columns(table, own)}
    engine.view("account_file", account_file_sql(table, columns, settings.events.time_zone))
    return columns


def _most_known(engine: Engine, table: TableFile, names: list[str], *, pseudonyms: bool) -> str:
    """Return the column whose values name most accounts of the ledger; the first among equals.

    A table often has both a number and a login for each account, and a log has one of them.
    """
    if len(names) == 1:
        return names[0]
    return max(names, key=lambda name: _known(engine, table, name, pseudonyms=pseudonyms))


def _known(engine: Engine, table: TableFile, name: str, *, pseudonyms: bool) -> int:
    text = id_text(identifier(name), table.types[name])
    if pseudonyms:
        text = pseudonym_sql("account", text)
    accounts = f"SELECT DISTINCT {text} AS account FROM {table.source}"  # noqa: S608 - quoted
    known = f"SELECT count(*) FROM ({accounts}) AS n JOIN accounts AS a ON a.account = n.account"  # noqa: S608 - as above
    return int(engine.rows(known)[0][0])


def _joined(engine: Engine, *, pseudonyms: bool) -> AccountsTable:
    horizon = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=1)
    rows_of = ROWS_OF_PSEUDONYMS if pseudonyms else ROWS_OF_ACCOUNTS
    engine.run(rows_of, {"horizon": horizon})
    for statement in JOINED:
        engine.run(statement)
    rows, known, contradictory, unread, logins = map(int, engine.rows(TABLE_TOTALS)[0])
    return AccountsTable(
        rows=rows, known=known, logins=logins, contradictory=contradictory, unread=unread
    )
