"""SQL that reads one network address, and gives every spelling of it one text.

The steps are functions from SQL to SQL. Each one takes the name of the column, or of the lambda
parameter, that has the result of the step before. A *spread* address is dotted IPv4, or all eight
groups of IPv6 with a colon before each and without leading zeros. An IPv4 address inside an IPv6
address (``::ffff:192.0.2.1``) is the IPv4 address. The text of an IPv6 address follows RFC 5952.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from ringfence.events.sql_steps import let
from ringfence.model.networks import AnyNetwork

_HEX: Final = "0123456789abcdef"
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4: Final = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_PORT: Final = r"(?::[0-9]{1,5})?"
_IPV4_PART: Final = rf"^({_IPV4})(?:%[^:]*)?{_PORT}$"
_IPV6: Final = rf":?(?:[0-9a-fA-F]{{0,4}}:){{1,7}}(?:{_IPV4}|[0-9a-fA-F]{{1,4}}|:)?"
_IPV6_PART: Final = rf"^\[?({_IPV6})(?:%[^\]]*)?\]?{_PORT}$"
_PLAIN_IPV6: Final = r"^[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}$"
_EIGHT: Final = r"^(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}$"
_GROUP: Final = r"[1-9a-f][0-9a-f]{0,3}"
_MAPPED: Final = ":0:0:0:0:0:ffff:"
_KEY_LENGTHS: Final = {4: 12, 6: 32}


def first_groups(text: str) -> str:
    """Return SQL of the first four groups of an IPv6 address without zero groups.

    Most clients' addresses are such, and are written in the canonical way, so that they need none
    of the steps. The result ends in a colon. It is empty for other texts.
    """
    pattern = rf"^((?:{_GROUP}:){{4}})(?:{_GROUP}:){{3}}{_GROUP}$"
    return f"regexp_extract({text}, '{pattern}', 1)"


def bare(text: str) -> str:
    """Return SQL of an address without port, brackets and scope; NULL if it is not an address."""
    trimmed = f"TRIM({text})"
    ipv4 = f"NULLIF(regexp_extract({trimmed}, '{_IPV4_PART}', 1), '')"
    ipv6 = f"NULLIF(regexp_extract({trimmed}, '{_IPV6_PART}', 1), '')"
    return (
        f"CASE WHEN NOT contains({text}, ':') THEN {ipv4} "
        f"WHEN regexp_matches({text}, '{_PLAIN_IPV6}') THEN {text} "
        f"WHEN contains({text}, '.') THEN COALESCE({ipv4}, {ipv6}) ELSE {ipv6} END"
    )


def _hexadecimal(address: str) -> str:
    """Write the IPv4 ending of an IPv6 address as two groups, and everything in lower case."""
    ending = f"regexp_extract({address}, '([^:]*)$', 1)"
    octets = [f"CAST(SPLIT_PART({ending}, '.', {n}) AS INTEGER)" for n in range(1, 5)]
    digits = [f"{_digit(f'{octet} // 16')}, {_digit(f'{octet} % 16')}" for octet in octets]
    head = f"regexp_extract({address}, '^(.*:)', 1)"
    whole = f"CONCAT({head}, {digits[0]}, {digits[1]}, ':', {digits[2]}, {digits[3]})"
    mixed = f"contains({address}, ':') AND contains({address}, '.')"
    return f"CASE WHEN {mixed} THEN LOWER({whole}) ELSE LOWER({address}) END"


def _eight(groups: str) -> str:
    """Write all eight groups of an IPv6 address; NULL if it is not one."""
    colons = f"(LENGTH({groups}) - LENGTH(REPLACE({groups}, ':', '')))"
    first = f"CASE WHEN starts_with({groups}, '::') THEN '0' ELSE '' END"
    last = f"CASE WHEN RIGHT({groups}, 2) = '::' THEN '0' ELSE '' END"
    zeros = f"CONCAT(':', REPEAT('0:', CAST(8 - {colons} AS INTEGER)))"
    filled = f"CONCAT({first}, REPLACE({groups}, '::', {zeros}), {last})"
    outside = f"(starts_with({groups}, '::') OR RIGHT({groups}, 2) = '::')"
    return (
        f"CASE WHEN NOT contains({groups}, ':') OR NOT contains({groups}, '::') THEN {groups} "
        f"WHEN {colons} < 8 OR {colons} = 8 AND {outside} THEN {filled} END"
    )


def _stripped(eight: str) -> str:
    """Remove leading zeros; NULL if it is not an address."""
    short = f"regexp_replace(CONCAT(':', {eight}), ':0{{1,3}}([0-9a-f])', ':\\1', 'g')"
    return (
        f"CASE WHEN contains({eight}, '.') THEN {eight} "
        f"WHEN regexp_matches({eight}, '{_EIGHT}') THEN {short} END"
    )


def _unmapped(groups: str) -> str:
    """Take an IPv4 address out of the IPv6 address that contains it."""
    digits = f"CONCAT({_group(groups, 7)}, {_group(groups, 8)})"
    values = [f"{_value(digits, n)} * 16 + {_value(digits, n + 1)}" for n in (1, 3, 5, 7)]
    dotted = ", '.', ".join(f"CAST({value} AS VARCHAR)" for value in values)
    return f"CASE WHEN starts_with({groups}, '{_MAPPED}') THEN CONCAT({dotted}) ELSE {groups} END"


SPREAD_STEPS: Final = (_hexadecimal, _eight, _stripped, _unmapped)
"""The steps from a bare address to a spread one; NULL if it is not an address."""


def _compressed(spread: str) -> str:
    """Replace the first longest run of at least two zero groups by two colons."""
    runs = [":0" * count for count in range(8, 1, -1)]
    cases = " ".join(
        f"WHEN contains({spread}, '{run}') THEN regexp_replace({spread}, '{run}', '::')"
        for run in runs
    )
    return f"CASE WHEN NOT contains({spread}, ':0:0') THEN {spread} {cases} END"


def _trimmed(compressed: str) -> str:
    """Remove the colon before the first group, and the third colon of a run of zeros."""
    twice = f"REPLACE({compressed}, ':::', '::')"
    return (
        f"CASE WHEN starts_with({twice}, '::') OR NOT starts_with({twice}, ':') THEN {twice} "
        f"ELSE SUBSTRING({twice}, 2) END"
    )


TEXT_STEPS: Final = (_compressed, _trimmed)
"""The steps from a spread address to its text."""


def network(spread: str, prefix: int) -> str:
    """Return SQL of the first address, spread, of the network that a spread address is in.

    Args:
        spread: a spread IPv6 address.
        prefix: bits of the network, a multiple of 4.
    """
    whole, rest = divmod(prefix, 16)
    kept = f"regexp_extract({spread}, '^(?::[0-9a-f]+){{{whole}}}', 0)"
    if not rest:
        return f"CONCAT({kept}, '{':0' * (8 - whole)}')"
    digits = f"CONCAT(LEFT({_group(spread, whole + 1)}, {rest // 4}), '{'0' * (4 - rest // 4)}')"
    part = f"COALESCE(NULLIF(LTRIM({digits}, '0'), ''), '0')"
    return f"CONCAT({kept}, ':', {part}, '{':0' * (7 - whole)}')"


def key(spread: str) -> str:
    """Return SQL of the digits of a spread address: 12 decimal ones, or 32 hexadecimal ones.

    Networks are ranges of keys.
    """
    ipv4 = ", ".join(f"LPAD(SPLIT_PART({spread}, '.', {n}), 3, '0')" for n in range(1, 5))
    ipv6 = ", ".join(_group(spread, n) for n in range(1, 9))
    return (
        f"CASE WHEN contains({spread}, '.') THEN CONCAT({ipv4}) "
        f"WHEN {spread} IS NOT NULL THEN CONCAT({ipv6}) END"
    )


def is_in(key: str, networks: Sequence[AnyNetwork]) -> str:
    """Return SQL: whether a key is in one of the networks."""
    if not networks:
        return "FALSE"
    ranges = (f"'{digits_of(one[0])}' AND '{digits_of(one[-1])}'" for one in networks)
    tests = (
        f"LENGTH({key}) = {_KEY_LENGTHS[one.version]} AND {key} BETWEEN {ends}"
        for one, ends in zip(networks, ranges, strict=True)
    )
    return "(" + " OR ".join(tests) + ")"


def digits_of(address: IPv4Address | IPv6Address) -> str:
    """Return the digits of an address, as :func:`key` has them."""
    if isinstance(address, IPv4Address):
        return "".join(f"{octet:03}" for octet in address.packed)
    return address.packed.hex()


def spread_sql(text: str) -> str:
    """Return SQL of the spread form of an address as written; NULL if it is not an address."""
    return let(text, bare, *SPREAD_STEPS)


def _digit(value: str) -> str:
    return f"SUBSTRING('{_HEX}', {value} + 1, 1)"


def _group(spread: str, number: int) -> str:
    return f"LPAD(SPLIT_PART({spread}, ':', {number + 1}), 4, '0')"


def _value(digits: str, place: int) -> str:
    return f"(STRPOS('{_HEX}', SUBSTRING({digits}, {place}, 1)) - 1)"
