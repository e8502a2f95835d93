"""Choose the moments of a replay: when accounts are judged, and when rings are searched for.

A search for rings costs many times as much as the verdicts on single accounts. A replay therefore
searches only when the joint holding of the attack has grown by a quarter since the last search, and
at the end. A ring is found at most that much later than with a search at every verdict. The
searches begin when enough accounts hold enough items to be examined at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import numpy as np

from ringfence.errors import SettingsError
from ringfence.lab.evaluate.planting import PlantedAttack
from ringfence.model.ring import MIN_MEMBERS
from ringfence.rings import MIN_SHARED_ITEMS
from ringfence.stats.arrays import Integers
from ringfence.stats.seconds import DAY, HOUR

VerdictInterval = Literal["auto", "minute", "10min", "hour", "day"]
"""The time between verdicts; ``auto`` is one hour for two days, then one day."""

_SECONDS: Final[dict[str, int]] = {"minute": 60, "10min": 600, "hour": HOUR, "day": DAY}

HOURLY_DAYS: Final = 2
"""Days of hourly verdicts with ``auto``. Fast attacks are over by then; others take weeks."""

GROWTH_FACTOR: Final = 1.25
"""Factor by which the joint holding grows from one search to the next."""


def parse_interval(name: str) -> VerdictInterval:
    """Return the interval that a word on the command line names.

    Raises:
        SettingsError: no interval has this name.
    """
    for known in get_args(VerdictInterval):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise SettingsError(
        f"there is no {name!r}",
        where="--every",
        hint=f"one of {', '.join(get_args(VerdictInterval))}",
    )


def verdict_times(start: int, end: int, every: VerdictInterval) -> tuple[int, ...]:
    """Return the moments of all verdicts on an attack, ascending; the last one is its end.

    Args:
        start: seconds since 1970.
        end: seconds since 1970, later than the start.
        every: the interval.
    """
    if every == "auto":
        hourly = min(end, start + HOURLY_DAYS * DAY)
        times = [*range(start + HOUR, hourly, HOUR), *range(hourly, end, DAY)]
    else:
        times = list(range(start + _SECONDS[every], end, _SECONDS[every]))
    return (*times, end)


def active_times(times: Sequence[int], planted: PlantedAttack) -> tuple[int, ...]:
    """Return the moments since whose predecessor the attack took anything, and the last one."""
    taken = np.searchsorted(planted.moment, times)
    active = np.diff(taken, prepend=0) > 0
    active[-1] = True
    return tuple(np.array(times)[active].tolist())


def search_times(
    planted: PlantedAttack, times: Sequence[int], factor: float = GROWTH_FACTOR
) -> frozenset[int]:
    """Return the moments at which rings are searched for.

    Args:
        planted: the attack.
        times: moments of verdicts, ascending; at least one.
        factor: growth of the joint holding between two searches.
    """
    chosen, wanted = {times[-1]}, 0.0
    begin = first_searchable(planted)
    for moment, held in zip(times, joint_holding(planted, times).tolist(), strict=True):
        if moment > begin and held >= wanted:
            chosen.add(moment)
            wanted = held * factor
    return frozenset(chosen)


def joint_holding(planted: PlantedAttack, times: Sequence[int] | Integers) -> Integers:
    """Return (times,) the number of distinct items that all extractors hold before each time."""
    _, first = np.unique(planted.item, return_index=True)
    held: Integers = np.searchsorted(np.sort(planted.moment[first]), np.asarray(times))
    return held


def first_searchable(planted: PlantedAttack, accounts: int = MIN_MEMBERS) -> int:
    """Return the first moment at which a ring of the attack could be found.

    Before it, fewer than ``accounts`` extractors hold the number of items from which on a search
    examines an account.

    Returns:
        Seconds since 1970; the end of the attack if this never happens.
    """
    order = np.lexsort((planted.moment, planted.item, planted.account))
    account, item = planted.account[order], planted.item[order]
    new = np.diff(account, prepend=-1).astype(bool) | np.diff(item, prepend=-1).astype(bool)
    account, moment = account[new], planted.moment[order][new]
    by_time = np.lexsort((moment, account))
    account, moment = account[by_time], moment[by_time]
    place = np.arange(account.size) - np.searchsorted(account, account)
    reached = np.sort(moment[place == MIN_SHARED_ITEMS - 1])
    return int(reached[accounts - 1]) if reached.size >= accounts else planted.end
