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
from ringfence.leaks.linkage.candidates import GAMMA, RIGHT_TEXTS, store_pairs
from ringfence.stats.arrays import Columns, Floats

COMPARISONS: Final = {"title": 7, "artist": 4, "duration": 5}
"""The comparisons and their number of levels."""

LEVEL_NAMES: Final = {
    "title": (
        "different",
        "similar",
        "nearly equal and very short",
        "nearly equal and short",
        "nearly equal",
        "equal without additions",
        "equal",
    ),
    "artist": ("different", "similar", "nearly equal", "equal"),
    "duration": ("different", "within 10 s", "within 3 s", "within 1.5 s", "within 0.5 s"),
}
"""The names of the levels, the lowest one first."""

_NEAR_TITLE: Final = 4
"""The level of titles that are nearly equal, and long enough to be hardly another one."""

_SAME_CORE: Final = 5
"""The level of titles from which they are equal, but for additions."""

_RANDOM_PAIRS: Final = 1_000_000
_EXAMINED: Final = 20_000
"""Records whose candidate pairs the model is estimated from, about."""

_PAIRS: Final = "leak_sampled_pairs"
_ROUNDS: Final = 30
_START: Final = {
    "title": (0.02, 0.05, 0.01, 0.02, 0.12, 0.13, 0.65),
    "artist": (0.05, 0.05, 0.15, 0.75),
    "duration": (0.03, 0.04, 0.03, 0.2, 0.7),
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
                for level, label in enumerate(LEVEL_NAMES[name])
            }
            for name in COMPARISONS
        }

    def odds_sql(self) -> str:
        """Return SQL of the odds of a pair against the record being in no catalogue.

        A title that few items have counts as rare only if the artist is not another one: different
        works of one title are more frequent than titles and artists are by themselves. A long title
        that is nearly equal never counts as rarer than one item, for the same reason.
        """
        prior = self.present / (1 - self.present) / self.items
        ratios = " * ".join(_ratio_sql(name, self.m[name], self.u[name]) for name in COMPARISONS)
        near = _number(self.u["title"][_NEAR_TITLE] * self.items)
        core = _number(_summed(self.u["title"], _SAME_CORE) * self.items)
        artist = _number(_summed(self.u["artist"], 3) * self.items)
        frequent = (
            f"CASE WHEN title_level >= {_SAME_CORE:d} THEN {core} / "
            "CASE WHEN artist_level = 0 THEN greatest(same_core, 1e0) ELSE same_core END "
            f"WHEN title_level = {_NEAR_TITLE:d} THEN {near} / greatest(same_core, 1e0) "
            "ELSE 1e0 END * "
            f"CASE WHEN artist_level = 3 THEN {artist} / same_artist ELSE 1e0 END"
        )
        way = f"CASE WHEN swapped = 1 THEN {_number(SWAPPED)} ELSE {_number(1 - SWAPPED)} END"
        return f"{_number(prior)} * {ratios} * {frequent} * {way}"


def estimate(engine: Engine, left: str) -> LinkModel:
    """Estimate the model from random pairs and from candidate pairs of a sample of the records.

    Args:
        engine: with the tables of records and items, and those of the candidates.
        left: the records.
    """
    items = int(engine.rows(f"SELECT count(*) FROM {RIGHT_TEXTS}")[0][0])  # noqa: S608 - own
    records = int(engine.rows(f"SELECT count(*) FROM {left}")[0][0])  # noqa: S608 - own
    u = _random_levels(engine, left)
    step = max(records // _EXAMINED, 1)
    sample = f"(SELECT * FROM {left} WHERE hash(record) % {step:d} = 0)"  # noqa: S608 - own
    store_pairs(engine, sample, _PAIRS)
    found = engine.columns(
        "SELECT record, swapped, same_core, same_artist, title_level, artist_level, "  # noqa: S608 - own
        f"duration_level FROM {_PAIRS}"
    )
    examined = int(engine.rows(f"SELECT count(*) FROM {sample}")[0][0])  # noqa: S608 - own
    return _maximised(found, u, items, examined)


def _random_levels(engine: Engine, left: str) -> dict[str, tuple[float, ...]]:
    """Return the frequency of each level among random pairs of different items.

    A pair with nearly equal titles counts only if artist or duration shows that it is not the same
    item. In a small catalogue, random pairs have many equal ones.
    """
    side = int(_RANDOM_PAIRS**0.5)
    found = engine.columns(
        f"WITH pairs AS (SELECT {GAMMA} "  # noqa: S608 - own
        f"FROM (SELECT * FROM {left} ORDER BY hash(record) LIMIT {side:d}) AS l, "
        f"(SELECT * FROM {RIGHT_TEXTS} ORDER BY hash(item_key) LIMIT {side:d}) AS r) "
        "SELECT * FROM pairs WHERE title_level < 2 "
        "OR greatest(artist_level, duration_level) IN (0, 1)"
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
    same = np.asarray(pairs["same_core"])
    same = np.where(np.asarray(pairs["artist_level"]) == 0, np.maximum(same, 1.0), same)
    core = _summed(model.u["title"], _SAME_CORE) * model.items / same
    same = _summed(model.u["artist"], 3) * model.items / np.asarray(pairs["same_artist"])
    near = model.u["title"][_NEAR_TITLE] * model.items / np.maximum(pairs["same_core"], 1.0)
    odds *= np.where(title == _NEAR_TITLE, near, 1.0)
    odds *= np.where(title >= _SAME_CORE, core, 1.0) * np.where(artist == 3, same, 1.0)
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
