"""Attributes of accounts that may link them: sign-ups, devices, payment, networks and clients.

A link is never evidence. Families share devices and cards, dormitories and mobile operators share
networks, and everybody shares the popular clients. Links are used in two ways. They select sets of
accounts for the collision test (:mod:`ringfence.rings.links.linked_sets`). They also describe what
the members of a ring have in common besides (:mod:`ringfence.rings.links.link_test`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, Literal

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.rings.links.signup_bursts import divide_signups
from ringfence.stats.arrays import Flags, Integers, Keys, Rows
from ringfence.stats.sparse import Matrix, incidence_matrix, sum_rows

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
WHERE t.account_key NOT IN (SELECT account_key FROM set_apart)
""",  # noqa: S608 - names of tables of our own
    )
    for attribute, table in ATTRIBUTE_TABLES.items()
}
"""The values of one attribute, with one row per account and value."""

VALUES_OF_SEVERAL: Final[dict[Attribute, Statement]] = {
    attribute: Statement(
        f"rings.shared_{attribute}s",
        f"""
CREATE OR REPLACE TEMP TABLE shared_{attribute}s AS
SELECT value, CAST(row_number() OVER (ORDER BY value) - 1 AS INTEGER) AS number
FROM carried_values
GROUP BY value
HAVING count(*) > 1
""",  # noqa: S608 - names of tables of our own
    )
    for attribute in ATTRIBUTE_TABLES
}
"""The values that at least two accounts have; a value of one account links nobody."""

SHARED_COUNT: Final[dict[Attribute, Statement]] = {
    attribute: Statement(
        f"rings.shared_{attribute}_count",
        f"SELECT count(*) FROM shared_{attribute}s",  # noqa: S608 - names of tables of our own
    )
    for attribute in ATTRIBUTE_TABLES
}
VALUE_NAMES: Final[dict[Attribute, Statement]] = {
    attribute: Statement(
        f"rings.{attribute}_names",
        f"""
SELECT s.number, s.value
FROM shared_{attribute}s AS s
JOIN wanted_values AS w ON w.number = s.number
""",  # noqa: S608 - names of tables of our own
    )
    for attribute in ATTRIBUTE_TABLES
}
VALUE_COUNTS: Final = Statement(
    "rings.value_counts", "SELECT place, count(*) AS number FROM carried_values GROUP BY place"
)
ACCOUNTS_BY_VALUE: Final[dict[Attribute, Statement]] = {
    attribute: Statement(
        f"rings.sharing_{attribute}s",
        f"""
SELECT c.place, s.number
FROM carried_values AS c
JOIN shared_{attribute}s AS s ON s.value = c.value
""",  # noqa: S608 - names of tables of our own
    )
    for attribute in ATTRIBUTE_TABLES
}
NO_CARRIED_VALUES: Final = Statement("rings.no_carried_values", "DROP TABLE carried_values")
SIGNED_UP: Final = Statement(
    "rings.signed_up",
    """
SELECT l.place, s.signed_up
FROM account_signups AS s
JOIN linkable AS l ON l.account_key = s.account_key
WHERE s.account_key NOT IN (SELECT account_key FROM set_apart)
ORDER BY l.place
""",
)


@dataclass(frozen=True)
class AttributeMatrix:
    """One attribute: which account has which value.

    Attributes:
        attribute: its name.
        matrix: (accounts, values) ones where an account has a value. Values that only one account
            has may be absent. Values are in the order of their text.
        value_counts: (accounts,) values that each account has, including those of its own.
        names: values as text, by number: those that :func:`load_names` was asked for. A scan may
            have millions of values, and shows a few.
        is_linking: (values,) whether a value selects its accounts for the collision test. Of
            sign-up periods, only bursts do.
    """

    attribute: Attribute
    matrix: Matrix = field(repr=False)
    value_counts: Integers = field(repr=False)
    is_linking: Flags = field(repr=False)
    names: Mapping[int, str] = field(default_factory=dict, repr=False)

    @cached_property
    def holders(self) -> Integers:
        """Return (values,) the number of accounts that have each value."""
        return np.asarray(self.matrix.sum(axis=0, dtype=np.int64))

    def text(self, value: int) -> str:
        """Return a value as text for a reviewer; a means of payment is shortened."""
        name = self.names[value]
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
            are left out. Writes the temp table ``linkable``, and for each attribute one such as
            ``shared_clients``.
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


def load_names(engine: Engine, attributes: AccountAttributes, members: Rows) -> AccountAttributes:
    """Return the attributes with the names of the values that at least two of the members have.

    Args:
        engine: the one that the attributes were loaded from. Writes the temp table
            ``wanted_values``.
        attributes: of all accounts.
        members: rows of some accounts; the values that two of them have get names.
    """
    matrices = (_named(engine, matrix, members) for matrix in attributes.matrices)
    return replace(attributes, matrices=tuple(matrices))


def _named(engine: Engine, matrix: AttributeMatrix, members: Rows) -> AttributeMatrix:
    if matrix.attribute not in VALUE_NAMES:
        return matrix
    wanted = np.flatnonzero(sum_rows(matrix.matrix, members) > 1)
    engine.table("wanted_values", {"number": wanted})
    return replace(matrix, names=dict(engine.rows(VALUE_NAMES[matrix.attribute])))


def _read_values(engine: Engine, attribute: Attribute, accounts: int) -> AttributeMatrix:
    engine.run(ACCOUNT_VALUES[attribute])
    engine.run(VALUES_OF_SEVERAL[attribute])
    values = int(engine.rows(SHARED_COUNT[attribute])[0][0])
    counts = engine.columns(VALUE_COUNTS)
    rows = engine.columns(ACCOUNTS_BY_VALUE[attribute])
    engine.run(NO_CARRIED_VALUES)
    value_counts = np.zeros(accounts, np.int64)
    value_counts[counts["place"]] = counts["number"]
    matrix = incidence_matrix(rows["place"], rows["number"], (accounts, values))
    return AttributeMatrix(attribute, matrix, value_counts, np.ones(values, dtype=bool))


def _read_signups(engine: Engine, accounts: int) -> AttributeMatrix:
    rows = engine.columns(SIGNED_UP)
    periods = divide_signups(rows["signed_up"].astype(np.int64))
    value_counts = np.zeros(accounts, np.int64)
    value_counts[rows["place"]] = 1
    names = {number: periods.text(number) for number in range(periods.begin.size)}
    matrix = incidence_matrix(rows["place"], periods.period, (accounts, len(names)))
    return AttributeMatrix("sign-up", matrix, value_counts, periods.is_burst, names)


def _network_text(prefix: str) -> str:
    """Return the ledger's network prefix in CIDR notation."""
    if ":" in prefix:
        return f"{prefix.partition('::')[0].rstrip(':')}::/48"
    return f"{prefix}.0/24" if re.fullmatch(r"\d+\.\d+\.\d+", prefix) else prefix
