"""What an attack came to under one detector: who was found when, and what got out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.lab.evaluate.detectors.ringfence import SUSPECT, Ringfence
from ringfence.lab.evaluate.null import Kinds, Null, threshold_of
from ringfence.lab.evaluate.planting import Planted
from ringfence.lab.evaluate.population import DAY, MONTH, Population
from ringfence.lab.evaluate.replay import NEVER, Watch
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Integers
from ringfence.stats.calibration import TAIL_SHARE

UNSEEN_MONTHS: Final = 33.0
"""Account-months per million items of the published incident, which nobody noticed: 480 accounts
for 6 months took 86 million files, 33.5. The unit of the work factor."""

_WITH_SUSPECTS: Final = Ringfence.name
"""The one detector whose scores tell suspects from others."""

_DRAWS: Final = 200_000
"""Draws by use that tell the share of use an item set carries, to 0.1 % of all use."""


@dataclass(frozen=True)
class Outcome:
    """One attack, one seed, one detector. Times are hours from the attack's start.

    Every account stops taking when it is found: what it was planted to take later is not counted.

    Attributes:
        attack: name of the attack.
        detector: name of the detector.
        seed: of the attack.
        threshold: score at or above which the detector accused.
        extractors: accounts of the attack.
        found: how many of them were found.
        users: users that were scored.
        accused: users that were accused: (name, kind), by name.
        suspected_extractors: extractors that were at least suspects; None for detectors without.
        suspected: users that were suspects and never accused; None for detectors without.
        first_hours: when the first extractor was found; None if none was.
        last_hours: when the last one was; None if not all were.
        suspect_hours: when the first extractor became a suspect; None if none did.
        items_median: distinct items an account held when it was found, the median; None if none
            was.
        items_most: the most that an account held when it was found.
        items_unfound_most: the most that an account holds that was never found; 0 if all were.
        ring_first: distinct items the ring held when the first account was found; None if none
            was.
        ring_items: distinct items the ring got in all.
        catalogue_share: share of the catalogue's items that these are.
        use_share: share of all use that they carry.
        account_months: accounts by the month, each for as long as it took.
        months_per_million: account-months per million items.
        work_factor: that, as a multiple of the incident's :data:`UNSEEN_MONTHS`.
    """

    attack: str
    detector: str
    seed: int
    threshold: float
    extractors: int
    found: int
    users: int
    accused: tuple[tuple[str, str], ...]
    suspected_extractors: int | None
    suspected: tuple[tuple[str, str], ...] | None
    first_hours: float | None
    last_hours: float | None
    suspect_hours: float | None
    items_median: float | None
    items_most: int | None
    items_unfound_most: int
    ring_first: int | None
    ring_items: int
    catalogue_share: float
    use_share: float
    account_months: float
    months_per_million: float
    work_factor: float

    @property
    def usual(self) -> bool:
        """Whether the accounts are so many that they become part of what is usual."""
        return self.extractors > TAIL_SHARE * self.users


@dataclass(frozen=True)
class Loot:
    """What an attack got, each account until it was found.

    Attributes:
        items: distinct items of each account.
        ring_first: distinct items of all until the first was found; None if none was.
        ring: the distinct items of all.
        months: account-months of all; not whole where the replay ends before the campaign.
    """

    items: Integers
    ring_first: int | None
    ring: Integers
    months: float


def loot(planted: Planted, found_at: Integers) -> Loot:
    """Count what was taken by accounts that stop when they are found.

    Args:
        planted: the attack.
        found_at: when each account is found, seconds since 1970; ``NEVER`` if it is not.
    """
    free = planted.moment < np.minimum(found_at, planted.end)[planted.account]
    account, item = planted.account[free], planted.item[free]
    pairs = np.unique(account * (int(planted.item.max()) + 1) + item)
    holders = pairs // (int(planted.item.max()) + 1)
    return Loot(
        np.bincount(holders, minlength=found_at.size),
        _ring_first(planted, int(found_at.min())),
        np.unique(item),
        account_months(planted.moment[free], account, _goes_on(planted, found_at)[account]),
    )


def _ring_first(planted: Planted, found_at: int) -> int | None:
    """Count the ring's distinct items in the replay until it is first found; None if never."""
    if found_at == NEVER:
        return None
    return np.unique(planted.item[planted.moment < min(found_at, planted.end)]).size


