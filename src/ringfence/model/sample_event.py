"""A sample event: one take as it was read, so that a wrong account or item is seen at a glance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class SampleEvent:
    """One take as it was read; None where the source has no value.

    Attributes:
        ts: time of the access, UTC without zone.
        account: who took the item.
        item: what was taken.
        group: the item's group.
        surface: how it was taken.
        ip: network address.
        client: what the client calls itself.
        bytes: bytes sent.
        seconds: seconds played.
    """

    ts: datetime
    account: str
    item: str
    group: str | None = None
    surface: str | None = None
    ip: str | None = None
    client: str | None = None
    bytes: int | None = None
    seconds: float | None = None

    @property
    def time(self) -> str:
        """The time as ISO 8601 in UTC, such as ``2026-03-09T08:00:00Z``."""
        return self.ts.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")

    def to_json(self) -> dict[str, Any]:
        """Return all values, the time as ISO 8601 in UTC."""
        return {**asdict(self), "ts": self.time}
