"""Merge the rows of the ledger's many small sources now and then, so that folds stay cheap.

A fold only appends rows. Merging rewrites the ledger, so it is done when the appended rows are a
tenth of it. The cost of all merging then grows like the number of rows, and not like its square.
"""

from __future__ import annotations

from typing import Final

from ringfence.ledger import Ledger

LEAST_SOURCES: Final = 1_000
"""Sources that are never worth merging."""

MOST_SOURCES: Final = 50_000
"""Sources that are merged in any case. Finding one among these takes about 3 ms."""

_TENTH: Final = 10


def age_if_due(ledger: Ledger, least_sources: int = LEAST_SOURCES) -> bool:
    """Merge all rows of the ledger if many were appended, and return whether it was done.

    Call it between two folds: no plan may be left.

    Args:
        ledger: of the service, open.
        least_sources: number of sources below which nothing is merged.
    """
    sources, appended, merged = ledger.appended_rows()
    due = sources >= MOST_SOURCES or (sources >= least_sources and _TENTH * appended >= merged)
    if due:
        ledger.age()
    return due
