"""Measure the outcome of an attack under one detector: accounts found, items taken, cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.lab.evaluate.detectors.ringfence import SUSPECT_SCORE, Ringfence
from ringfence.lab.evaluate.planting import PlantedAttack
from ringfence.lab.evaluate.population import MONTH, Population
from ringfence.lab.evaluate.replay import NEVER, ScoreHistory
from ringfence.lab.evaluate.users_alone import AccountKinds, UsersAlone, accusation_threshold
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Flags, Floats, Integers
from ringfence.stats.calibration import TAIL_SHARE
from ringfence.stats.seconds import DAY, HOUR

UNSEEN_MONTHS: Final = 33.0
"""Account-months per million items of the published incident, which nobody noticed, and the unit of
the work factor. 480 accounts took 86 million files in 6 months: 33.5."""

_USE_SAMPLES: Final = 200_000
"""Evenly spaced choices by use, which measure the share of use of a set of items to 0.1 %."""


@dataclass(frozen=True)
class AttackOutcome:
    """The outcome of one attack with one seed under one detector.

    Every account stops when it is found: its later takes do not count. Times are hours from the
    start of the attack.

    Attributes:
        attack: name of the attack.
        detector: name of the detector.
        seed: of the attack.
        threshold: score from which the detector accused.
        extractors: number of accounts of the attack.
        found: number of extractors that were found.
        users: number of users that were scored.
        accused: users that were accused: (name, kind), by name.
        suspected_extractors: extractors that were at least suspects; None for detectors without
            that verdict.
        suspected: users that were suspects and never accused; None for detectors without that
            verdict.
        first_hours: when the first extractor was found; None if none was.
        last_hours: when the last one was found; None if not all were.
        suspect_hours: when the first extractor became a suspect; None if none did.
        items_median: median of the distinct items that an account held when it was found; None if
            none was.
        items_most: the maximum of the same.
        items_unfound_most: the most distinct items of an account that was never found; 0 if all
            were found.
        ring_first: distinct items of all extractors when the first was found; None if none was.
        ring_items: distinct items of all extractors in the end.
        catalogue_share: share of the catalogue's items that these are.
        use_share: share of all use that they carry.
        account_months: account-months paid for.
        months_per_million: account-months per million items.
        work_factor: that as a multiple of :data:`UNSEEN_MONTHS`.
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
        """Whether the extractors are more than one in twenty and thereby change what is usual."""
        return self.extractors > TAIL_SHARE * self.users


@dataclass(frozen=True)
class ExtractedItems:
    """The items that an attack took, each account until it was found.

    Attributes:
        items: (extractors,) number of distinct items of each.
        ring_first: distinct items of all until the first was found; None if none was.
        ring: the distinct items of all.
        months: account-months of all; not a whole number if the replay ends before the campaign.
    """

    items: Integers
    ring_first: int | None
    ring: Integers
    months: float


def measure_outcome(
    population: Population, planted: PlantedAttack, history: ScoreHistory, alone: UsersAlone
) -> AttackOutcome:
    """Return the outcome of one attack under one detector."""
    threshold = accusation_threshold(history, alone)
    found_at = history.found_at(threshold)
    taken, found = extracted_items(planted, found_at), found_at != NEVER
    held = taken.items[found]
    with_suspects = history.detector.name == Ringfence.name
    suspect_at = history.found_at(SUSPECT_SCORE) if with_suspects else None
    accused = _users_above(population, history, alone, threshold)
    per_million = taken.months / max(taken.ring.size, 1) * 1e6
    return AttackOutcome(
        attack=planted.attack,
        detector=history.detector.name,
        seed=planted.seed,
        threshold=threshold,
        extractors=found.size,
        found=int(found.sum()),
        users=history.users.size,
        accused=accused,
        suspected_extractors=None if suspect_at is None else int((suspect_at != NEVER).sum()),
        suspected=_suspects(population, history, alone, accused) if with_suspects else None,
        first_hours=_hours(planted, found_at.min()),
        last_hours=_hours(planted, found_at.max()),
        suspect_hours=None if suspect_at is None else _hours(planted, suspect_at.min()),
        items_median=float(np.median(held)) if held.size else None,
        items_most=int(held.max()) if held.size else None,
        items_unfound_most=int(taken.items[~found].max(initial=0)),
        ring_first=taken.ring_first,
        ring_items=taken.ring.size,
        catalogue_share=taken.ring.size / population.item_pool.items,
        use_share=use_share(population.item_pool, taken.ring),
        account_months=taken.months,
        months_per_million=per_million,
        work_factor=per_million / UNSEEN_MONTHS,
    )


