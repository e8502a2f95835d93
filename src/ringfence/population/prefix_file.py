"""Read the operator's table of prefixes: which provider and country a network belongs to.

A CSV file with a header: ``prefix``, and ``provider`` or ``country`` or both. Such tables come from
registries, from routing data and from commercial sources. Nothing is looked up elsewhere.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final

from ringfence.errors import SettingsError
from ringfence.visible import clip

PREFIXES_SETTING: Final = "places.prefixes"

LARGEST_TABLE: Final = 256 << 20
"""Bytes of the largest table that is read. A table of all routed prefixes has about 60 million."""

LONGEST_ORIGIN: Final = 200
"""Characters of a provider or country at most."""

_HINT: Final = "give a csv file with the columns prefix, provider and country"


@dataclass(frozen=True)
class Prefix:
    """One row of the table.

    Attributes:
        network: the prefix.
        provider: who runs the network; None if the table does not say.
        country: where it is; None if the table does not say.
    """

    network: IPv4Network | IPv6Network
    provider: str | None
    country: str | None


def read_prefixes(setting: str) -> Iterator[Prefix]:
    """Yield the rows of the file that the setting names, in their order.

    Raises:
        SettingsError: the file cannot be read, lacks a column, or has a text in place of a prefix.
    """
    where = clip(setting, 200)
    try:
        path = Path(setting).expanduser()
        if not path.is_file():
            raise _wrong("there is no such file", where)
        if path.stat().st_size > LARGEST_TABLE:
            raise _wrong(f"has more than {LARGEST_TABLE >> 20} MiB", where)
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from _rows(csv.DictReader(stream), where)
    except (OSError, RuntimeError, UnicodeDecodeError, csv.Error, ValueError) as error:
        # No such file, no home folder, a name that is too long, or no text.
        raise _wrong(f"cannot be read: {error}", where) from error


def _rows(reader: csv.DictReader[str], where: str) -> Iterator[Prefix]:
    names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if "prefix" not in names or not names.keys() & {"provider", "country"}:
        raise _wrong("has no columns named prefix and provider or country", where)
    for row in reader:
        given = {one: _text(row.get(names[one])) for one in ("provider", "country") if one in names}
        text = (row[names["prefix"]] or "").strip()
        network = _network(text, reader.line_num, where)
        yield Prefix(network, given.get("provider"), given.get("country"))


def _network(text: str, line: int, where: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        said = f"line {line}: {clip(text, 60)!r} is not a network such as 203.0.113.0/24"
        raise _wrong(said, where) from error


def _text(value: str | None) -> str | None:
    """Return a name without outer spaces, clipped; None for an empty one."""
    return (value or "").strip()[:LONGEST_ORIGIN] or None


def _wrong(what: str, where: str) -> SettingsError:
    return SettingsError(f"{PREFIXES_SETTING}: {what}", where=where, hint=_HINT)
