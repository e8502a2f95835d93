"""The SELECT that turns raw columns into events, for every format and both paths."""

from __future__ import annotations

from datetime import datetime

from ringfence.engine import literal
from ringfence.events import items
from ringfence.events.accounts import (
    Identity,
    account_sql,
    login_select,
    origin_select,
    visitor_sql,
)
from ringfence.events.pseudonyms import pseudonym_sql
from ringfence.events.secrets import masked_item_sql
from ringfence.events.sql_steps import with_column

EVENT_COLUMNS = (
    "ts",
    "account",
    "item",
    "surface",
    "group",
    "ip",
    "client",
    "bytes",
    "seconds",
    "device",
    "payment",
    "signed_up",
    "visitor",
    "outcome",
)
"""The columns of the relation ``events``, in order."""

_KINDS = dict.fromkeys(EVENT_COLUMNS, "VARCHAR") | {
    "ts": "TIMESTAMP",
    "signed_up": "TIMESTAMP",
    "bytes": "BIGINT",
    "seconds": "DOUBLE",
    "visitor": "BOOLEAN",
}
_NOTHING = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in _KINDS.items())

NO_EVENTS = f"SELECT * FROM (SELECT {_NOTHING}) AS nothing WHERE FALSE"  # noqa: S608 - own names
"""The relation ``events`` without a row."""

BAD = ("unreadable-time", "time-before-1970", "time-in-the-future")
"""Outcomes of lines that are wrong. All other outcomes belong to correct lines without a take."""

_FIRST_TIME = "CAST('1970-01-01' AS TIMESTAMP)"


def typing_select(  # noqa: PLR0913 - all that decides what a record means
    raw: str,
    time: str,
    identity: Identity,
    rules: items.Preset | None,
    *,
    signed_up: str = "CAST(signed_up AS TIMESTAMP)",
    seconds: str = "TRY_CAST(seconds AS DOUBLE)",
    present: frozenset[str],
    horizon: datetime,
    carried: tuple[str, ...] = (),
) -> str:
    """Build the SELECT that types raw records into events.

    Args:
        raw: a SELECT with the raw columns.
        time: SQL that types the raw column ``time`` as a UTC timestamp.
        identity: how the account is found.
        rules: how the item is read from the URL; None if the raw column ``item`` has it.
        signed_up: SQL that types the raw column ``signed_up`` as a UTC timestamp.
        seconds: SQL that types the raw column ``seconds`` as a number of seconds.
        present: the raw columns that the source has.
        horizon: UTC time without zone after which a time is in the future.
        carried: further columns of ``raw`` that are passed on unchanged, after the others.

    Returns:
        SQL in the subset that other engines share, with exactly :data:`EVENT_COLUMNS`.
    """
    more = "".join(f", {column}" for column in carried)
    outcome = _outcome(rules, present, horizon)
    select = with_column(raw, items.item_sql(rules) if rules else "item", "found_in_url")
    parameters = rules.parameters if rules else ()
    keys = (*parameters, *(identity.parameters or ()))
    select = with_column(select, masked_item_sql("found_in_url", keys), "found")
    select = login_select(origin_select(select, identity, present), identity, parameters)
    # Every part is made here or by the item rules, which quote the operator's patterns.
    columns = _named(time, signed_up, seconds, identity.key, rules)
    named = f"SELECT {columns}{more} FROM ({select}) AS step"  # noqa: S608
    typed = _typed(rules, horizon, pseudonyms=identity.pseudonyms)
    return f"SELECT {typed}, {outcome} AS outcome{more} FROM ({named}) AS named"  # noqa: S608


def _named(time: str, signed_up: str, seconds: str, key: str, rules: items.Preset | None) -> str:
    name = items.name_sql(rules) if rules else "found"
    return (
        f"{time} AS ts, {account_sql(key)} AS account, {name} AS item, "
        'surface AS raw_surface, "group" AS raw_group, client_ip AS ip, client, '
        f"TRY_CAST(bytes AS BIGINT) AS bytes, {seconds} AS seconds, "
        f"device, payment, {signed_up} AS raw_signed_up, {visitor_sql(key)} AS visitor, "
        "method, url, status"
    )


def _typed(rules: items.Preset | None, horizon: datetime, *, pseudonyms: bool) -> str:
    surface = _or_rule("raw_surface", items.surface_sql(rules) if rules else None)
    group = _or_rule("raw_group", items.group_sql(rules) if rules else None)
    # Many databases write the first day of 1970 for a date that is not known.
    known = f"BETWEEN CAST('1970-01-02' AS TIMESTAMP) AND {_timestamp(horizon)}"
    signed_up = f"CASE WHEN raw_signed_up {known} THEN raw_signed_up END"
    account, device, payment, visitor = _persons(pseudonyms=pseudonyms)
    return (
        f"CASE WHEN {usable_time('ts', horizon)} THEN ts END AS ts, "
        f'{account} AS account, item, {surface} AS surface, {group} AS "group", ip, client, bytes, '
        f"seconds, {device} AS device, {payment} AS payment, {signed_up} AS signed_up, "
        f"{visitor} AS visitor"
    )


def _persons(*, pseudonyms: bool) -> tuple[str, str, str, str]:
    """Return SQL of account, device, payment, and whether the account is a visitor."""
    if not pseudonyms:
        return "account", "device", "payment", "visitor"
    return (
        pseudonym_sql("account", "account"),
        pseudonym_sql("device", "device"),
        # The accounts table, too, has a hash of the token.
        pseudonym_sql("payment", "left(sha256(payment), 16)"),
        # The ledger sees by its name that an account is an address. A pseudonym does not show it.
        "COALESCE(visitor OR starts_with(account, ip), visitor)",
    )


def usable_time(time: str, horizon: datetime) -> str:
    """Return SQL of whether a time is one that the ledger can store: from 1970 to the horizon.

    Args:
        time: SQL of a UTC timestamp without zone.
        horizon: UTC time without zone after which a time is in the future.
    """
    return f"{time} BETWEEN {_FIRST_TIME} AND {_timestamp(horizon)}"


def _or_rule(column: str, rule: str | None) -> str:
    return f"COALESCE({column}, {rule})" if rule else column


def _outcome(rules: items.Preset | None, present: frozenset[str], horizon: datetime) -> str:
    tests = ("ts IS NULL", f"ts < {_FIRST_TIME}", f"ts > {_timestamp(horizon)}")
    cases = list(zip(tests, BAD, strict=True))
    if "status" in present:
        cases.append(("NOT COALESCE(status LIKE '2__' OR status = '304', FALSE)", "not-successful"))
    if rules:
        cases += _request_cases(rules)
    cases += [("item IS NULL", "no-item"), ("account IS NULL", "no-account")]
    return "CASE " + " ".join(f"WHEN {test} THEN '{name}'" for test, name in cases) + " END"


def _timestamp(moment: datetime) -> str:
    return f"CAST({literal(moment.isoformat(sep=' '))} AS TIMESTAMP)"


def _request_cases(rules: items.Preset) -> list[tuple[str, str]]:
    methods = ", ".join(literal(method) for method in rules.methods)
    return [
        (f"method IS NOT NULL AND method NOT IN ({methods})", "other-method"),
        ("url IS NULL", "no-request"),
        (items.proxy_sql(rules), "proxy-page"),
        (items.static_sql(rules), "static-asset"),
    ]
