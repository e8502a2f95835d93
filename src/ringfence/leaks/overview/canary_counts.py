"""The secret list of canaries in numbers, without any of them."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.catalogue.canary_list import read_canaries


@dataclass(frozen=True)
class CanaryCounts:
    """A list of canaries in numbers.

    Attributes:
        planted: number of canaries.
        first: day on which the oldest one was made, as the list states it.
        last: day on which the newest one was made.
    """

    planted: int
    first: str
    last: str


def count_canaries(path: str) -> CanaryCounts:
    """Return the numbers of a list.

    Raises:
        SettingsError: the file cannot be read, other users may read it, or it is not such a list.
    """
    days = [one.created for one in read_canaries(path)]
    return CanaryCounts(len(days), min(days), max(days))
