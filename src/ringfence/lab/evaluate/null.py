"""The population by itself: users accused where nobody extracts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.detectors.ringfence_with_rings import RingfenceWithRings
from ringfence.lab.evaluate.folding import Folding, looked_at
from ringfence.lab.evaluate.population import MONTH, Population
from ringfence.lab.evaluate.replay import Watch, snapshot_of
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Floats, Keys

NAMES: Final = Statement("evaluate.names", "SELECT account_key, account FROM accounts")

Kinds = tuple[tuple[str, str], ...]
"""Accounts and what kind of user each is, in the order of their names."""


@dataclass(frozen=True)
class Null:
    """What is said of users alone.

    Attributes:
        moments: when, seconds since 1970; the last is the end.
        accused: users with the verdict extracting at any of them: (name, kind).
        suspected: those who were suspects and never accused.
        in_rings: users in a ring that was found at any of them, whatever the verdict on the ring
            or on them; None where no detector looks for rings.
        bulk: accounts that take in bulk with leave and were accused; they need grants.
        bulk_keys: keys of all accounts that take in bulk with leave.
        p_values: users' fused p-values at the end, ascending.
        names: the account of each key, by key.
        highest: the highest score any user has at the end, by name of the detector.
        kinds: users by kind.
    """

    moments: tuple[int, ...]
    accused: Kinds
    suspected: Kinds
    in_rings: Kinds | None
    bulk: Kinds
    bulk_keys: Keys = field(repr=False)
    p_values: Floats = field(repr=False)
    names: dict[int, str] = field(repr=False)
    highest: dict[str, float]
    kinds: dict[str, int]


def null_of(
    population: Population,
    detectors: Sequence[Detector],
    moments: Sequence[int],
    step: Callable[[str], None],
) -> Null:
    """Judge the population without an attack.

    Args:
        population: users.
        detectors: score the users at the last moment.
        moments: when to judge, ascending.
        step: is told before each verdict.
    """
    by_label: dict[str, set[str]] = {"extracting": set(), "suspect": set()}
    rings = any(isinstance(detector, RingfenceWithRings) for detector in detectors)
    members: set[str] = set()
    with Folding(f"SELECT * FROM {population.relation}", population.settings) as folding:  # noqa: S608 - quoted
        for number, moment in enumerate(moments):
            step(f"users alone, {number + 1} of {len(moments)}")
            folding.advance(moment)
            with looked_at(folding) as context:
                snapshot = snapshot_of(context, population.settings, moment)
                for label, found in by_label.items():
                    found |= set(snapshot.scored.accounts["account"][snapshot.labels == label])
                members |= _members(snapshot) if rings else set()
                if moment == moments[-1]:
                    bulk = _bulk_keys(population, snapshot)
                    highest = {d.name: _highest(d, snapshot, bulk) for d in detectors}
        names = {int(key): str(name) for key, name in folding.engine.rows(NAMES)}
    honest = ~np.isin(snapshot.scored.accounts["account_key"], bulk)
    return Null(
        moments=tuple(moments),
        accused=_kinds(population, by_label["extracting"], bulk=False),
        suspected=_kinds(population, by_label["suspect"] - by_label["extracting"], bulk=False),
        in_rings=_kinds(population, members, bulk=False) if rings else None,
        bulk=_kinds(population, by_label["extracting"], bulk=True),
        bulk_keys=bulk,
        p_values=np.sort(snapshot.scored.fused[honest]),
        names=names,
        highest=highest,
        kinds=dict(sorted(Counter(population.kind(name) for name in names.values()).items())),
    )


def threshold_of(watch: Watch, null: Null) -> float:
    """Return the score from which on a detector accuses.

    A detector without a threshold gets the best one that accuses no user, chosen knowing the
    truth: just above the highest score of any user, alone at the end or beside the attack.
    """
    if watch.detector.threshold is not None:
        return watch.detector.threshold
    highest = max(null.highest[watch.detector.name], float(watch.highest.max(initial=-np.inf)))
    return float(np.nextafter(highest, np.inf))


def monthly(start: int, end: int) -> tuple[int, ...]:
    """Return the end of every 30 days from the start, and the end itself."""
    return (*range(start + MONTH, end, MONTH), end)


def _bulk_keys(population: Population, snapshot: Snapshot) -> Keys:
    accounts = snapshot.scored.accounts
    bulk = [population.takes_in_bulk(name) for name in accounts["account"]]
    return np.asarray(accounts["account_key"][np.array(bulk, dtype=bool)], dtype=np.uint64)


def _members(snapshot: Snapshot) -> set[str]:
    """Name the accounts that are in any ring."""
    accounts = snapshot.scored.accounts["account"]
    return {str(name) for one in snapshot.rings for name in accounts[one.rows]}


def _highest(detector: Detector, snapshot: Snapshot, bulk: Keys) -> float:
    keys, scores = detector.scores(snapshot)
    return float(scores[~np.isin(keys, bulk)].max(initial=-np.inf))


def _kinds(population: Population, names: set[str], *, bulk: bool) -> Kinds:
    chosen = sorted(name for name in names if population.takes_in_bulk(name) == bulk)
    return tuple((name, population.kind(name)) for name in chosen)
