"""SQL of what browsers load with a page: whether a page has a referrer, and its assets.

A browser that shows a page fetches the page's styles, scripts and images, and names the page before
it as the referrer. Robots rarely do either. Every take counts as a page. A download brings
nothing with it, but the page that links to it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.engine import identifier
from ringfence.events.items import Preset

_ASKED_BY_ROBOTS: Final = ("/robots.txt", "/sitemap", "/favicon")
"""Parts of the URLs of static assets that robots, feed readers and previews of links fetch, too."""


def with_page_loads(
    events: str,
    rules: Preset | None,
    present: frozenset[str],
    columns: Sequence[str],
    carried: Sequence[str],
) -> str:
    """Return the SELECT that adds ``referred`` and ``assets`` to typed events.

    Args:
        events: a SELECT of typed events with the raw columns ``url``, ``referrer`` and ``assets``.
        rules: how the item is read from the URL; None if the source names it.
        present: the raw columns that the source has.
        columns: the event columns, in their order.
        carried: further columns, which are passed on unchanged.
    """
    added = {"referred": _referred(present), "assets": _assets(rules, present)}
    listed = (
        f"{added[name]} AS {name}" if name in added else identifier(name)
        for name in (*columns, *carried)
    )
    return f"SELECT {', '.join(listed)} FROM ({events}) AS typed"  # noqa: S608 - own parts


def _referred(present: frozenset[str]) -> str:
    """Return SQL of whether a page was asked for with a referrer; NULL if it is not known."""
    if "referrer" not in present:
        return "CAST(NULL AS BOOLEAN)"
    return "CASE WHEN outcome IS NULL THEN referrer IS NOT NULL END"


def _assets(rules: Preset | None, present: frozenset[str]) -> str:
    """Return SQL of the assets of a page, or 1 for an asset; NULL if the log does not show them."""
    if rules is None and "assets" not in present:
        return "CAST(NULL AS INTEGER)"
    told = "TRY_CAST(assets AS INTEGER)" if "assets" in present else "0"
    others = " OR ".join(f"contains(url, '{part}')" for part in _ASKED_BY_ROBOTS)
    return (
        f"CASE WHEN outcome IS NULL THEN GREATEST(COALESCE({told}, 0), 0) "
        f"WHEN outcome = 'static-asset' AND account IS NOT NULL AND NOT ({others}) THEN 1 END"
    )
