"""Test whether a dump's ids match the catalogue by chance, and whether its titles agree.

Two catalogues that number their items from 1 share all numbers and nothing else. So ids that were
made up in the dump's own form are looked up too, and titles of records with equal ids are compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.stats import beta, binom

from ringfence.engine import Engine, identifier
from ringfence.leaks.listed_catalogue import ListedCatalogue
from ringfence.leaks.record_text import plain_text
from ringfence.stats.arrays import Names

if TYPE_CHECKING:
    from ringfence.leaks.staged_dumps import StagedDump

INVENTED_IDS: Final = 200_000
"""Ids that are made up per dump."""

_SEED: Final = 19
_CONFIDENCE: Final = 0.95
_TITLES: Final = 2_000
_FEWEST_TITLES: Final = 10
_ROW: Final = "row of the sample"


@dataclass(frozen=True)
class Relation:
    """Whether a dump has to do with the catalogue.

    Attributes:
        ids: number of distinct ids, or of examined records for a linkage.
        matched: number of these that the catalogue lists.
        by_chance: share of made-up ids that the catalogue lists, at most (95 % confidence).
        titles: number of records with a listed id whose titles were compared; 0 if none were.
        agreeing: number of these with the same title as the catalogue.
        agreeing_by_chance: the same number if each record is given the title of another one.
        p_value: probability of as many matches, or of as many equal titles if titles were compared,
            for a dump without relation to the catalogue.
    """

    ids: int
    matched: int
    by_chance: float
    titles: int = 0
    agreeing: int = 0
    agreeing_by_chance: int = 0
    p_value: float = 1.0

    @property
    def related(self) -> bool:
        """Whether the p-value is below 0.001."""
        return self.p_value < 0.001


def relation_of(
    engine: Engine, catalogue: ListedCatalogue, dump: StagedDump, ids: int, matched: int
) -> Relation:
    """Return whether a dump with ids is related to the catalogue.

    It fails for a dump without titles whose ids are numbers without gaps: then no test can say
    which catalogue the numbers are from, and the p-value is near 1.

    Args:
        engine: with the table ``leak_catalogue``.
        catalogue: the catalogue.
        dump: the dump.
        ids: number of its distinct ids.
        matched: number of these that the catalogue lists.
    """
    if dump.item is None or not matched:
        return Relation(ids, matched, 1.0)
    rate = upper_rate(_listed_inventions(engine, dump), INVENTED_IDS)
    titles, agreeing, chance = _titles(engine, catalogue, dump)
    if titles >= _FEWEST_TITLES:
        p_value = binom.sf(agreeing - 1, titles, upper_rate(chance, titles))
        return Relation(ids, matched, rate, titles, agreeing, chance, float(p_value))
    return Relation(ids, matched, rate, p_value=float(binom.sf(matched - 1, max(ids, 1), rate)))


def upper_rate(successes: int, trials: int) -> float:
    """Return the upper limit of a rate, by Clopper and Pearson (1934), at 95 % confidence."""
    if successes >= trials:
        return 1.0
    return float(beta.ppf(_CONFIDENCE, successes + 1, trials - successes))


def invented(ids: Sequence[str], number: int, rng: np.random.Generator) -> Names:
    """Return ids of the same form: each character is drawn from those at its place.

    Args:
        ids: real ids, at least one.
        number: number of ids to make.
        rng: source of randomness.
    """
    by_length: dict[int, list[str]] = {}
    for one in ids:
        by_length.setdefault(len(one), []).append(one)
    lengths = np.array(sorted(by_length))
    weights = np.array([len(by_length[one]) for one in lengths.tolist()]) / len(ids)
    made: list[str] = []
    for length, count in zip(lengths.tolist(), rng.multinomial(number, weights), strict=True):
        signs = np.array([list(one) for one in by_length[length]])
        rows = rng.integers(len(signs), size=(count, length))
        made += ["".join(row) for row in signs[rows, np.arange(length)].tolist()]
    return np.array(made, object)


def _listed_inventions(engine: Engine, dump: StagedDump) -> int:
    assert dump.item is not None  # noqa: S101 - the caller has checked
    ids = [row[0] for row in _sampled_ids(engine, dump)]
    made = invented(ids, INVENTED_IDS, np.random.default_rng(_SEED))
    engine.table("leak_invented", {"id": made})
    found = engine.rows(
        "SELECT count(*) FROM leak_invented WHERE hash(CAST(id AS VARCHAR)) IN (SELECT item_key "
        "FROM leak_catalogue WHERE item_key IN (SELECT hash(CAST(id AS VARCHAR)) "
        "FROM leak_invented))"
    )
    return int(found[0][0])


def _sampled_ids(engine: Engine, dump: StagedDump) -> list[tuple[str, str | None]]:
    """Return the ids of the sample, each with the title of its record."""
    assert dump.item is not None  # noqa: S101 - the caller has checked
    title = dump.roles["title"].column if "title" in dump.roles else ""
    engine.table(
        "leak_samples",
        {
            _ROW: np.arange(len(dump.sample)),
            dump.item.column: np.array(
                [row[dump.item.column] or "" for row in dump.sample], object
            ),
        },
    )
    rows = engine.rows(
        f"SELECT {identifier(_ROW)}, {dump.item.sql} FROM leak_samples "  # noqa: S608 - quoted
        f"WHERE {dump.item.sql} IS NOT NULL ORDER BY {identifier(_ROW)}"
    )
    return [(text, dump.sample[number].get(title)) for number, text in rows]


def _titles(engine: Engine, catalogue: ListedCatalogue, dump: StagedDump) -> tuple[int, int, int]:
    """Return how many titles were compared, how many agree, and how many agree if shuffled."""
    if "title" not in dump.roles or "title" not in catalogue.roles:
        return 0, 0, 0
    told = {one: title for one, title in _sampled_ids(engine, dump) if title}
    known = catalogue_titles(engine, catalogue, list(told)[:_TITLES])
    pairs = [(plain_text(told[one]), plain_text(title)) for one, title in sorted(known.items())]
    theirs = [one for one, _ in pairs]
    ours = [one for _, one in pairs]
    agreeing = sum(map(str.__eq__, theirs, ours))
    shuffled = np.random.default_rng(_SEED).permutation(len(ours)).tolist()
    chance = sum(theirs[n] == ours[m] for n, m in enumerate(shuffled) if n != m)
    return len(pairs), agreeing, chance


def catalogue_titles(
    engine: Engine, catalogue: ListedCatalogue, ids: Sequence[str]
) -> Mapping[str, str]:
    """Return the titles of some items, by item, in one pass over the catalogue."""
    rows = engine.rows(
        f"SELECT item, min(title) FROM {catalogue.relation} "  # noqa: S608 - own
        "WHERE item IN (SELECT unnest($ids)) AND title IS NOT NULL GROUP BY item",
        {"ids": list(ids)},
    )
    return dict(rows)
