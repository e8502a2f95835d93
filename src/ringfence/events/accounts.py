"""SQL that names the account of a record: its login, a login or key in its URL, or the visitor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from ringfence.engine import literal
from ringfence.events.addresses import SPREAD_STEPS, TEXT_STEPS, bare, first_groups, network
from ringfence.events.proxies import client_sql
from ringfence.events.secrets import is_login_name, key_name_sql
from ringfence.events.sql_steps import SQLStep, in_steps, let, with_column
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

_SIGN: Final = r"[^0-9A-Za-z._*/+=-]|=[^=]|^[0-9]+\.[0-9.]*[-+=][^A-Za-z]*$|^[-+=][0-9]*\.[0-9.]*$"
"""Signs that are in no IPv4 address, host name, or code that stands for an address. Examples are a
space, or a plus sign after a dotted address. A text with such signs that is not an address names
nobody: the line was damaged, or read wrongly."""

_PORT: Final = r"^([^:\[\]]+):[0-9]{1,5}$"
ENCODED_TEXT: Final = (
    r"(?i)^(?:[^%]|%[2-6][0-9a-f]|%7[0-9a-e]|%c[2-9a-f]%[89ab][0-9a-f]|%d[0-9a-f]%[89ab][0-9a-f]"
    r"|%e0%[ab][0-9a-f]%[89ab][0-9a-f]|%e[1-9a-cef]%[89ab][0-9a-f]%[89ab][0-9a-f]"
    r"|%ed%[89][0-9a-f]%[89ab][0-9a-f]|%f0%[9ab][0-9a-f](?:%[89ab][0-9a-f]){2}"
    r"|%f[1-3](?:%[89ab][0-9a-f]){3}|%f4%8[0-9a-f](?:%[89ab][0-9a-f]){2})*$"
)
"""Percent-encoded UTF-8 without control characters."""


@dataclass(frozen=True)
class Identity:
    """Settings that decide which account a record belongs to.

    Attributes:
        key: as in ``account.key``.
        trusted: networks of the proxies that are believed.
        ipv6_prefix: bits of an IPv6 address that tell visitors apart, a multiple of 4.
        parameters: query parameters that hold a login or key; None for those of the item rules.
        pseudonyms: whether names are replaced by pseudonyms.
    """

    key: str = "auto"
    trusted: tuple[AnyNetwork, ...] = ()
    ipv6_prefix: int = 64
    parameters: tuple[str, ...] | None = None
    pseudonyms: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Build these rules from the settings."""
        account = settings.account
        trusted = parse_networks(settings.events.trusted_proxies)
        pseudonyms = bool(settings.privacy.pseudonym_key)
        return cls(account.key, trusted, account.ipv6_prefix, account.parameters, pseudonyms)


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
    listed = "forwarded IS NOT NULL" if "forwarded" in present else "FALSE"
    select = with_column(
        raw, f"COALESCE({listed} OR regexp_matches(ip, '{_SIGN}'), FALSE)", "unusual"
    )
    quick = first_groups("ip") if identity.ipv6_prefix in _QUICK else "''"
    quick = f"CASE WHEN unusual AND NOT {listed} AND contains(ip, ':') THEN {quick} END"
    select = with_column(select, quick, "address_groups")
    read = let(client_sql(identity.trusted), _spread, _written(identity.ipv6_prefix))
    slow = f"CASE WHEN unusual AND COALESCE(address_groups, '') = '' THEN {read} END"
    select = with_column(select, slow, "address_read")
    select = with_column(select, _client_ip(), "client_ip")
    return with_column(select, _origin(identity.ipv6_prefix), "origin")


def login_select(select: str, identity: Identity, defaults: Sequence[str]) -> str:
    """Build the SELECT that adds the column ``said_login``, the login of a record.

    Args:
        select: a SELECT with the raw columns, ``found``, the item that the rules found, and
            ``read_url``, the URL that it was found in.
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


def _spread(address: str) -> str:
    """Return a pair of an address as written and its full form, NULL if invalid."""
    return f"[{address}, {in_steps(f'[{address}]', (bare, *SPREAD_STEPS))}[1]]"


def _written(prefix: int) -> SQLStep:
    """Return the step from this pair to the pair of client address and origin."""

    def written(pair: str) -> str:
        address, spread = f"{pair}[1]", f"{pair}[2]"
        texts = in_steps(f"[{spread}, {network(spread, prefix)}]", TEXT_STEPS)
        origin = f"{texts}[1]" if prefix == _WHOLE else f"CONCAT({texts}[2], '/{prefix}')"
        plain = f"regexp_replace(NULLIF({address}, 'unknown'), '{_PORT}', '\\1')"
        name = f"CASE WHEN NOT regexp_matches({plain}, '{_SIGN}') THEN {plain} END"
        return (
            f"CASE WHEN {spread} IS NULL THEN [{name}, {name}] "
            f"WHEN starts_with({spread}, ':') THEN [{texts}[1], {origin}] "
            f"ELSE [{spread}, {spread}] END"
        )

    return written


def _client_ip() -> str:
    return (
        "CASE WHEN NOT unusual THEN NULLIF(ip, 'unknown') "
        "WHEN address_groups <> '' THEN ip ELSE address_read[1] END"
    )


def _origin(prefix: int) -> str:
    quick = "ip" if prefix == _WHOLE else "CONCAT(address_groups, ':/64')"
    return (
        "CASE WHEN NOT unusual THEN NULLIF(ip, 'unknown') "
        f"WHEN address_groups <> '' THEN {quick} ELSE address_read[2] END"
    )


def _raw_parameter(name: str) -> str:
    """Return SQL of the first value of a query parameter, as written; NULL if it is empty."""
    pattern = rf"^[^?#]*\?(?:[^#]*?&)??{re.escape(name)}=([^&#]*)"
    value = f"NULLIF(regexp_extract(read_url, {literal(pattern)}, 1), '')"
    return f"CASE WHEN login IS NULL AND contains(read_url, {literal(f'{name}=')}) THEN {value} END"


def _parameter_value(name: str, value: str) -> str:
    plain = f"REPLACE({value}, '+', ' ')"
    decoded = (
        f"CASE WHEN NOT contains({value}, '%') THEN {plain} "
        f"WHEN regexp_matches({value}, '{ENCODED_TEXT}') THEN url_decode({plain}) ELSE {value} END"
    )
    if is_login_name(name):
        return decoded
    return f"CASE WHEN {value} IS NOT NULL THEN {key_name_sql(decoded)} END"
