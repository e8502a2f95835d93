"""Merge the rows of the ledger's many small sources, and forget old rows, so that costs stay flat.

A fold only appends rows. Merging rewrites the ledger, so it is done when the appended rows are a
tenth of it. The total cost of merging then grows linearly with the number of rows.
Forgetting rewrites the ledger as well, so it is done in steps of a tenth of the kept time.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from ringfence.ledger import Ledger
from ringfence.ledger.used_hours import first_day_kept, used_hours
from ringfence.stats.seconds import DAY, HOUR

LEAST_SOURCES: Final = 1_000
"""Sources that are never worth merging."""

MOST_SOURCES: Final = 50_000
"""Sources that are merged in any case. Finding one among these takes about 3 ms."""

_TENTH: Final = 10
_BEGINNING: Final = date(1970, 1, 1)


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


def day_to_forget(ledger: Ledger, keep_days: int, now: float) -> date | None:
    """Return the first day that is kept, if something is old enough to be forgotten; else None.

    Args:
        ledger: of the service, open.
        keep_days: days that are kept; 0 for all.
        now: seconds since 1970.
    """
    hours = used_hours(ledger.engine) if keep_days else None
    kept = first_day_kept(ledger.engine, keep_days, now) if hours else None
    if hours is None or kept is None:
        return None
    first = _BEGINNING + timedelta(days=hours[0] * HOUR // DAY)
    slack = timedelta(days=max(1, keep_days // _TENTH))
    return kept if first + slack <= kept else None
