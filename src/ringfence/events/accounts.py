"""SQL that names the account of a record: its login, a login or key in its URL, or the visitor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from ringfence.engine import literal
from ringfence.events.addresses import SPREAD_STEPS, TEXT_STEPS, bare, first_groups, network
from ringfence.events.proxies import client_select
from ringfence.events.secrets import is_login_name, key_name_sql
from ringfence.events.sql_steps import with_column
from ringfence.model.networks import AnyNetwork, parse_networks
from ringfence.settings import Settings

_VISITOR: Final = (
    "CASE WHEN origin IS NULL THEN NULL WHEN client IS NULL THEN origin "
    "ELSE CONCAT(origin, ' ', SUBSTRING(MD5(client), 1, 8)) END"
)
_ACCOUNTS: Final = {
    "auto": f"CASE WHEN said_login IS NOT NULL THEN said_login ELSE {_VISITOR} END",
    "login": "said_login",
    "address": "origin",
    "visitor": _VISITOR,
}
_LOGIN_KEYS: Final = ("auto", "login")
_WHOLE: Final = 128
_QUICK: Final = (64, _WHOLE)
"""Prefixes for which the first four groups of an address are enough."""

_PORT: Final = r"^([^:\[\]]+):[0-9]{1,5}$"
_ENCODED: Final = (
    r"(?i)^(?:[^%]|%[2-6][0-9a-f]|%7[0-9a-e]|%c[2-9a-f]%[89ab][0-9a-f]|%d[0-9a-f]%[89ab][0-9a-f]"
    r"|%e0%[ab][0-9a-f]%[89ab][0-9a-f]|%e[1-9a-cef]%[89ab][0-9a-f]%[89ab][0-9a-f]"
    r"|%ed%[89][0-9a-f]%[89ab][0-9a-f]|%f0%[9ab][0-9a-f](?:%[89ab][0-9a-f]){2}"
    r"|%f[1-3](?:%[89ab][0-9a-f]){3}|%f4%8[0-9a-f](?:%[89ab][0-9a-f]){2})*$"
)
"""Percent-encoded UTF-8 without control characters."""


@dataclass(frozen=True)
class Identity:
    """The way in which the account of a record is found.

    Attributes:
        key: as in ``account.key``.
        trusted: networks of the proxies that are believed.
        ipv6_prefix: bits of an IPv6 address that tell visitors apart, a multiple of 4.
        parameters: query parameters that hold a login or key; None for those of the item rules.
    """

    key: str = "auto"
    trusted: tuple[AnyNetwork, ...] = ()
    ipv6_prefix: int = 64
    parameters: tuple[str, ...] | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return what the settings say."""
        account = settings.account
        trusted = parse_networks(settings.events.trusted_proxies)
        return cls(account.key, trusted, account.ipv6_prefix, account.parameters)


def origin_select(raw: str, identity: Identity, present: frozenset[str]) -> str:
    """Build the SELECT that adds the columns ``client_ip`` and ``origin`` to raw records.

    Args:
        raw: a SELECT with the raw columns.
        identity: which proxies are believed, and which part of an IPv6 address counts.
        present: the raw columns that the source has.

    Returns:
        SQL. ``client_ip`` is the client's address in its canonical text. Another text, such as a
        host name, stays as it is, without port. ``origin`` tells visitors apart: the
        same, or an IPv6 network such as ``2001:db8:1:2::/64``.
    """
    signs = " OR ".join(f"contains(ip, '{sign}')" for sign in ":,% ")
    listed = "forwarded IS NOT NULL OR " if "forwarded" in present else ""
    select = with_column(raw, f"COALESCE({listed}{signs}, FALSE)", "unusual")
    select = client_select(select, identity.trusted, "unusual")
    quick = first_groups("address") if identity.ipv6_prefix in _QUICK else "''"
    select = _if_unusual(select, quick, "address_groups")
    select = _if_unusual(
        select, f"CASE WHEN address_groups = '' THEN {bare('address')} END", "address_alone"
    )
    column = "address_ipv6"
    select = _if_unusual(
        select, "CASE WHEN contains(address_alone, ':') THEN address_alone END", column
    )
    for number, step in enumerate(SPREAD_STEPS):
        select, column = _if_unusual(select, step(column), f"spread_{number}"), f"spread_{number}"
    select = _if_unusual(select, network(column, identity.ipv6_prefix), "spread_network")
    select = _written(select, column, "address_text")
    select = _written(select, "spread_network", "address_prefix")
    select = with_column(select, _client_ip(), "client_ip")
    return with_column(select, _origin(column, identity.ipv6_prefix), "origin")


