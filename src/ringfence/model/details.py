"""Details of accounts and items from the operator's own tables, shown beside their ids.

All of it is text from outside. It is never evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.fields import RECORD, Instant


@dataclass(frozen=True)
class AccountDetails:
    """Attributes of an account, from the accounts table; the time of creation also from events."""

    __pydantic_config__ = RECORD

    display_name: str = ""
    """Name that is shown beside the account; empty if it is not known."""
    plan: str = ""
    """Plan or tariff; empty if it is not known."""
    country: str = ""
    """Country; empty if it is not known."""
    status: str = ""
    """State of the account, such as `active`; empty if it is not known."""
    created: Instant | None = None
    """Time at which the account was created, UTC; null if it is not known."""
    url: str = ""
    """Page of the account in the operator's own tools, by `report.account_url`; empty for a
    visitor or a hashed key, which have no such page."""

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """Name and value of each attribute that is known, without the display name."""
        created = self.created.strftime("%Y-%m-%d") if self.created else ""
        values = (
            ("created", created),
            ("plan", self.plan),
            ("country", self.country),
            ("status", self.status),
        )
        return tuple((name, value) for name, value in values if value)


@dataclass(frozen=True)
class ItemDetails:
    """One item, with what the catalogue says about it."""

    __pydantic_config__ = RECORD

    item: str
    """Id of the item."""
    title: str = ""
    """Title, from the catalogue; empty if it is not known."""
    group: str = ""
    """Id of the item's group; empty if it is not known."""
    group_name: str = ""
    """Name of the group, from the catalogue; empty if it is not known."""
    url: str = ""
    """Page of the item in the operator's own tools, by `report.item_url`; empty without it."""
