"""What a grant permits, as a scan is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Exemption:
    """Bulk access that an account is permitted: how much of what, and when.

    Attributes:
        grant: number of the grant, 0 if there is none in a store.
        account: name of the account, as the logs name it.
        start: beginning, UTC.
        until: end, UTC.
        budget: most distinct items; None for any number.
        items: permitted items, as patterns with ``*``; none for all.
        groups: permitted groups; none for all.
        surfaces: permitted surfaces; none for all.
    """

    grant: int
    account: str
    start: datetime
    until: datetime
    budget: int | None = None
    items: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
