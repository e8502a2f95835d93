"""Replay a population with attacks in it, verdict by verdict, and keep what each detector saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np

from ringfence.engine import literal
from ringfence.errors import SettingsError
from ringfence.evidence import Context
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.folding import Folding, looked_at
from ringfence.lab.evaluate.growth import grown_at
from ringfence.lab.evaluate.planting import Planted
from ringfence.lab.evaluate.population import DAY, Population
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.settings import Settings
from ringfence.stats.arrays import Floats, Integers, Keys
from ringfence.verdicts import account_verdicts, judge

Every = Literal["auto", "minute", "10min", "hour", "day"]
"""How often verdicts are given; ``auto`` is hourly for two days, then daily."""

_STEPS: Final[dict[str, int]] = {"minute": 60, "10min": 600, "hour": 3600, "day": DAY}

HOURLY_DAYS: Final = 2
"""Days of hourly verdicts with ``auto``: bold attacks are over by then, others take weeks."""


def verdict_times(start: int, end: int, every: Every) -> tuple[int, ...]:
    """Return when verdicts are given from the start of an attack on, its end included.

    Args:
        start: seconds since 1970.
        end: seconds since 1970, later than the start.
        every: how often.
    """
    if every == "auto":
        hourly = min(end, start + HOURLY_DAYS * DAY)
        times = [*range(start + 3600, hourly, 3600), *range(hourly, end, DAY)]
    else:
        times = list(range(start + _STEPS[every], end, _STEPS[every]))
    return (*times, end)


def every_named(name: str) -> Every:
    """Return how often verdicts are given, by its name on the command line.

    Raises:
        SettingsError: there is no such name.
    """
    for known in get_args(Every):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise SettingsError(
        f"there is no {name!r}", where="--every", hint=f"one of {', '.join(get_args(Every))}"
    )


@dataclass
class Watch:
    """What one detector made of one attack so far.

    Attributes:
        detector: whose scores they are.
        extractors: keys of the extracting accounts.
        bulk: keys of accounts that take in bulk with leave: neither extractors nor users.
        moments: verdict times so far.
        scores: one array a verdict time: each extractor's highest score so far, -inf before it is
            first seen.
        users: keys of all other accounts seen so far, ascending.
        highest: their highest scores so far.
    """

    detector: Detector
    extractors: Keys
    bulk: Keys
    moments: list[int] = field(default_factory=list)
    scores: list[Floats] = field(default_factory=list)
    users: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    highest: Floats = field(default_factory=lambda: np.zeros(0))

    def see(self, snapshot: Snapshot) -> None:
        """Add the detector's scores at one more verdict time."""
        keys, scores = self.detector.scores(snapshot)
        before = self.scores[-1] if self.scores else np.full(self.extractors.size, -np.inf)
        self.moments.append(snapshot.moment)
        self.scores.append(np.maximum(before, _at(keys, scores, self.extractors)))
        honest = ~np.isin(keys, np.concatenate([self.extractors, self.bulk]))
        union = np.union1d(self.users, keys[honest])
        seen = _at(keys[honest], scores[honest], union)
        self.highest = np.maximum(_at(self.users, self.highest, union), seen)
        self.users = union

    def found_at(self, threshold: float) -> Integers:
        """Return when each extractor first reached a threshold; :data:`NEVER` if it did not."""
        if not self.moments:
            return np.full(self.extractors.size, NEVER)
        reached = np.vstack(self.scores) >= threshold
        first = np.array(self.moments)[np.argmax(reached, axis=0)]
        return np.where(reached.any(axis=0), first, NEVER)


NEVER: Final = np.iinfo(np.int64).max
"""When an account is found that is never found."""


def _at(keys: Keys, scores: Floats, wanted: Keys) -> Floats:
    """Return the scores of the wanted keys, -inf where there is none; ``keys`` ascend."""
    if not keys.size:
        return np.full(wanted.size, -np.inf)
    places = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return np.where(keys[places] == wanted, scores[places], -np.inf)


class Run:
    """One attack in a population, as far as it has been replayed.

    Args:
        population: where it takes place.
        planted: the attack.
        detectors: who looks.
        bulk: keys of accounts that take in bulk with leave.
        every: how often, where the attack has taken anything since the verdict before.
    """

    def __init__(
        self,
        population: Population,
        planted: Planted,
        detectors: Sequence[Detector],
        bulk: Keys,
        every: Every,
    ) -> None:
        self.planted = planted
        self.times = _busy(verdict_times(planted.start, planted.end, every), planted)
        self._searched = grown_at(planted, self.times)
        self._folding = Folding(events_of(population, planted), population.settings)
        keys = _keys(self._folding, planted)
        self.watches = tuple(Watch(detector, keys, bulk) for detector in detectors)

    def look(self, population: Folding, moment: int) -> None:
        """Give the verdicts of one moment, up to which the population is folded."""
        self._folding.advance(moment)
        with looked_at(population, self._folding) as context:
            snapshot = snapshot_of(
                context, population.ledger.settings, moment, searched=moment in self._searched
            )
            for watch in self.watches:
                watch.see(snapshot)

    def over(self, thresholds: Callable[[Watch], float]) -> bool:
        """Say whether every detector has found every extractor, at thresholds as they stand."""
        return all(
            watch.scores and bool(np.all(watch.scores[-1] >= thresholds(watch)))
            for watch in self.watches
        )

    def close(self) -> None:
        """Drop the attack's ledger; what was seen stays."""
        self._folding.close()


def _busy(times: Sequence[int], planted: Planted) -> tuple[int, ...]:
    """Leave out verdicts before which the attack took nothing new; the last one stays."""
    taken = np.searchsorted(planted.moment, times)
    busy = np.diff(taken, prepend=0) > 0
    busy[-1] = True
    return tuple(np.array(times)[busy].tolist())


def snapshot_of(
    context: Context, settings: Settings, moment: int, *, searched: bool = True
) -> Snapshot:
    """Judge a ledger as a scan does; rings are only looked for if a detector asks."""
    scored = judge(context, lambda _: None)
    labels = account_verdicts(scored, settings.verdicts.false_accusation_rate)
    return Snapshot(moment, context, scored, labels, settings, searched)


def events_of(population: Population, planted: Planted) -> str:
    """Select the attack's events, with all that the users of stolen accounts did themselves."""
    attack = f"SELECT * FROM read_parquet({literal(str(planted.events))})"  # noqa: S608 - quoted
    if not planted.stolen:
        return attack
    own = (
        f"SELECT * FROM {population.relation} "  # noqa: S608 - quoted
        f"WHERE account IN (SELECT unnest({literal(sorted(planted.stolen))}))"
    )
    return f"{attack} UNION ALL BY NAME {own}"


def _keys(folding: Folding, planted: Planted) -> Keys:
    numbers = np.arange(planted.names.size)
    folding.engine.table("planted_names", {"number": numbers, "account": planted.names})
    found = folding.engine.columns(
        "SELECT hash(account) AS account_key FROM planted_names ORDER BY number"
    )
    return np.asarray(found["account_key"], dtype=np.uint64)
