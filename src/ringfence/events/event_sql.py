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
from ringfence.events.listings import (
    LIST_PAGE,
    is_listing_sql,
    listing_sql,
    records_sql,
    walked_sql,
)
from ringfence.events.page_loads import with_page_loads
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
    "records",
    "device",
    "payment",
    "signed_up",
    "listing",
    "walked",
    "referred",
    "assets",
    "visitor",
    "outcome",
)
"""The columns of the relation ``events``, in order."""

DERIVED_COLUMNS = ("listing", "walked", "referred", "assets", "visitor", "outcome")
"""The columns that no source has under a name of its own."""

_KINDS = dict.fromkeys(EVENT_COLUMNS, "VARCHAR") | {
    "ts": "TIMESTAMP",
    "signed_up": "TIMESTAMP",
    "bytes": "BIGINT",
    "seconds": "DOUBLE",
    "records": "BIGINT",
    "walked": "BOOLEAN",
    "referred": "BOOLEAN",
    "assets": "INTEGER",
    "visitor": "BOOLEAN",
}
_NOTHING = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in _KINDS.items())

NO_EVENTS = f"SELECT * FROM (SELECT {_NOTHING}) AS nothing WHERE FALSE"  # noqa: S608 - own names
"""The relation ``events`` without a row."""

MISSING_ITEM, REFUSED_ITEM = "item-missing", "item-refused"
"""Outcomes of requests for an item that does not exist, or that was refused."""

_FAILED_STATUS = {MISSING_ITEM: ("404", "410"), REFUSED_ITEM: ("403", "429", "451")}
"""Statuses of such requests (RFC 9110, RFC 6585, RFC 7725). 401 is left out: many programs are
asked for their password before every request."""

BAD = ("unreadable-time", "time-before-1970", "time-in-the-future")
"""Outcomes of lines that are wrong. All other outcomes belong to correct lines without a take."""

_SUCCESS = "COALESCE(status LIKE '2__' OR status = '304', FALSE)"

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
    if rules:
        select = items.item_select(raw, rules)
    else:
        # The URL can still name the account, however its client has written it.
        select = with_column(raw, "item", "found_in_url")
        select = with_column(select, items.cheap_plain_sql("url"), "read_url")
    parameters = rules.parameters if rules else ()
    keys = (*parameters, *(identity.parameters or ()))
    select = with_column(select, masked_item_sql("found_in_url", keys), "found")
    select = login_select(origin_select(select, identity, present), identity, parameters)
    # Every part is made here or by the item rules, which quote the operator's patterns.
    columns = _named(time, signed_up, seconds, identity.key, rules)
    named = f"SELECT {columns}{more} FROM ({select}) AS step"  # noqa: S608
    with_lists = with_column(named, _is_listing(rules, present), "is_listing")
    with_records = with_column(with_lists, records_sql(rules), "records")
    typed = _typed(rules, horizon, pseudonyms=identity.pseudonyms)
    read = f"SELECT {typed}, {outcome} AS outcome{more} FROM ({with_records}) AS named"  # noqa: S608
    return with_page_loads(read, rules, present, EVENT_COLUMNS, carried)


def _named(time: str, signed_up: str, seconds: str, key: str, rules: items.Preset | None) -> str:
    name = items.name_sql(rules) if rules else "found"
    return (
        f"{time} AS ts, {account_sql(key)} AS account, {name} AS item, "
        'surface AS raw_surface, "group" AS raw_group, client_ip AS ip, client, '
        f"TRY_CAST(bytes AS BIGINT) AS bytes, {seconds} AS seconds, "
        "TRY_CAST(records AS BIGINT) AS known_records, "
        f"device, payment, {signed_up} AS raw_signed_up, {visitor_sql(key)} AS visitor, "
        "method, read_url AS url, status, referrer, assets"
    )


def _is_listing(rules: items.Preset | None, present: frozenset[str]) -> str:
    """Return SQL of whether a request was answered with a page of a list."""
    lists = is_listing_sql(rules, records="records" in present)
    if lists is None:
        return "FALSE"
    success = f" AND {_SUCCESS}" if "status" in present else ""
    return f"COALESCE({lists}{success}, FALSE)"


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
        f"seconds, records, {device} AS device, {payment} AS payment, {signed_up} AS signed_up, "
        f"CASE WHEN is_listing THEN {listing_sql(rules)} END AS listing, "
        f"CASE WHEN is_listing THEN {walked_sql(rules)} END AS walked, {visitor} AS visitor, "
        "url, referrer, assets"
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
    requests = _request_cases(rules) if rules else []
    if "status" in present:
        cases += _failed_cases(requests)
    cases += requests
    cases += [
        ("item IS NULL AND is_listing AND account IS NOT NULL", LIST_PAGE),
        ("item IS NULL", "no-item"),
        ("account IS NULL", "no-account"),
    ]
    return "CASE " + " ".join(f"WHEN {test} THEN '{name}'" for test, name in cases) + " END"


def _failed_cases(requests: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the cases of requests without success, those for an item first.

    Args:
        requests: the cases of requests that are for no item.
    """
    of_item = " AND ".join(
        [
            "item IS NOT NULL AND account IS NOT NULL",
            *(f"NOT COALESCE({test}, FALSE)" for test, _ in requests),
        ]
    )
    failed = [
        (f"status IN ({', '.join(map(literal, statuses))}) AND {of_item}", name)
        for name, statuses in _FAILED_STATUS.items()
    ]
    return [*failed, (f"NOT {_SUCCESS}", "not-successful")]


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
