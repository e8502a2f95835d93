"""Find the provider and country of every network of the ledger by its longest prefix.

The ledger has networks of 24 bits (IPv4) and 48 bits (IPv6). Prefixes that are longer are left out.
Nested prefixes are divided into ranges that do not overlap, each with its longest prefix, so that a
sorted search finds all networks at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.model.origin_table import NETWORK_ORIGINS
from ringfence.population.prefix_file import Prefix, read_prefixes
from ringfence.stats.arrays import Columns, Integers

LEDGER_NETWORKS: Final = Statement(
    "population.ledger_networks", "SELECT DISTINCT network FROM networks ORDER BY network"
)

_BITS: Final = {4: 24, 6: 48}
"""Bits of the networks in the ledger, by IP version."""


def find_network_origins(engine: Engine, setting: str) -> None:
    """Fill ``network_origins``: provider and country of the networks that the table knows.

    Args:
        engine: holds the ledger, merged.
        setting: path of the table of prefixes; empty for none.

    Raises:
        SettingsError: the table cannot be used.
    """
    names: list[str] = []
    found: list[Prefix] = []
    if setting:
        networks = [str(row[0]) for row in engine.rows(LEDGER_NETWORKS)]
        for name, prefix in zip(networks, longest_prefixes(networks, setting), strict=True):
            if prefix is not None:
                names.append(name)
                found.append(prefix)
    engine.table(NETWORK_ORIGINS, _columns(names, found))


def _columns(names: Sequence[str], found: Sequence[Prefix]) -> Columns:
    return {
        "network": np.array(names, dtype=object),
        "provider": np.array([one.provider for one in found], dtype=object),
        "country": np.array([one.country for one in found], dtype=object),
    }


def longest_prefixes(networks: Sequence[str], setting: str) -> list[Prefix | None]:
    """Return the longest prefix of each network; None if the table has none.

    Args:
        networks: as in the ledger: ``192.0.2`` or ``2001:db8:17``. Other texts, such as names of
            hosts, have no prefix.
        setting: path of the table of prefixes.

    Raises:
        SettingsError: the table cannot be used.
    """
    ranges = _Ranges(read_prefixes(setting))
    return [ranges.prefix_of(*place) if (place := _place(one)) else None for one in networks]


def _place(network: str) -> tuple[int, int] | None:
    """Return IP version and number of a network of the ledger; None for other texts."""
    four = "." in network
    parts = network.split("." if four else ":")
    try:
        numbers = [int(one or "0", 10 if four else 16) for one in parts]
    except ValueError:
        return None
    size = 8 if four else 16
    if network.startswith("::") or (four and len(numbers) != 3):
        return None
    first, second, third, *_ = (*numbers, 0, 0)
    if any(not 0 <= one < 1 << size for one in numbers):
        return None
    number = first << 2 * size | second << size | third
    return (4 if four else 6), number


class _Ranges:
    """Prefixes as ranges that do not overlap, for each IP version.

    Args:
        prefixes: of a table. Of two equal ones the last counts.
    """

    def __init__(self, prefixes: Iterable[Prefix]) -> None:
        self._prefixes: list[Prefix] = []
        ranges: dict[int, dict[tuple[int, int], int]] = {4: {}, 6: {}}
        for one in prefixes:
            version, length = one.network.version, one.network.prefixlen
            if length <= _BITS[version]:
                first = (
                    int(one.network.network_address) >> one.network.max_prefixlen - _BITS[version]
                )
                ranges[version][first, length] = len(self._prefixes)
                self._prefixes.append(one)
        self._starts = {version: _disjoint(of, _BITS[version]) for version, of in ranges.items()}

    def prefix_of(self, version: int, number: int) -> Prefix | None:
        """Return the longest prefix of a network."""
        starts, at = self._starts[version]
        place = int(np.searchsorted(starts, number, side="right")) - 1
        row = int(at[place]) if place >= 0 else -1
        return self._prefixes[row] if row >= 0 else None


def _disjoint(ranges: dict[tuple[int, int], int], bits: int) -> tuple[Integers, Integers]:
    """Return the starts of ranges that do not overlap, and the row of each; -1 for none."""
    starts, rows = [0], [-1]
    open_ranges: list[tuple[int, int]] = []

    def begin(start: int, row: int) -> None:
        if starts[-1] == start:
            rows[-1] = row
        else:
            starts.append(start)
            rows.append(row)

    def close_before(number: int) -> None:
        while open_ranges and open_ranges[-1][0] <= number:
            end, _ = open_ranges.pop()
            begin(end, open_ranges[-1][1] if open_ranges else -1)

    for (first, length), row in sorted(ranges.items()):
        close_before(first)
        begin(first, row)
        open_ranges.append((first + (1 << bits - length), row))
    close_before(1 << bits)
    return np.array(starts, np.int64), np.array(rows, np.int64)
