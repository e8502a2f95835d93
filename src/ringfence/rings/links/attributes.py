"""Attributes of accounts that may link them: sign-ups, devices, payment, networks and clients.

A link is never evidence. Families share devices and cards, dormitories and mobile operators share
networks, and everybody shares the popular clients. Links are used in two ways. They select sets of
accounts for the collision test (:mod:`ringfence.rings.links.linked_sets`). They also describe what
the members of a ring have in common besides (:mod:`ringfence.rings.links.link_test`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from ringfence.engine import Engine, Statement
from ringfence.rings.links.signup_bursts import divide_signups
from ringfence.stats.arrays import Flags, Integers, Keys
from ringfence.stats.sparse import Matrix, incidence_matrix

Attribute = Literal["sign-up", "device", "payment", "network", "client"]

ATTRIBUTE_COLUMNS: Final[dict[Attribute, str]] = {
    "sign-up": "signed_up",
    "device": "device",
    "payment": "payment",
    "network": "ip",
    "client": "client",
}
"""The column of the events, or of the accounts table, that each attribute comes from."""

ATTRIBUTE_TABLES: Final[dict[Attribute, str]] = {
    "device": "account_devices",
    "payment": "account_payments",
    "network": "networks",
    "client": "clients",
}
"""The table of each attribute, which has one row per account and value."""

ACCOUNT_VALUES: Final[dict[Attribute, Statement]] = {
    attribute: Statement(
        f"rings.carried_{attribute}s",
        f"""
CREATE OR REPLACE TEMP TABLE carried_values AS
SELECT l.place, t.{attribute} AS value
FROM {table} AS t
JOIN linkable AS l ON l.account_key = t.account_key
WHERE t.account_key NOT IN (SELECT account_key FROM robots)
""",  # noqa: S608 - names of tables of our own
    )
    for attribute, table in ATTRIBUTE_TABLES.items()
}
"""The values of one attribute, with one row per account and value."""

LINKING_VALUES: Final = Statement(
    "rings.shared_values",
    """
CREATE OR REPLACE TEMP TABLE shared_values AS
SELECT value, row_number() OVER (ORDER BY value) - 1 AS number
FROM carried_values
GROUP BY value
HAVING count(*) > 1
""",
)
"""The values that at least two accounts have; a value of one account links nothing."""

VALUE_NAMES: Final = Statement(
    "rings.value_names", "SELECT value FROM shared_values ORDER BY number"
)
VALUE_COUNTS: Final = Statement(
    "rings.value_counts", "SELECT place, count(*) AS number FROM carried_values GROUP BY place"
)
ACCOUNTS_BY_VALUE: Final = Statement(
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
FROM account_signups AS s
JOIN linkable AS l ON l.account_key = s.account_key
WHERE s.account_key NOT IN (SELECT account_key FROM robots)
ORDER BY l.place
""",
)


@dataclass(frozen=True)
class AttributeMatrix:
    """One attribute: which account has which value.

    Attributes:
        attribute: its name.
        matrix: (accounts, values) ones where an account has a value. Values that only one account
            has may be absent.
        value_counts: (accounts,) values that each account has, including those of its own.
        names: (values,) the values as text.
        is_linking: (values,) whether a value selects its accounts for the collision test. Of
            sign-up periods, only bursts do.
    """

    attribute: Attribute
    matrix: Matrix = field(repr=False)
    value_counts: Integers = field(repr=False)
    names: npt.NDArray[Any] = field(repr=False)
    is_linking: Flags = field(repr=False)

    @cached_property
    def holders(self) -> Integers:
        """Return (values,) the number of accounts that have each value."""
        return np.asarray(self.matrix.sum(axis=0, dtype=np.int64))

    def text(self, value: int) -> str:
        """Return a value as text for a reviewer; a means of payment is shortened."""
        name = str(self.names[value])
        if self.attribute == "network":
            return _network_text(name)
        return f"a means of payment ({name[:8]})" if self.attribute == "payment" else name


@dataclass(frozen=True)
class AccountAttributes:
    """All attributes of some accounts.

    Attributes:
        accounts: keys, ascending; the rows of every matrix.
        matrices: one per attribute that the log has.
    """

    accounts: Keys = field(repr=False)
    matrices: tuple[AttributeMatrix, ...]


def load_attributes(engine: Engine, accounts: Keys, columns: Collection[str]) -> AccountAttributes:
    """Read the attributes of accounts from a ledger.

    Args:
        engine: holds the ledger, the attributes joined to it (see
            :mod:`ringfence.population.account_attributes`) and the table ``robots``, whose accounts
            are left out. Writes temp tables ``linkable``, ``carried_values`` and ``shared_values``.
        accounts: keys, ascending, each once.
        columns: the columns that the log or the accounts table has.
    """
    place = np.arange(accounts.size, dtype=np.int32)
    engine.table("linkable", {"account_key": accounts, "place": place})
    matrices = [
        _read_signups(engine, accounts.size)
        if attribute == "sign-up"
        else _read_values(engine, attribute, accounts.size)
        for attribute, column in ATTRIBUTE_COLUMNS.items()
        if column in columns
    ]
    return AccountAttributes(accounts, tuple(matrices))


def _read_values(engine: Engine, attribute: Attribute, accounts: int) -> AttributeMatrix:
    engine.run(ACCOUNT_VALUES[attribute])
    engine.run(LINKING_VALUES)
    names = np.array([name for (name,) in engine.rows(VALUE_NAMES)], dtype=object)
    counts, rows = engine.columns(VALUE_COUNTS), engine.columns(ACCOUNTS_BY_VALUE)
    value_counts = np.zeros(accounts, np.int64)
    value_counts[counts["place"]] = counts["number"]
    matrix = incidence_matrix(rows["place"], rows["number"], (accounts, names.size))
    return AttributeMatrix(attribute, matrix, value_counts, names, np.ones(names.size, dtype=bool))


def _read_signups(engine: Engine, accounts: int) -> AttributeMatrix:
    rows = engine.columns(SIGNED_UP)
    periods = divide_signups(rows["signed_up"].astype(np.int64))
    value_counts = np.zeros(accounts, np.int64)
    value_counts[rows["place"]] = 1
    texts = [periods.text(number) for number in range(periods.begin.size)]
    names = np.array(texts, dtype=object)
    matrix = incidence_matrix(rows["place"], periods.period, (accounts, names.size))
    return AttributeMatrix("sign-up", matrix, value_counts, names, periods.is_burst)


def _network_text(prefix: str) -> str:
    """Return the ledger's network prefix in CIDR notation."""
    if ":" in prefix:
        return f"{prefix.partition('::')[0].rstrip(':')}::/48"
    return f"{prefix}.0/24" if re.fullmatch(r"\d+\.\d+\.\d+", prefix) else prefix
