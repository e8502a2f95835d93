"""What accounts share besides what they take: sign-ups, devices, payment, networks, clients.

A link alone is never evidence: families share devices and cards, dormitories and mobile operators
networks, everybody the popular clients. Links say which accounts to ask whether they divide the
catalogue (:mod:`ringfence.rings.links.linked_sets`), and what a ring found so has in common besides
(:mod:`ringfence.rings.links.shared`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ringfence.engine import Engine, Statement
from ringfence.rings.collision.holdings import Matrix
from ringfence.rings.links.signups import stretches
from ringfence.stats.arrays import Flags, Integers, Keys

Attribute = Literal["sign-up", "device", "payment", "network", "client"]

COLUMNS: Final[dict[Attribute, str]] = {
    "sign-up": "signed_up",
    "device": "device",
    "payment": "payment",
    "network": "ip",
    "client": "client",
}
"""The column of events that each attribute comes from."""

_KEPT: Final[tuple[Attribute, ...]] = ("device", "payment", "network", "client")
"""Attributes that have a table in the ledger, by their own name, with a row for each value."""

CARRIED: Final[dict[Attribute, Statement]] = {
    attribute: Statement(
        f"rings.carried_{attribute}s",
        f"""
CREATE OR REPLACE TEMP TABLE carried_values AS
SELECT l.place, t.{attribute} AS value
FROM {attribute}s AS t
JOIN linkable AS l ON l.account_key = t.account_key
WHERE t.account_key NOT IN (SELECT account_key FROM robots)
""",  # noqa: S608 - names of the ledger's own
    )
    for attribute in _KEPT
}
"""The values of one attribute, one row an account and value."""

SHARED_VALUES: Final = Statement(
    "rings.shared_values",
    """
CREATE OR REPLACE TEMP TABLE shared_values AS
SELECT value, row_number() OVER (ORDER BY value) - 1 AS number
FROM carried_values
GROUP BY value
HAVING count(*) > 1
""",
)
"""A value that one account has links nothing."""

VALUE_NAMES: Final = Statement(
    "rings.value_names", "SELECT value FROM shared_values ORDER BY number"
)
VALUE_COUNTS: Final = Statement(
    "rings.value_counts", "SELECT place, count(*) AS number FROM carried_values GROUP BY place"
)
SHARING: Final = Statement(
    "rings.sharing",
    """
SELECT c.place, CAST(s.number AS INTEGER) AS number
FROM carried_values AS c
JOIN shared_values AS s ON s.value = c.value
""",
)
SIGNED_UP: Final = Statement(
    "rings.signed_up",
    """
SELECT l.place, s.signed_up
FROM signups AS s
JOIN linkable AS l ON l.account_key = s.account_key
WHERE s.account_key NOT IN (SELECT account_key FROM robots)
ORDER BY l.place
""",
)


@dataclass(frozen=True)
class Shared:
    """One attribute: accounts by values.

    Attributes:
        attribute: which.
        matrix: (accounts, values) ones where an account has a value; values that only one account
            has may be left out.
        carried: (accounts,) how many values each account has, its own alone included.
        names: (values,) the values as texts.
        linking: (values,) whether a value makes its accounts worth a look: of sign-ups, bursts
            alone.
    """

    attribute: Attribute
    matrix: Matrix = field(repr=False)
    carried: Integers = field(repr=False)
    names: npt.NDArray[Any] = field(repr=False)
    linking: Flags = field(repr=False)

    @cached_property
    def accounts(self) -> Integers:
        """Shape (values,): accounts that have each value."""
        return np.asarray(self.matrix.sum(axis=0, dtype=np.int64))

    def text(self, value: int) -> str:
        """Return a value as a reviewer reads it."""
        name = str(self.names[value])
        if self.attribute == "network":
            return _network(name)
        return f"a means of payment ({name[:8]})" if self.attribute == "payment" else name


@dataclass(frozen=True)
class Links:
    """What accounts share, by attribute.

    Attributes:
        accounts: keys, ascending; the rows of every matrix.
        shared: the attributes that the log carries.
    """

    accounts: Keys = field(repr=False)
    shared: tuple[Shared, ...]


def load_links(engine: Engine, accounts: Keys, columns: Collection[str]) -> Links:
    """Read what accounts share from a ledger whose evidence steps have run.

    Args:
        engine: holds the ledger; its table ``robots`` says whom to leave out.
        accounts: keys, ascending, each once.
        columns: the event columns that the log carries.
    """
    place = np.arange(accounts.size, dtype=np.int32)
    engine.table("linkable", {"account_key": accounts, "place": place})
    shared = [
        _signups(engine, accounts.size)
        if attribute == "sign-up"
        else _shared(engine, attribute, accounts.size)
        for attribute, column in COLUMNS.items()
        if column in columns
    ]
    return Links(accounts, tuple(shared))


def _shared(engine: Engine, attribute: Attribute, accounts: int) -> Shared:
    engine.run(CARRIED[attribute])
    engine.run(SHARED_VALUES)
    names = np.array([name for (name,) in engine.rows(VALUE_NAMES)], dtype=object)
    counts, rows = engine.columns(VALUE_COUNTS), engine.columns(SHARING)
    carried = np.zeros(accounts, np.int64)
    carried[counts["place"]] = counts["number"]
    matrix = ones_at(rows["place"], rows["number"], (accounts, names.size))
    return Shared(attribute, matrix, carried, names, np.ones(names.size, dtype=bool))


def _signups(engine: Engine, accounts: int) -> Shared:
    rows = engine.columns(SIGNED_UP)
    time = stretches(rows["signed_up"].astype(np.int64))
    carried = np.zeros(accounts, np.int64)
    carried[rows["place"]] = 1
    names = np.array([time.text(n) for n in range(time.begin.size)], dtype=object)
    matrix = ones_at(rows["place"], time.of, (accounts, names.size))
    return Shared("sign-up", matrix, carried, names, time.burst)


def ones_at(row: npt.NDArray[Any], column: npt.NDArray[Any], shape: tuple[int, int]) -> Matrix:
    """Return a matrix of ones at these places, a byte each."""
    return sparse.csr_array((np.ones(row.size, np.int8), (row, column)), shape=shape)


def _network(prefix: str) -> str:
    """Write the ledger's name of a network as one writes networks."""
    if ":" in prefix:
        return f"{prefix.partition('::')[0].rstrip(':')}::/48"
    return f"{prefix}.0/24" if prefix.count(".") == 2 else prefix
