"""Measure how well a catalogue file fits the items that were taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ringfence.catalogue import Catalogue
from ringfence.engine import Engine, Statement

STATED_POPULARITY: Final = Statement(
    "pipeline.stated_popularity",
    """
WITH highest AS (
  SELECT max(popularity) AS popularity FROM catalogue
)
SELECT count(CASE WHEN c.popularity > 0 THEN 1 END) AS stated,
  CAST(coalesce(max(h.popularity), 0) AS DOUBLE) AS highest,
  count(CASE WHEN c.popularity = h.popularity THEN 1 END) AS at_highest,
  CAST(coalesce(avg(CASE WHEN c.popularity > 0 THEN c.popularity END), 0) AS DOUBLE) AS mean,
  count(CASE WHEN c.popularity > 0 AND c.holders > 0 THEN 1 END) AS held,
  count(CASE WHEN c.popularity > 0 AND c.holders > c.popularity THEN 1 END) AS too_low
FROM catalogue AS c
CROSS JOIN highest AS h
""",
)
"""The popularity that a catalogue file states. A count of uses cannot be lower than the number of
accounts that hold the item."""


@dataclass(frozen=True)
class CatalogueFacts:
    """Measurements of how a catalogue file fits the items that were taken.

    Attributes:
        listed: number of items in the file; 0 without a file.
        matched: number of items that were taken and are listed.
        stated: number of items with a popularity above zero in the file.
        highest: the highest popularity.
        at_highest: number of items with the highest popularity.
        mean: mean popularity of items that have one.
        held: number of items with a popularity that were taken.
        too_low: number of items with a popularity below the number of accounts that hold them.
    """

    listed: int = 0
    matched: int = 0
    stated: int = 0
    highest: float = 0.0
    at_highest: int = 0
    mean: float = 0.0
    held: int = 0
    too_low: int = 0


def measure_catalogue(engine: Engine, catalogue: Catalogue, taken: int) -> CatalogueFacts:
    """Measure the facts about a loaded catalogue.

    Args:
        engine: the engine that holds it.
        catalogue: its totals.
        taken: number of distinct items that were taken.
    """
    if not catalogue.listed:
        return CatalogueFacts()
    # Items that were taken and are not listed are in the loaded catalogue, too.
    matched = taken - (catalogue.items - catalogue.listed)
    if not catalogue.own_popularity:
        return CatalogueFacts(catalogue.listed, matched)
    return CatalogueFacts(catalogue.listed, matched, *engine.rows(STATED_POPULARITY)[0])
