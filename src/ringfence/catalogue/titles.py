"""Look up the titles of a few items, and the names of their groups, in the catalogue file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.model.details import ItemDetails

LONGEST_TITLE: Final = 300
"""Characters kept of a title and of the name of a group."""

TITLES: Final = Statement(
    "catalogue.titles",
    """
WITH wanted AS (
  SELECT unnest($items) AS item
)
SELECT f.item, left(min(f.title), $longest) AS title, min(f."group") AS "group",
  left(min(f.group_name), $longest) AS group_name
FROM catalogue_file AS f
JOIN wanted AS w ON w.item = f.item
GROUP BY f.item
""",
)
"""Titles of some items, in one pass over the file. The catalogue in the engine holds only keys,
because the text of hundreds of millions of titles would need more memory than all else."""


def item_titles(engine: Engine, items: Sequence[str]) -> dict[str, ItemDetails]:
    """Return what the catalogue file says about some items, by item.

    Items that it does not list are absent, and so are all without a file.

    Args:
        engine: holds the catalogue.
        items: ids of items, each once.
    """
    if not items or "catalogue_file" not in engine.tables():
        return {}
    rows = engine.rows(TITLES, {"items": list(items), "longest": LONGEST_TITLE})
    return {
        item: ItemDetails(item, title or "", group or "", group_name or "")
        for item, title, group, group_name in rows
    }
