"""The rows of ``accounts.parquet`` and ``rings.parquet``, and the columns that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_type_hints

from pydantic import TypeAdapter

from ringfence.model.details import AccountDetails
from ringfence.model.fields import RECORD, Amount, Count, Instant, Proportion
from ringfence.model.finding import Verdict
from ringfence.model.table import Column

PER_TEST: Final = "p_"
"""Beginning of the name of a test's column. The name of the test follows."""


@dataclass(frozen=True)
class AccountRow:
    """One row of ``accounts.parquet``: an account of the scan, whether it is a finding or not."""

    __pydantic_config__ = RECORD

    account: str
    """Name of the account."""
    items: Count
    """Number of distinct items held."""
    uses: Count
    """Number of uses. A double click counts once."""
    first: Instant
    """Time of the first use, UTC."""
    last: Instant
    """Time of the last use, UTC."""
    verdict: Literal["extracting", "suspect", ""]
    """`extracting`, `suspect`, or empty. Declared robots are not in the table."""
    ring: str
    """Id of the ring that the account belongs to, the most certain one; empty if there is none."""
    p_value: Proportion
    """p-value of the account, as in `findings.jsonl`."""
    display_name: str | None = None
    """Name of the account in the accounts table; empty without one."""
    plan: str | None = None
    """Plan or tariff, from the accounts table."""
    country: str | None = None
    """Country, from the accounts table."""
    status: str | None = None
    """State of the account, from the accounts table."""
    created: Instant | None = None
    """Time at which the account was created, UTC, from the events or else the accounts table."""
    client: str | None = None
    """Client name with the most events of the account, as in the log; empty if there is none."""
    tests: dict[str, Proportion] = field(default_factory=dict)
    """p-value of each test that ran. It is NaN where the test could not measure the account."""

    @property
    def details(self) -> AccountDetails | None:
        """Details of the account from the operator's tables; None if there are none."""
        known = AccountDetails(
            self.display_name or "",
            self.plan or "",
            self.country or "",
            self.status or "",
            self.created,
        )
        return known if known != AccountDetails() else None


@dataclass(frozen=True)
class RingRow:
    """One row of ``rings.parquet``: a ring and one of its members."""

    __pydantic_config__ = RECORD

    ring: str
    """Id of the ring, as in `findings.jsonl`."""
    account: str
    """Name of the member."""
    items: Count
    """Number of distinct items that the member holds."""
    shared_items: Count
    """Number of those items that any other account holds too, of the items searched."""
    observed: Amount
    """Number of collisions of the member with the other members."""
    expected: Amount
    """The expected number for an account that is independent of them."""
    verdict: Verdict
    """Verdict of the ring."""
    p_value: Proportion
    """p-value of the ring, the same in all its rows."""


_SQL: Final[dict[Any, str]] = {
    str: "VARCHAR",
    Count: "BIGINT",
    Instant: "TIMESTAMP WITH TIME ZONE",
    Instant | None: "TIMESTAMP WITH TIME ZONE",
    Amount: "DOUBLE",
    Proportion: "DOUBLE",
    dict[str, Proportion]: "DOUBLE",
}


def columns(row: type) -> tuple[Column, ...]:
    """Return the columns of a table, given the class of its rows.

    A field with a dictionary stands for one column per key: ``p_<test>``.
    """
    meanings = TypeAdapter(row).json_schema(mode="serialization")["properties"]
    return tuple(
        Column(
            f"{PER_TEST}<test>" if name == "tests" else name,
            _SQL.get(kind, "VARCHAR"),
            " ".join(meanings[name]["description"].split()),
        )
        for name, kind in get_type_hints(row, include_extras=True).items()
        if not name.startswith("__")
    )
