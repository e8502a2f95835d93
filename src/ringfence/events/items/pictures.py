"""Tell whether the pictures of a site are its items, or only belong to its pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from ringfence.events.items.page import Visit
from ringfence.events.items.rules import IIIF, Rule, is_page

_ENDINGS: Final = "jpe?g|png|gif|webp|avif|bmp"
_PICTURE: Final = re.compile(rf"(?i)\.(?:{_ENDINGS})(?:[?#;]|$)")
_LEAST: Final = 0.4
"""Share of the requests, style aside, that are pictures; visitors also open the home page."""

_MANY: Final = 24
"""Distinct pictures from which they can be items."""

_EVERYBODY: Final = 0.25
"""Share of the accounts from which a picture is part of the site's style."""

_PER_PAGE: Final = 4
"""Pictures for each distinct page from which the pages are only lists of pictures."""

PICTURE_PATH: Final = Rule(
    rf"(?i)^(?:[a-z][a-z0-9+.-]*://[^/?#]*)?(?P<item>/[^?#]*\.(?:{_ENDINGS}))(?:[?#;]|$)"
)
"""The path of a picture as item, for sites whose pictures have no pattern."""


def pages_of(visits: Sequence[Visit]) -> list[Visit]:
    """Return the visits that may have an item: pages, IIIF images, and pictures if they are items.

    Args:
        visits: successful requests, static assets included.
    """
    pictures = serves_pictures(visits)
    return [
        visit
        for visit in visits
        if is_page(visit.url)
        or IIIF.finds(visit.url)
        or (pictures and _PICTURE.search(visit.url) is not None)
    ]


def serves_pictures(visits: Sequence[Visit]) -> bool:
    """Return whether pictures are what a site serves.

    They are a large part of the requests, many, and far more than the pages, so that they are not
    the thumbnails of records that have pages of their own.

    Args:
        visits: successful requests, static assets included.
    """
    holders: dict[str, set[str]] = defaultdict(set)
    requests: dict[str, int] = defaultdict(int)
    pages = []
    for url, account in visits:
        if IIIF.finds(url):
            continue
        if _PICTURE.search(url):
            holders[url.partition("?")[0]].add(account)
            requests[url.partition("?")[0]] += 1
        elif is_page(url):
            pages.append(url)
    accounts = len({visit.account for visit in visits})
    usual = max(3, _EVERYBODY * accounts)
    own = [path for path, some in holders.items() if len(some) <= usual]
    taken = sum(requests[path] for path in own)
    return len(own) >= max(_MANY, _PER_PAGE * len(set(pages))) and taken > _LEAST * (
        taken + len(pages)
    )
