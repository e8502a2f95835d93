"""SQL of what a server writes beside time, account and item: status, bytes, referrer, and more.

All of it follows from the numbers of an event, so nothing is stored. The sizes are assumed. The SQL
reads the columns ``moment``, ``item`` (public number), ``surface``, ``response``, ``records`` and
``traces`` of a relation.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.lab.simulate.event_columns import (
    ARCHIVE,
    ITEM,
    ITEMS_PER_PAGE,
    LISTING,
    MISSING,
    REFUSED,
    SURFACE_NAMES,
)
from ringfence.stats.arrays import Codes, Integers

_SITE: Final = "https://archive.example.org/"
_SEARCH: Final = "https://www.google.com/"
_PAGE: Final = (20_000, 180_000)
_FILE: Final = (1_500_000, 9_000_000)
_ARCHIVE: Final = (45_000_000, 90_000_000)
"""Smallest size in bytes, and the span of sizes, of a page, of a file, and of an archive. 800
archives of this size are 72 GB."""

_STEP: Final = 7_919
"""A prime, so that neighbouring items have different sizes."""


FIRST_MISSING: Final = 900_000_000
"""First number in the names of items that do not exist: beyond every catalogue."""

ITEM_SQL: Final = (
    f"CASE response WHEN {MISSING} THEN 'tr-' || (item + {FIRST_MISSING}) "
    f"WHEN {ARCHIVE} THEN 'al-' || item WHEN {LISTING} THEN 'search-' || item "
    "ELSE 'tr-' || item END"
)
"""What a request names: an item that exists or does not, an archive, or a page of results."""


STATUS_SQL: Final = (
    f"CAST(CASE response WHEN {MISSING} THEN 404 WHEN {REFUSED} THEN 403 ELSE 200 END AS INTEGER)"
)

RECORDS_SQL: Final = "CAST(records AS INTEGER)"


def bytes_sql(*, pages: bool) -> str:
    """Return the SQL of the bytes sent.

    Args:
        pages: whether items are pages of a site; otherwise streams and downloads are files.
    """
    media = f"surface IN ({SURFACE_NAMES.index('stream')}, {SURFACE_NAMES.index('download')})"
    item = _size(_PAGE) if pages else f"CASE WHEN {media} THEN {_size(_FILE)} ELSE 700 END"
    return (
        f"CAST(CASE WHEN response IN ({MISSING}, {REFUSED}) THEN 300 "
        f"WHEN response = {ARCHIVE} THEN {_size(_ARCHIVE)} "
        f"WHEN response = {LISTING} THEN 40000 + item % 9000 ELSE {item} END AS BIGINT)"
    )


REFERRER_SQL: Final = (
    f"CASE WHEN NOT traces OR (moment * {_STEP} + item) % 20 = 0 THEN NULL "
    f"WHEN (moment * {_STEP} + item) % 20 < 4 THEN '{_SEARCH}' ELSE '{_SITE}' END"
)
"""One visitor's request in 20 has no referrer, and three come from a search engine. Assumed."""

ASSETS_SQL: Final = (
    f"CAST(CASE WHEN NOT traces OR response NOT IN ({ITEM}, {LISTING}) THEN 0 "
    f"ELSE (moment * {_STEP} + item) % 7 END AS INTEGER)"
)
"""Styles, scripts and pictures that a browser fetches with a page: none to six, because most of
them are in its cache. Assumed."""


def records_of(response: Codes, group_size: Integers) -> Integers:
    """Return the number of items that each answer shows or holds; -1 if the log does not tell.

    Args:
        response: positions in ``RESPONSE_NAMES``.
        group_size: size of the group with the number of the event's item, where it is an archive.
    """
    shown = np.select(
        [response == ITEM, response == ARCHIVE, response == LISTING],
        [1, group_size, ITEMS_PER_PAGE],
        0,
    )
    return np.asarray(shown, np.int64)


def _size(bounds: tuple[int, int]) -> str:
    least, span = bounds
    return f"{least} + item * {_STEP} % {span}"
