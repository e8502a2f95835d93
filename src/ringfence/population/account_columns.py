"""Find the columns of the accounts table: as set, else under a usual name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from ringfence.engine import identifier
from ringfence.errors import AccountsTableError
from ringfence.events.formats.times import native_time
from ringfence.events.table_files import TableFile, id_text
from ringfence.settings import AccountsTableSettings
from ringfence.suggestions import did_you_mean

USUAL_ACCOUNT_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "account": (
        "account",
        "accountid",
        "login",
        "user",
        "userid",
        "username",
        "customer",
        "customerid",
        "member",
        "memberid",
        "subscriber",
        "subscriberid",
        "patron",
        "patronid",
        "apikey",
        "id",
    ),
    "created": (
        "created",
        "createdat",
        "accountcreated",
        "accountcreatedat",
        "signedup",
        "signedupat",
        "signup",
        "signupat",
        "signupdate",
        "signuptime",
        "registered",
        "registeredat",
        "registrationdate",
        "datejoined",
        "joined",
        "joinedat",
        "since",
    ),
    "plan": ("plan", "planid", "planname", "tier", "subscription", "tariff", "accounttype"),
    "country": ("country", "countrycode", "market"),
    "payment": (
        "payment",
        "paymenttoken",
        "paymentid",
        "paymentmethodid",
        "paymentfingerprint",
        "cardfingerprint",
    ),
    "device": ("device", "deviceid", "deviceuuid", "devicefingerprint"),
    "display_name": ("displayname", "name", "fullname", "accountname", "label"),
    "status": ("status", "accountstatus", "state"),
}
"""Usual names of each column, preferred first, in lower case without signs."""

LONGEST_TEXT: Final = 200
"""Characters kept of a plan, country, display name or status."""

_TEXTS: Final = ("plan", "country", "display_name", "status")
_NAMES_SHOWN: Final = 30

_DATE_LENGTH: Final = 10
"""Characters of a date, such as 2026-03-09. A time with a date has more, or is a number."""


def find_account_columns(table: TableFile, settings: AccountsTableSettings) -> dict[str, str]:
    """Return the table's own name of each column that it has, without that of the account.

    Names are compared without case and signs, so that ``Display Name`` is ``display_name``.

    Raises:
        AccountsTableError: a column that is set is missing.
    """
    found = {}
    for column in USUAL_ACCOUNT_COLUMNS.keys() - {"account"}:
        if names := _candidates(table, column, settings):
            found[column] = names[0]
    return {column: found[column] for column in USUAL_ACCOUNT_COLUMNS if column in found}


def account_names(table: TableFile, settings: AccountsTableSettings) -> list[str]:
    """Return the columns that may hold the account: the one that is set, or those of usual names.

    Raises:
        AccountsTableError: there is none.
    """
    names = _candidates(table, "account", settings)
    if not names:
        raise AccountsTableError(
            f"no column is known to hold the account; the columns are {_listing(table.types)}",
            where=table.name,
            hint="name it with accounts.account",
        )
    return names


def _candidates(table: TableFile, column: str, settings: AccountsTableSettings) -> list[str]:
    named: str = getattr(settings, column)
    if named and named not in table.types:
        raise _missing(table, named, f"accounts.{column}")
    if named:
        return [named]
    plain: dict[str, str] = {}
    for name in table.types:
        plain.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), name)
    return [plain[usual] for usual in USUAL_ACCOUNT_COLUMNS[column] if usual in plain]


def account_file_sql(table: TableFile, found: Mapping[str, str], zone: str) -> str:
    """Return a SELECT with exactly the columns of :data:`USUAL_ACCOUNT_COLUMNS`, and ``unread``.

    ``created`` is a UTC timestamp without zone. A date without a time gives midnight UTC, so that
    it stays this date. ``unread`` is whether a time is there that cannot be read. All else is text;
    an empty text and ``-`` are NULL. Of a payment token, the text is the first 64 bits of its
    SHA-256, as in the ledger.

    Args:
        table: the table.
        found: the table's own column names, see :func:`find_account_columns`.
        zone: zone of times that carry none.
    """
    texts = {column: id_text(identifier(name), table.types[name]) for column, name in found.items()}
    columns = {column: _filled(texts[column]) for column in found}
    columns |= {one: f"left({columns[one]}, {LONGEST_TEXT})" for one in _TEXTS if one in columns}
    columns["unread"] = "FALSE"
    if name := found.get("created"):
        time = _created(identifier(name), table.types[name], zone)
        columns |= {
            "created": time,
            "unread": f"{columns['created']} IS NOT NULL AND {time} IS NULL",
        }
    if "payment" in found:
        columns["payment"] = f"left(sha256({columns['payment']}), 16)"
    none = {"created": "CAST(NULL AS TIMESTAMP)"}
    listed = ", ".join(
        f"{columns.get(one) or none.get(one, 'CAST(NULL AS VARCHAR)')} AS {one}"
        for one in (*USUAL_ACCOUNT_COLUMNS, "unread")
    )
    return f"SELECT {listed} FROM {table.source}"  # noqa: S608 - quoted


def _filled(text: str) -> str:
    return f"nullif(nullif({text}, ''), '-')"


def _missing(table: TableFile, named: str, setting: str) -> AccountsTableError:
    similar = did_you_mean(named, table.types)
    return AccountsTableError(
        f"no column {named!r}; the columns are {_listing(table.types)}",
        where=table.name,
        hint=f"{similar} Change {setting}".lstrip() if similar else f"change {setting}",
    )


def _listing(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _NAMES_SHOWN} more" if len(listed) > _NAMES_SHOWN else ""
    return (", ".join(name[:60] for name in listed[:_NAMES_SHOWN]) or "(none)") + more


def _created(column: str, kind: str, zone: str) -> str:
    """Return SQL that reads a time, or a date, which has no zone."""
    time = native_time(column, kind, zone)
    if kind == "DATE":
        return native_time(column, kind, "UTC")
    if kind != "VARCHAR" or zone == "UTC":
        return time
    date = native_time(column, kind, "UTC")
    return f"CASE WHEN length(trim({column})) <= {_DATE_LENGTH} THEN {date} ELSE {time} END"
