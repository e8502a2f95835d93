"""Forget an account, or everything before a date, so that it is not in the ledger's file any more.

A database keeps the bytes of deleted rows in its file for some time. So what remains is copied to a
new file, which then takes the place of the old one. A crash leaves the old file or the new one.
While this lasts, no other process can open the ledger for writing.

Rows are divided by account within each *part* of the ledger: the rows of one recent source, or the
merged rows of all older sources. The parts decide how exactly something can be forgotten:

- An account is forgotten completely, because every row about it has its key.
- By date, an account leaves a part if it took nothing in this part since the date. So a source that
  ends before the date is removed whole.
- An account that took items before and since the date stays in the part. Its hours before the date
  go, and so do items that it did not take since. Its events are counted per client and network
  without dates, so these counts still include the earlier ones.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ringfence.engine import Engine, open_engine
from ringfence.engine.quoting import identifier, literal
from ringfence.errors import EngineError, LedgerError
from ringfence.ledger.folded_sources import FORGET_LEARNED_RULES
from ringfence.ledger.pseudonyms import check_names
from ringfence.ledger.refusal import TO_READ, cannot_open, check_file, check_links
from ringfence.ledger.remaining_rows import (
    DIVIDED,
    FORGOTTEN,
    KEY_OF_ACCOUNT,
    REMAINING_PAIRS,
    ROWS_OF_OTHERS,
    ROWS_SINCE,
    RemainingRows,
    select_of,
)
from ringfence.ledger.tables import ALWAYS, CREATE, OLDER_VERSIONS, SCHEMA_VERSION, STORED_TABLES
from ringfence.ledger.used_hours import first_day_kept
from ringfence.private_files import new_place, remove_partial_files
from ringfence.pseudonym_key import name_in_use, open_key
from ringfence.settings import Settings
from ringfence.stats.seconds import HOUR

_NEW: Final = "ringfence_new_ledger"
"""The name of the new file in statements."""

_FACTS: Final = "SELECT name, value FROM facts"

_Values = Mapping[str, int | list[str]]


@dataclass(frozen=True)
class ForgetResult:
    """The rows that were forgotten, counted.

    Attributes:
        sources: number of sources that were removed whole.
        accounts: number of accounts that are not in the ledger any more.
        holdings: number of rows that said that an account took an item.
        divided: number of accounts that stay, and whose counts per client, network, surface, device
            and payment still include events before the date.
    """

    sources: int
    accounts: int
    holdings: int
    divided: int = 0

    @property
    def changed(self) -> bool:
        """Whether anything was forgotten."""
        return bool(self.sources or self.accounts or self.holdings)


def forget_account(path: Path, account: str, settings: Settings) -> ForgetResult:
    """Erase an account from a ledger, with the items that nobody else took.

    Every table then equals that of a ledger of the same logs without the account. Only the counts
    of lines per source stay as they are, and an item in several groups keeps its group. Lines that
    could not be read go if they contain the account's name.

    Args:
        path: the ledger file.
        account: name of the account, as the ledger has it, or its real name.
        settings: memory limit, threads and scratch folder of the engine.

    Raises:
        LedgerError: the file is not a ledger or is in use, it does not know the account, or it has
            pseudonyms of another key.
        SettingsError: the key for pseudonyms cannot be used.
    """
    key_file = settings.privacy.pseudonym_key
    account = name_in_use(account, key_file)
    with _opened(path, settings) as engine:
        check_names(dict(engine.rows(_FACTS)), open_key(key_file), str(path))
        keys = engine.rows(KEY_OF_ACCOUNT, {"account": account})
        if not keys:
            raise LedgerError(
                "knows no account of this name",
                where=str(path),
                hint="give the name as reports show it; a visitor's name has its address",
            )
        values = {"key": keys[0][0], "spellings": spellings(account)}
        return _forget(engine, path, ROWS_OF_OTHERS, values)


def forget_before(path: Path, day: date, settings: Settings) -> ForgetResult:
    """Forget what was taken before a date.

    If no part of the ledger has takes both before and since the date, every table then equals that
    of a ledger of the remaining sources.

    Args:
        path: the ledger file.
        day: the first day that is kept, UTC.
        settings: memory limit, threads and scratch folder of the engine.

    Raises:
        LedgerError: the file is not a ledger, or is in use.
    """
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    values = {"begin": max(begin, 0), "hour": max(begin, 0) // HOUR}
    with _opened(path, settings) as engine:
        return _forget(engine, path, ROWS_SINCE, values)


def keep_last_days(path: Path, days: int, settings: Settings) -> ForgetResult:
    """Forget what was taken before the last days of a ledger, as :func:`forget_before` does.

    Args:
        path: the ledger file.
        days: number of days that are kept, at least 1. The last one is the day of the last
            event, or today if today is earlier.
        settings: as for :func:`forget_before`.

    Raises:
        LedgerError: the file is not a ledger, or is in use.
    """
    with _opened(path, settings) as engine:
        day = first_day_kept(engine, days, time.time())
    return forget_before(path, day, settings) if day else ForgetResult(0, 0, 0)


def _opened(path: Path, settings: Settings) -> Engine:
    """Open the file of a ledger so that no other process can open it.

    Raises:
        LedgerError: there is no such file, it is not a ledger, or it is in use.
    """
    try:
        if not path.exists():
            raise LedgerError("there is no such file", where=str(path), hint=TO_READ)
        check_file(path, TO_READ)
        # One of them may be a second name of the ledger.
        remove_partial_files(path.parent)
        check_links(path)
        engine = open_engine(settings.engine, path)
    except (EngineError, OSError) as error:
        raise cannot_open(path, error) from error
    try:
        _check_ledger(engine, path)
    except BaseException:
        engine.close()
        raise
    return engine


def _check_ledger(engine: Engine, path: Path) -> None:
    if not engine.tables() >= ALWAYS:
        raise LedgerError("is a database, but not a ledger", where=str(path), hint=TO_READ)
    version = dict(engine.rows(_FACTS)).get("schema version")
    if version not in {str(SCHEMA_VERSION), *OLDER_VERSIONS}:
        raise LedgerError(
            f"was made with schema version {version}, and this version writes {SCHEMA_VERSION}",
            where=str(path),
            hint="start a new ledger file and scan the logs again",
        )


def spellings(account: str) -> list[str]:
    """Return the forms in which a line of a log may have the name of an account."""
    escaped = (json.dumps(account, ensure_ascii=only)[1:-1] for only in (True, False))
    return sorted({account, *escaped, quote(account), quote(account, safe="")})


def _forget(engine: Engine, path: Path, rows: RemainingRows, values: _Values) -> ForgetResult:
    """Replace the ledger's file by one with the remaining rows, if any rows are to be forgotten."""
    pairs, forgotten = (
        one.format(remains=rows.holding, lists=rows.listing) for one in (REMAINING_PAIRS, FORGOTTEN)
    )
    engine.run(pairs, _used(pairs, values))
    sources, accounts, holdings = engine.rows(forgotten, _used(forgotten, values))[0]
    divided = engine.rows(DIVIDED, _used(DIVIDED, values))[0][0] if rows.by_date else 0
    result = ForgetResult(sources, accounts, holdings, divided)
    if result.changed:
        try:
            # A killed process may have left a log beside the file, which must not outlive the file.
            engine.run("CHECKPOINT")
            with new_place(path) as place:
                _copy(engine, place, rows, values)
        except (EngineError, OSError) as error:
            raise cannot_open(path, error) from error
    return result


def _copy(engine: Engine, place: Path, rows: RemainingRows, values: _Values) -> None:
    """Write the rows that remain to a new ledger file."""
    old = identifier(engine.rows("SELECT current_database()")[0][0])
    there = engine.tables()
    engine.run(f"ATTACH {literal(str(place.absolute()))} AS {_NEW}")
    engine.run(f"USE {_NEW}")
    for statement in CREATE:
        engine.run(statement)
    engine.run(f"USE {old}")
    with engine.transaction():
        for name in STORED_TABLES:
            # A file of an older version lacks some.
            if name in there:
                query = f"INSERT INTO {_NEW}.{name} BY NAME {select_of(name, rows)}"
                engine.run(query, _used(query, values))
    engine.run(f"USE {_NEW}")
    if rows.by_date:
        engine.run(FORGET_LEARNED_RULES)
    engine.run(f"CHECKPOINT {_NEW}")
    engine.run(f"USE {old}")
    engine.run(f"DETACH {_NEW}")


def _used(query: str, values: _Values) -> dict[str, int | list[str]]:
    """Return the parameters that a statement has; the database refuses others."""
    return {name: value for name, value in values.items() if f"${name}" in query}