def login_select(select: str, identity: Identity, defaults: Sequence[str]) -> str:
    """Build the SELECT that adds the column ``said_login``, the login of a record.

    Args:
        select: a SELECT with the raw columns and ``found``, the item that the rules found.
        identity: the parameters whose login or key counts where the source names no login.
        defaults: the parameters of the item rules. They count where these find an item.

    Returns:
        SQL. The values of parameters are percent-decoded once. Keys are hashed.
    """
    names = defaults if identity.parameters is None else identity.parameters
    if not names or identity.key not in _LOGIN_KEYS:
        return with_column(select, "login", "said_login")
    for number, name in enumerate(names):
        select = with_column(select, _raw_parameter(name), f"parameter_{number}")
    values = [_parameter_value(name, f"parameter_{n}") for n, name in enumerate(names)]
    said = f"COALESCE({', '.join(values)})"
    if identity.parameters is None:
        said = f"CASE WHEN found IS NOT NULL THEN {said} END"
    said = f"CASE WHEN login IS NOT NULL THEN login ELSE {said} END"
    return with_column(select, said, "said_login")


def account_sql(key: str) -> str:
    """Return SQL over the columns of both SELECTs: the account's name, or NULL."""
    return _ACCOUNTS[key]


def visitor_sql(key: str) -> str:
    """Return SQL over the same columns: whether the account is a visitor."""
    return "said_login IS NULL" if key == "auto" else "FALSE" if key == "login" else "TRUE"


def nameless_sql(key: str) -> str:
    """Return SQL over the same columns: whether there is no account.

    The engine moves filters on it down to the source, and copies all steps that it depends on.
    Therefore it depends on few: an account is named if there is a login or an address.
    """
    missing = {"auto": "said_login IS NULL AND address IS NULL", "login": "said_login IS NULL"}
    return f"({missing.get(key, 'address IS NULL')})"


def _if_unusual(select: str, expression: str, name: str) -> str:
    """Add a column that is computed only for what may not be a plain address."""
    return with_column(select, f"CASE WHEN unusual THEN {expression} END", name)


def _written(select: str, spread: str, name: str) -> str:
    column = spread
    for number, step in enumerate(TEXT_STEPS):
        select, column = _if_unusual(select, step(column), f"{name}_{number}"), f"{name}_{number}"
    return with_column(select, column, name)


def _client_ip() -> str:
    return (
        "CASE WHEN NOT unusual OR address_groups <> '' THEN address "
        "WHEN address_text IS NOT NULL THEN address_text "
        "WHEN address_alone IS NOT NULL AND address_ipv6 IS NULL THEN address_alone "
        f"ELSE regexp_replace(address, '{_PORT}', '\\1') END"
    )


def _origin(spread: str, prefix: int) -> str:
    if prefix == _WHOLE:
        return "client_ip"
    quick = "WHEN address_groups <> '' THEN CONCAT(address_groups, ':/64') "
    return (
        f"CASE WHEN NOT unusual THEN client_ip {quick}"
        f"WHEN starts_with({spread}, ':') THEN CONCAT(address_prefix, '/{prefix}') "
        "ELSE client_ip END"
    )


def _raw_parameter(name: str) -> str:
    """Return SQL of the first value of a query parameter, as written; NULL if it is empty."""
    pattern = rf"^[^?#]*\?(?:[^#]*?&)??{re.escape(name)}=([^&#]*)"
    value = f"NULLIF(regexp_extract(url, {literal(pattern)}, 1), '')"
    return f"CASE WHEN login IS NULL AND contains(url, {literal(f'{name}=')}) THEN {value} END"


def _parameter_value(name: str, value: str) -> str:
    plain = f"REPLACE({value}, '+', ' ')"
    decoded = (
        f"CASE WHEN NOT contains({value}, '%') THEN {plain} "
        f"WHEN regexp_matches({value}, '{_ENCODED}') THEN url_decode({plain}) ELSE {value} END"
    )
    if is_login_name(name):
        return decoded
    return f"CASE WHEN {value} IS NOT NULL THEN {key_name_sql(decoded)} END"
