"""Compare the order of a dump's records with popularity and with the catalogue's own order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import spearmanr

from ringfence.engine import Engine
from ringfence.leaks.listed_catalogue import ListedCatalogue
from ringfence.leaks.staged_dumps import StagedDump

_SAMPLE: Final = 200_000
_FEWEST: Final = 20
_FOLLOWS: Final = 0.5
_SAME: Final = 0.999


@dataclass(frozen=True)
class RecordOrder:
    """Order of a dump, as Spearman's rank correlations over a sample of matched records.

    The sample is chosen by key, so it does not depend on the order.

    Attributes:
        records: number of matched records in the sample.
        popularity: correlation of position with popularity; -1 if the most used items come first.
            None if the catalogue states no popularity, or all items are used alike.
        catalogue: correlation of position with the position in the catalogue file.
    """

    records: int
    popularity: float | None
    catalogue: float | None

    @property
    def popular_first(self) -> bool:
        """Whether the most used items clearly come first."""
        return self.popularity is not None and self.popularity < -_FOLLOWS

    @property
    def as_catalogue(self) -> bool:
        """Whether the records are in the order of the catalogue file."""
        return self.catalogue is not None and self.catalogue > _SAME


def record_order(engine: Engine, catalogue: ListedCatalogue, dump: StagedDump) -> RecordOrder:
    """Return how a dump is ordered.

    Args:
        engine: with the tables of the catalogue and of the dump.
        catalogue: the catalogue.
        dump: the dump.
    """
    step = max(min(catalogue.items, dump.records) // _SAMPLE, 1)
    found = engine.columns(
        "SELECT min(d.position) AS position, min(c.place) AS place, "  # noqa: S608 - own
        "max(c.popularity) AS popularity "
        f"FROM (SELECT item_key, position FROM {dump.table} WHERE item_key % {step:d} = 0) AS d "
        "JOIN (SELECT item_key, rowid AS place, popularity FROM leak_catalogue "
        f"WHERE item_key % {step:d} = 0) AS c ON c.item_key = d.item_key GROUP BY c.item_key"
    )
    position = np.asarray(found["position"])
    if position.size < _FEWEST:
        return RecordOrder(int(position.size), None, None)
    return RecordOrder(
        int(position.size),
        _correlation(position, np.asarray(found["popularity"])) if catalogue.has_use else None,
        _correlation(position, np.asarray(found["place"])),
    )


def _correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    if np.ptp(y) == 0 or np.ptp(x) == 0:
        return None
    return float(spearmanr(x, y).statistic)
