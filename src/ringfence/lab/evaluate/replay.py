"""Replay an attack among users, and record the scores of every detector at each verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ringfence.engine import literal
from ringfence.events.formats.source_columns import path_sql
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.planting import PlantedAttack
from ringfence.lab.evaluate.population import Population
from ringfence.lab.evaluate.scored_ledger import ScoredLedger, score_ledger
from ringfence.lab.evaluate.verdict_times import (
    VerdictInterval,
    active_times,
    search_times,
    verdict_times,
)
from ringfence.stats.arrays import Floats, Integers, Keys

NEVER: Final = np.iinfo(np.int64).max
"""The moment at which an account is found that is never found."""


@dataclass
class ScoreHistory:
    """The scores that one detector gave during one attack.

    Attributes:
        detector: the detector.
        extractors: (extractors,) keys of the extracting accounts.
        bulk: keys of accounts with permitted bulk access, which are neither extractors nor users.
        moments: moments of the verdicts so far.
        scores: per verdict, (extractors,) the highest score of each so far; -inf before its first.
        users: keys of all other accounts so far, ascending.
        highest: (users,) their highest scores so far.
    """

    detector: Detector
    extractors: Keys
    bulk: Keys
    moments: list[int] = field(default_factory=list)
    scores: list[Floats] = field(default_factory=list)
    users: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    highest: Floats = field(default_factory=lambda: np.zeros(0))

    def add(self, ledger: ScoredLedger) -> None:
        """Add the detector's scores at one more verdict."""
        keys, scores = self.detector.scores(ledger)
        before = self.scores[-1] if self.scores else np.full(self.extractors.size, -np.inf)
        self.moments.append(ledger.moment)
        self.scores.append(np.maximum(before, _scores_of(self.extractors, keys, scores)))
        honest = ~np.isin(keys, np.concatenate([self.extractors, self.bulk]))
        union = np.union1d(self.users, keys[honest])
        current = _scores_of(union, keys[honest], scores[honest])
        self.highest = np.maximum(_scores_of(union, self.users, self.highest), current)
        self.users = union

    def found_at(self, threshold: float) -> Integers:
        """Return (extractors,) the moment each first reached a threshold, or :data:`NEVER`."""
        if not self.moments:
            return np.full(self.extractors.size, NEVER)
        reached = np.vstack(self.scores) >= threshold
        first = np.array(self.moments)[np.argmax(reached, axis=0)]
        return np.where(reached.any(axis=0), first, NEVER)


def _scores_of(wanted: Keys, keys: Keys, scores: Floats) -> Floats:
    """Return (wanted,) the score of each wanted key; -inf without one. ``keys`` ascend."""
    if not keys.size:
        return np.full(wanted.size, -np.inf)
    places = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return np.where(keys[places] == wanted, scores[places], -np.inf)


class AttackReplay:
    """One attack in a population, replayed up to some moment.

    Args:
        population: the users.
        planted: the attack.
        detectors: the detectors that score all accounts.
        bulk: keys of accounts with permitted bulk access.
        every: interval of the verdicts. Verdicts before which the attack took nothing are skipped.
    """

    def __init__(
        self,
        population: Population,
        planted: PlantedAttack,
        detectors: Sequence[Detector],
        bulk: Keys,
        every: VerdictInterval,
    ) -> None:
        self.planted = planted
        self.times = active_times(verdict_times(planted.start, planted.end, every), planted)
        self._search_times = search_times(planted, self.times)
        self._ledger = GrowingLedger(attack_events(population, planted), population.settings)
        keys = _account_keys(self._ledger, planted)
        self.histories = tuple(ScoreHistory(detector, keys, bulk) for detector in detectors)

    def score(self, users: GrowingLedger, moment: int) -> None:
        """Record the scores at one moment.

        Args:
            users: the population, folded up to this moment.
            moment: one of ``times``.
        """
        self._ledger.advance(moment)
        with joint_context(users, self._ledger) as context:
            search = moment in self._search_times
            ledger = score_ledger(context, users.ledger.settings, moment, search_groups=search)
            for history in self.histories:
                history.add(ledger)

    def is_over(self, threshold: Callable[[ScoreHistory], float]) -> bool:
        """Return whether every detector has found every extractor at its present threshold."""
        return all(
            history.scores and bool(np.all(history.scores[-1] >= threshold(history)))
            for history in self.histories
        )

    def close(self) -> None:
        """Drop the attack's ledger; the score histories stay."""
        self._ledger.close()


def attack_events(population: Population, planted: PlantedAttack) -> str:
    """Return a SELECT of the attack's events; stolen accounts keep their users' own events."""
    attack = f"SELECT * FROM read_parquet({path_sql(planted.events)})"  # noqa: S608 - quoted
    if not planted.stolen:
        return attack
    own = (
        f"SELECT * FROM {population.relation} "  # noqa: S608 - quoted
        f"WHERE account IN (SELECT unnest({literal(sorted(planted.stolen))}))"
    )
    return f"{attack} UNION ALL BY NAME {own}"


def _account_keys(ledger: GrowingLedger, planted: PlantedAttack) -> Keys:
    numbers = np.arange(planted.names.size)
    ledger.engine.table("planted_names", {"number": numbers, "account": planted.names})
    found = ledger.engine.columns(
        "SELECT hash(account) AS account_key FROM planted_names ORDER BY number"
    )
    return np.asarray(found["account_key"], dtype=np.uint64)
