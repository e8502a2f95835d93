"""Score the population without an attack: the users that are accused where nobody extracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.lab.evaluate.detectors import RingfenceWithRings
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.population import MONTH, Population
from ringfence.lab.evaluate.replay import ScoreHistory
from ringfence.lab.evaluate.scored_ledger import ScoredLedger, score_ledger
from ringfence.stats.arrays import Floats, Keys

NAMES: Final = Statement("evaluate.names", "SELECT account_key, account FROM accounts")

AccountKinds = tuple[tuple[str, str], ...]
"""Accounts as (name, kind of user), by name."""


@dataclass(frozen=True)
class KindOfUsers:
    """The verdicts on the users of one kind.

    Attributes:
        kind: name of the kind, as in the scenario; "user" for all users of a file.
        users: number of accounts that have a verdict.
        accused: accounts with the verdict extracting at any moment.
        suspected: accounts that were suspects at any moment and never accused.
        least_p_value: the smallest combined p-value at the end.
    """

    kind: str
    users: int
    accused: int
    suspected: int
    least_p_value: float


@dataclass(frozen=True)
class UsersAlone:
    """Verdicts and scores of a population in which nobody extracts.

    Attributes:
        moments: moments of the verdicts, seconds since 1970; the last is the end.
        accused: users with the verdict extracting at any moment.
        suspected: users that were suspects at any moment and never accused.
        in_rings: users in a ring found at any moment, whatever the verdicts; None if no detector
            searches for rings.
        bulk: accounts with permitted bulk access that were accused; they need grants.
        bulk_keys: keys of all accounts with permitted bulk access.
        p_values: (users,) fused p-values at the end, ascending.
        names: the account name of each key.
        highest: the highest score of any user at the end, by name of the detector.
        kinds: the verdicts by kind of user, by name. Accounts with permitted bulk access have kinds
            of their own.
    """

    moments: tuple[int, ...]
    accused: AccountKinds
    suspected: AccountKinds
    in_rings: AccountKinds | None
    bulk: AccountKinds
    bulk_keys: Keys = field(repr=False)
    p_values: Floats = field(repr=False)
    names: dict[int, str] = field(repr=False)
    highest: dict[str, float]
    kinds: tuple[KindOfUsers, ...]


def score_users_alone(
    population: Population,
    detectors: Sequence[Detector],
    moments: Sequence[int],
    step: Callable[[str], None],
) -> UsersAlone:
    """Judge the population at each moment, and score it with every detector at the last one.

    Args:
        population: the users.
        detectors: the detectors.
        moments: seconds since 1970, ascending; at least one.
        step: is called before each verdict.
    """
    tally = _Tally(any(isinstance(detector, RingfenceWithRings) for detector in detectors))
    with GrowingLedger(f"SELECT * FROM {population.relation}", population.settings) as users:  # noqa: S608 - quoted
        for number, moment in enumerate(moments):
            step(f"users alone, {number + 1} of {len(moments)}")
            users.advance(moment)
            with joint_context(users) as context:
                ledger = score_ledger(context, population.settings, moment)
                tally.add(ledger)
                if moment == moments[-1]:
                    bulk = _bulk_keys(population, ledger)
                    highest = {d.name: _highest(d, ledger, bulk) for d in detectors}
        names = {int(key): str(name) for key, name in users.engine.rows(NAMES)}
    return UsersAlone(
        moments=tuple(moments),
        accused=_kinds(population, tally.accused, bulk=False),
        suspected=_kinds(population, tally.suspected - tally.accused, bulk=False),
        in_rings=_kinds(population, tally.in_rings, bulk=False) if tally.search_rings else None,
        bulk=_kinds(population, tally.accused, bulk=True),
        bulk_keys=bulk,
        p_values=np.sort(ledger.scored.fused[~np.isin(ledger.keys, bulk)]),
        names=names,
        highest=highest,
        kinds=tuple(_by_kind(population, ledger, tally)),
    )


def accusation_threshold(history: ScoreHistory, alone: UsersAlone) -> float:
    """Return the score from which a detector accuses.

    A detector without a threshold gets the best one that accuses no user. It lies just above the
    highest score of any user, alone at the end or beside the attack.
    """
    if history.detector.threshold is not None:
        return history.detector.threshold
    beside = float(history.highest.max(initial=-np.inf))
    return float(np.nextafter(max(alone.highest[history.detector.name], beside), np.inf))


def month_ends(start: int, end: int) -> tuple[int, ...]:
    """Return the end of every 30 days after a start, and the end itself; seconds since 1970."""
    return (*range(start + MONTH, end, MONTH), end)


@dataclass
class _Tally:
    """Names of accounts by their verdicts at all moments so far."""

    search_rings: bool
    accused: set[str] = field(default_factory=set)
    suspected: set[str] = field(default_factory=set)
    in_rings: set[str] = field(default_factory=set)

    def add(self, ledger: ScoredLedger) -> None:
        """Add the verdicts at one moment."""
        accounts = ledger.scored.accounts["account"]
        self.accused |= set(accounts[ledger.labels == "extracting"])
        self.suspected |= set(accounts[ledger.labels == "suspect"])
        if self.search_rings:
            rings = ledger.combined.rings
            self.in_rings |= {str(name) for ring in rings for name in accounts[ring.rows]}


def _by_kind(population: Population, ledger: ScoredLedger, tally: _Tally) -> Iterator[KindOfUsers]:
    """Yield the verdicts on each kind of user; the ledger is that of the last moment."""
    names = ledger.scored.accounts["account"]
    kinds = np.array([population.kind(name) for name in names], object)
    for kind in sorted(set(kinds)):
        own = kinds == kind
        accounts = set(names[own])
        yield KindOfUsers(
            kind,
            int(own.sum()),
            len(accounts & tally.accused),
            len(accounts & (tally.suspected - tally.accused)),
            float(ledger.scored.fused[own].min()),
        )


def _bulk_keys(population: Population, ledger: ScoredLedger) -> Keys:
    names = ledger.scored.accounts["account"]
    bulk = [population.has_bulk_access(name) for name in names]
    return np.asarray(ledger.keys[np.array(bulk, dtype=bool)], dtype=np.uint64)


def _highest(detector: Detector, ledger: ScoredLedger, bulk: Keys) -> float:
    keys, scores = detector.scores(ledger)
    return float(scores[~np.isin(keys, bulk)].max(initial=-np.inf))


def _kinds(population: Population, names: set[str], *, bulk: bool) -> AccountKinds:
    chosen = sorted(name for name in names if population.has_bulk_access(name) == bulk)
    return tuple((name, population.kind(name)) for name in chosen)
