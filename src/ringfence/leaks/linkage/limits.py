"""The size up to which records without an identifier are linked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ringfence.errors import SourceError
from ringfence.leaks.roles import ColumnKind

MOST_LINKED_RECORDS: Final = 1_000_000
"""Records of one dump that are linked by title, at most."""

MOST_LINKED_ITEMS: Final = 10_000_000
"""Items of a catalogue with which records are linked by title, at most."""

UNLINKED_SHARE: Final = 0.01
"""Share of the records of a dump with ids that may stay without an item: linking the whole
catalogue for them would cost more than it says."""


def has_titles(catalogue: Collection[ColumnKind], dump: Collection[ColumnKind]) -> bool:
    """Return whether a catalogue and a dump with these roles have titles that can be compared."""
    return "title" in catalogue and not {"title", "path"}.isdisjoint(dump)


def linkable(records: int, items: int) -> bool:
    """Return whether this number of records can be linked with this number of items."""
    return records <= MOST_LINKED_RECORDS and items <= MOST_LINKED_ITEMS


def refuse_linkage(name: str, records: int, items: int) -> None:
    """Refuse a dump that could only be linked, and is too large for it.

    Args:
        name: the dump.
        records: number of its records; 0 if it is not known yet.
        items: number of items of the catalogue.

    Raises:
        SourceError: it is too large.
    """
    if linkable(records, items):
        return
    many, of, most = (
        (items, "items of the catalogue", MOST_LINKED_ITEMS)
        if items > MOST_LINKED_ITEMS
        else (records, "records", MOST_LINKED_RECORDS)
    )
    raise SourceError(
        f"has no identifier that the catalogue lists, and {many:,} {of} are too many to compare "
        f"titles: at most {most:,}",
        where=name,
        hint="name its column of ids with --column item=COLUMN, or assess a part: a random sample "
        "of the records, or the items of one year or rights holder",
    )