def extracted_items(planted: PlantedAttack, found_at: Integers) -> ExtractedItems:
    """Count the items that accounts take before they are found.

    Args:
        planted: the attack.
        found_at: (extractors,) when each is found, seconds since 1970, or ``NEVER``.
    """
    free = _before_found(planted, found_at)
    account, item = planted.account[free], planted.item[free]
    pairs = np.unique(account * (int(planted.item.max()) + 1) + item)
    holders = pairs // (int(planted.item.max()) + 1)
    return ExtractedItems(
        np.bincount(holders, minlength=found_at.size),
        _ring_first(planted, int(found_at.min())),
        np.unique(item),
        account_months(planted.moment[free], account, _continues(planted, found_at)[account]),
    )


def extraction_curve(planted: PlantedAttack, found_at: Integers) -> Floats:
    """Return (hours, distinct items, share found), with one row per hour in which one changes.

    The first row is (0, 0, 0). Accounts stop when they are found.
    """
    _, new = np.unique(planted.item[_before_found(planted, found_at)], return_index=True)
    moments = planted.moment[_before_found(planted, found_at)][new]
    hours = np.maximum(-(-(np.sort(moments) - planted.start) // HOUR), 0)
    found = np.sort(found_at[found_at != NEVER] - planted.start) / HOUR
    times = np.unique(np.concatenate([[0], hours, np.ceil(found)]))
    return np.column_stack(
        [
            times,
            np.searchsorted(hours, times, side="right"),
            np.searchsorted(found, times, side="right") / found_at.size,
        ]
    )


def account_months(moment: Integers, account: Integers, continues: Flags) -> float:
    """Return the account-months to pay for; a started month counts in full.

    An account that would continue after the end of the replay counts only for the replayed time.
    The cost per item is then the same, however much of a campaign is replayed.

    Args:
        moment: (takes,) seconds since 1970, ascending.
        account: (takes,) the account of each take.
        continues: (takes,) whether this account would take more after the replay.
    """
    _, first = np.unique(account, return_index=True)
    _, last = np.unique(account[::-1], return_index=True)
    span = (moment[::-1][last] - moment[first]) / MONTH
    begun = np.maximum(1, np.ceil(span))
    return float(np.where(continues[first], span, begun).sum())


def use_share(item_pool: ItemPool, items: Integers) -> float:
    """Return the share of all use that distinct items carry."""
    sample = item_pool.used((np.arange(_USE_SAMPLES) + 0.5) / _USE_SAMPLES)
    return float(np.isin(sample, items).mean())


def _before_found(planted: PlantedAttack, found_at: Integers) -> Flags:
    """Return (takes,) whether a take is in the replay and before its account is found."""
    return np.asarray(planted.moment < np.minimum(found_at, planted.end)[planted.account])


def _ring_first(planted: PlantedAttack, found_at: int) -> int | None:
    if found_at == NEVER:
        return None
    return np.unique(planted.item[planted.moment < min(found_at, planted.end)]).size


def _continues(planted: PlantedAttack, found_at: Integers) -> Flags:
    """Return (extractors,) whether it is never found and its campaign outlasts the replay."""
    last = np.zeros(found_at.size, dtype=np.int64)
    np.maximum.at(last, planted.account, planted.moment)
    until_the_end = planted.end - last < DAY
    return np.asarray((found_at == NEVER) & planted.cut_short & until_the_end, dtype=bool)


def _hours(planted: PlantedAttack, moment: int) -> float | None:
    return None if moment == NEVER else float(moment - planted.start) / HOUR


def _users_above(
    population: Population, history: ScoreHistory, alone: UsersAlone, threshold: float
) -> AccountKinds:
    """Return the users that reached a threshold; stolen accounts are not among them."""
    names = sorted(alone.names[int(key)] for key in history.users[history.highest >= threshold])
    return tuple((name, population.kind(name)) for name in names)


def _suspects(
    population: Population, history: ScoreHistory, alone: UsersAlone, accused: AccountKinds
) -> AccountKinds:
    suspected = _users_above(population, history, alone, SUSPECT_SCORE)
    return tuple(one for one in suspected if one not in accused)