def account_months(moment: Integers, account: Integers, goes_on: npt.NDArray[np.bool_]) -> float:
    """Return how many months must be paid for: accounts are paid by the month they begin.

    Who would go on when the replay ends is charged for the time replayed only, so that a campaign
    costs the same by the item however much of it is replayed.

    Args:
        moment: seconds since 1970, ascending.
        account: who takes at each moment.
        goes_on: whether the account would take more after the replay; one a moment.
    """
    _, first = np.unique(account, return_index=True)
    _, last = np.unique(account[::-1], return_index=True)
    span = (moment[::-1][last] - moment[first]) / MONTH
    begun = np.maximum(1, np.ceil(span))
    return float(np.where(goes_on[first], span, begun).sum())


def _goes_on(planted: Planted, found_at: Integers) -> npt.NDArray[np.bool_]:
    """Say of each account whether nobody stops it and the replay ends before its campaign."""
    last = np.zeros(found_at.size, dtype=np.int64)
    np.maximum.at(last, planted.account, planted.moment)
    until_the_end = planted.end - last < DAY
    return np.asarray((found_at == NEVER) & planted.cut_short & until_the_end, dtype=bool)


def use_share(shelf: ItemPool, items: Integers) -> float:
    """Return the share of all use that distinct items carry, by :data:`_DRAWS` even draws."""
    drawn = shelf.used((np.arange(_DRAWS) + 0.5) / _DRAWS)
    return float(np.isin(drawn, items).mean())


def curve(planted: Planted, found_at: Integers) -> npt.NDArray[np.float64]:
    """Return (hours, distinct items, share found) over time, one row an hour with a change.

    Rows begin at (0, 0, 0); accounts stop when they are found.
    """
    free = planted.moment < np.minimum(found_at, planted.end)[planted.account]
    _, new = np.unique(planted.item[free], return_index=True)
    hours = np.maximum(-(-(np.sort(planted.moment[free][new]) - planted.start) // 3600), 0)
    found = np.sort(found_at[found_at != NEVER] - planted.start) / 3600
    times = np.unique(np.concatenate([[0], hours, np.ceil(found)]))
    return np.column_stack(
        [
            times,
            np.searchsorted(hours, times, side="right"),
            np.searchsorted(found, times, side="right") / found_at.size,
        ]
    )


def outcome_of(population: Population, planted: Planted, watch: Watch, null: Null) -> Outcome:
    """Say what one attack came to under one detector."""
    threshold = threshold_of(watch, null)
    found_at = watch.found_at(threshold)
    got, found = loot(planted, found_at), found_at != NEVER
    held = got.items[found]
    suspects = watch.detector.name == _WITH_SUSPECTS
    suspect_at = watch.found_at(SUSPECT) if suspects else None
    accused = _users(population, watch, null, threshold)
    per_million = got.months / max(got.ring.size, 1) * 1e6
    return Outcome(
        attack=planted.attack,
        detector=watch.detector.name,
        seed=planted.seed,
        threshold=threshold,
        extractors=found.size,
        found=int(found.sum()),
        users=watch.users.size,
        accused=accused,
        suspected_extractors=None if suspect_at is None else int((suspect_at != NEVER).sum()),
        suspected=_suspected(population, watch, null, accused) if suspects else None,
        first_hours=_hours(planted, found_at.min()),
        last_hours=_hours(planted, found_at.max()),
        suspect_hours=None if suspect_at is None else _hours(planted, suspect_at.min()),
        items_median=float(np.median(held)) if held.size else None,
        items_most=int(held.max()) if held.size else None,
        items_unfound_most=int(got.items[~found].max(initial=0)),
        ring_first=got.ring_first,
        ring_items=got.ring.size,
        catalogue_share=got.ring.size / population.shelf.items,
        use_share=use_share(population.shelf, got.ring),
        account_months=got.months,
        months_per_million=per_million,
        work_factor=per_million / UNSEEN_MONTHS,
    )


def _hours(planted: Planted, moment: int) -> float | None:
    return None if moment == NEVER else float(moment - planted.start) / 3600


def _users(population: Population, watch: Watch, null: Null, threshold: float) -> Kinds:
    """Name the users that reached a threshold, but not those whose accounts were stolen."""
    names = sorted(null.names[int(key)] for key in watch.users[watch.highest >= threshold])
    return tuple((name, population.kind(name)) for name in names)


def _suspected(population: Population, watch: Watch, null: Null, accused: Kinds) -> Kinds:
    suspected = _users(population, watch, null, SUSPECT)
    return tuple(one for one in suspected if one not in accused)
