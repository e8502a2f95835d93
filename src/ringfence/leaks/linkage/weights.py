"""Match weights, estimated from the pairs themselves.

Fellegi and Sunter (1969): a level of a comparison counts log2(m / u) bits, where m is its frequency
among pairs of the same item and u among others. u is measured on random pairs, and, for equal
titles and artists, on how often the value occurs (Winkler 2000, frequency-based matching). m, and
the share of records that are in the catalogue at all, come from expectation and maximisation
(Dempster, Laird and Rubin 1977). A record is at most one item, so candidates of a record compete:
the posterior of candidate j is o_j / (1 + sum of o), with o_j the odds of j alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ringfence.engine import Engine
from ringfence.leaks.linkage.candidates import GAMMA
from ringfence.stats.arrays import Columns, Floats

COMPARISONS: Final = {"title": 5, "artist": 4, "duration": 4}
"""The comparisons and their number of levels."""

_LEVELS: Final = {
    "title": ("different", "similar", "nearly equal", "equal without additions", "equal"),
    "artist": ("different", "similar", "nearly equal", "equal"),
    "duration": ("different", "within 10 s", "within 3 s", "within 1 s"),
}
_RANDOM_PAIRS: Final = 400_000
_ROUNDS: Final = 30
_START: Final = {
    "title": (0.02, 0.05, 0.15, 0.13, 0.65),
    "artist": (0.05, 0.05, 0.15, 0.75),
    "duration": (0.03, 0.07, 0.1, 0.8),
}
_STEADY: Final = 20.0
"""Pairs that the start values count as, so that no level gets a probability of 0."""

SWAPPED: Final = 0.05
"""Prior share of records with title and artist swapped."""


@dataclass(frozen=True)
class LinkModel:
    """The estimated model.

    Attributes:
        m: frequency of each level among pairs of the same item, per comparison.
        u: the same among random pairs.
        items: number of items of the catalogue that have a title.
        present: share of the records that are in the catalogue.
    """

    m: Mapping[str, tuple[float, ...]]
    u: Mapping[str, tuple[float, ...]]
    items: int
    present: float

    def weights(self) -> dict[str, dict[str, float]]:
        """Return the match weight in bits of each level, without frequencies of values."""
        return {
            name: {
                label: float(np.log2(self.m[name][level] / self.u[name][level]))
                for level, label in enumerate(_LEVELS[name])
            }
            for name in COMPARISONS
        }

    def odds_sql(self) -> str:
        """Return SQL of the odds of a pair against the record being in no catalogue."""
        prior = self.present / (1 - self.present) / self.items
        ratios = " * ".join(_ratio_sql(name, self.m[name], self.u[name]) for name in COMPARISONS)
        core = _number(_summed(self.u["title"], 3) * self.items)
        artist = _number(_summed(self.u["artist"], 3) * self.items)
        frequent = (
            f"CASE WHEN title_level >= 3 THEN {core} / same_core ELSE 1e0 END * "
            f"CASE WHEN artist_level = 3 THEN {artist} / same_artist ELSE 1e0 END"
        )
        way = f"CASE WHEN swapped = 1 THEN {_number(SWAPPED)} ELSE {_number(1 - SWAPPED)} END"
        return f"{_number(prior)} * {ratios} * {frequent} * {way}"


def estimate(engine: Engine, left: str, pairs: str) -> LinkModel:
    """Estimate the model from random pairs and from a sample of the candidate pairs.

    Args:
        engine: with the tables and ``leak_right``.
        left: the records.
        pairs: their candidate pairs.
    """
    items = int(engine.rows("SELECT count(*) FROM leak_right")[0][0])
    records = int(engine.rows(f"SELECT count(*) FROM {left}")[0][0])  # noqa: S608 - own
    u = _random_levels(engine, left)
    step = max(records // 100_000, 1)
    found = engine.columns(
        "SELECT record, swapped, same_core, same_artist, title_level, artist_level, "  # noqa: S608 - own
        f"duration_level FROM {pairs} WHERE record % {step:d} = 0"
    )
    return _maximised(found, u, items, -(-records // step))


def _random_levels(engine: Engine, left: str) -> dict[str, tuple[float, ...]]:
    """Return the frequency of each level among random pairs."""
    side = int(_RANDOM_PAIRS**0.5)
    found = engine.columns(
        f"SELECT {GAMMA} FROM (SELECT * FROM {left} ORDER BY hash(record) LIMIT {side:d}) AS l, "  # noqa: S608 - own
        f"(SELECT * FROM leak_right ORDER BY hash(item_key) LIMIT {side:d}) AS r"
    )
    return {
        name: _frequencies(np.asarray(found[f"{name}_level"]), None, count, (1.0 / count,) * count)
        for name, count in COMPARISONS.items()
    }


def _frequencies(
    levels: np.ndarray[Any, Any],
    weights: Floats | None,
    count: int,
    start: tuple[float, ...],
    steady: float = 1.0,
) -> tuple[float, ...]:
    known = levels >= 0
    sums = np.bincount(
        levels[known].astype(np.int64),
        None if weights is None else weights[known],
        minlength=count,
    ) + steady * np.array(start)
    return tuple((sums / sums.sum()).tolist())


def _maximised(
    pairs: Columns, u: dict[str, tuple[float, ...]], items: int, records: int
) -> LinkModel:
    model = LinkModel(_START, u, items, 0.5)
    _, rows = np.unique(np.asarray(pairs["record"]), return_inverse=True)
    for _ in range(_ROUNDS):
        odds = _odds(pairs, model)
        posterior = odds / (1 + np.bincount(rows, odds)[rows]) if rows.size else odds
        present = (posterior.sum() + 1) / (records + 2)
        m = {
            name: _frequencies(
                np.asarray(pairs[f"{name}_level"]), posterior, count, _START[name], _STEADY
            )
            for name, count in COMPARISONS.items()
        }
        model = LinkModel(m, u, items, float(min(present, 0.999)))
    return model


def _odds(pairs: Columns, model: LinkModel) -> Floats:
    """Return the odds of each pair; the same as :meth:`LinkModel.odds_sql`."""
    odds = np.full(
        len(pairs["record"]), model.present / (1 - model.present) / model.items, np.float64
    )
    for name in COMPARISONS:
        levels = np.asarray(pairs[f"{name}_level"]).astype(np.int64)
        ratio = np.array([*np.divide(model.m[name], model.u[name]), 1.0])
        odds *= ratio[levels]  # level -1 is the last place
    title, artist = np.asarray(pairs["title_level"]), np.asarray(pairs["artist_level"])
    core = _summed(model.u["title"], 3) * model.items / np.asarray(pairs["same_core"])
    same = _summed(model.u["artist"], 3) * model.items / np.asarray(pairs["same_artist"])
    odds *= np.where(title >= 3, core, 1.0) * np.where(artist == 3, same, 1.0)
    return odds * np.where(np.asarray(pairs["swapped"]) == 1, SWAPPED, 1 - SWAPPED)


def _ratio_sql(name: str, m: tuple[float, ...], u: tuple[float, ...]) -> str:
    steps = " ".join(
        f"WHEN {level} THEN {_number(one / other)}"
        for level, (one, other) in enumerate(zip(m, u, strict=True))
    )
    return f"CASE {name}_level {steps} ELSE 1e0 END"


def _number(value: float) -> str:
    """Write a number with an exponent; without one, it would be an exact decimal in SQL."""
    return f"{value:.12e}"


def _summed(levels: tuple[float, ...], first: int) -> float:
    return float(sum(levels[first:]))
