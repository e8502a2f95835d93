"""Print details of an account, a ring's members and items from the operator's tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ringfence.model.details import AccountDetails, ItemDetails
from ringfence.model.ring_profile import Member
from ringfence.visible import visible

ITEMS_IN_TERMINAL: Final = 6
"""Number of items listed of a finding."""

_NAME: Final = 40
_TITLE: Final = 60


def account_line(details: AccountDetails | None) -> str:
    """Return the details of an account in one line; empty if there are none."""
    if details is None:
        return ""
    known = [f"{name} {visible(value, _NAME)}" for name, value in details.words]
    name = [visible(details.display_name, _TITLE)] if details.display_name else []
    return ", ".join([*name, *known, *([details.url] if details.url else [])])


def member_lines(members: Sequence[Member]) -> Iterator[str]:
    """Yield one line for each member with details."""
    for one in members:
        if line := account_line(one.details):
            yield f"{visible(one.account, _NAME)}: {line}"


def item_lines(items: Sequence[ItemDetails]) -> Iterator[str]:
    """Yield one line for each of the first items: id, title, and group with its name."""
    for one in items[:ITEMS_IN_TERMINAL]:
        parts = (
            visible(one.item, _TITLE),
            visible(one.title, _TITLE),
            visible(one.group_name, _NAME),
        )
        named = ", ".join(filter(None, parts))
        grouped = f"{named} ({visible(one.group, _NAME)})" if one.group else named
        yield ", ".join(filter(None, (grouped, one.url)))
