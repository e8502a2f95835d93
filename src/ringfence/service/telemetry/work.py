"""The kinds of work that are reported, and the counts of each.

Only whole numbers are reported. So no account, item, address or token can be part of
a trace or a metric.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

WorkName = Literal["ingest.batch", "judge.fold", "judge.scan", "judge.delivery"]
"""A kind of work: a batch that came in, a fold, a scan, or a delivery to connected systems."""

WORK_NAMES: Final[tuple[WorkName, ...]] = get_args(WorkName)
"""All kinds of work."""

WORK_COUNTS: Final[Mapping[WorkName, tuple[str, ...]]] = {
    "ingest.batch": ("events", "quarantined", "repeated", "rejected"),
    "judge.fold": ("segments", "sources", "events", "pairs"),
    "judge.scan": ("findings", "new"),
    "judge.delivery": ("delivered", "failed", "dead"),
}
"""The counts of each kind."""


@dataclass(frozen=True)
class Work:
    """Some work that is done.

    Attributes:
        name: its kind.
        began: when it began, seconds since 1970.
        seconds: how long it took.
        counts: numbers, by the names in :data:`WORK_COUNTS`.
        failed: whether it failed.
    """

    name: WorkName
    began: float
    seconds: float
    counts: Mapping[str, int]
    failed: bool = False

    def __post_init__(self) -> None:
        """Refuse what is not a known number.

        Raises:
            ValueError: a count has another name or is not a whole number.
        """
        for name, count in self.counts.items():
            if name not in WORK_COUNTS[self.name] or not isinstance(count, int):
                raise ValueError(f"{name} is not a count of {self.name}")
