"""Find the column of a dump that holds the catalogue's own ids, by looking them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.engine import Engine, identifier
from ringfence.leaks.roles import ColumnKind, ColumnRole, known_name

FORMS_OF_IDS: Final[Mapping[str, str]] = {
    "whole value": "{0}",
    "last part of an address": r"regexp_extract({0}, '([^:/=?#]+)/?(?:[?#].*)?$', 1)",
    "name of the file": (
        r"regexp_replace(split_part(replace({0}, '\', '/'), '/', -1), '\.[A-Za-z0-9]{{1,5}}$', '')"
    ),
    "first word of the name": (
        r"regexp_extract(regexp_extract({0}, '([^/\\]+)$', 1), '^([^\s.]+)', 1)"
    ),
    "last word of the name": (
        r"regexp_extract(regexp_replace({0}, '\.[A-Za-z0-9]{{1,5}}$', ''), "
        r"'([^\s/\\()\[\]{{}}]+)[)\]}}]?$', 1)"
    ),
}
"""How an id may stand in a value: what reports call it, and SQL."""

_NEVER: Final[frozenset[ColumnKind]] = frozenset(
    {"duration", "size", "popularity", "date", "genre"}
)
"""Roles whose small numbers would be taken for ids."""

_MOST_COLUMNS: Final = 60
_EXAMPLES: Final = 3


@dataclass(frozen=True)
class ItemColumn:
    """The column with the catalogue's ids.

    Attributes:
        column: its name.
        form: how the id stands in the value; a key of :data:`FORMS_OF_IDS`.
        examples: ids as they were read.
        matched: share of the examined ids that the catalogue lists.
    """

    column: str
    form: str
    examples: tuple[str, ...]
    matched: float

    @property
    def sql(self) -> str:
        """SQL of the id; NULL if the value has none."""
        return f"nullif({FORMS_OF_IDS[self.form].format(identifier(self.column))}, '')"


def find_item_column(
    engine: Engine,
    columns: Sequence[str],
    sample: Sequence[Mapping[str, str | None]],
    named: str = "",
) -> ItemColumn | None:
    """Return the column whose values the catalogue lists, or one that is called an id.

    A column that is called an id wins if at least half as many of its values are listed as of the
    best column. A column with another name needs one value in fifty.

    Args:
        engine: with the table ``leak_catalogue``.
        columns: names of all columns.
        sample: some rows.
        named: a column that the operator names; only how the id stands in it is found out.
    """
    asked = [named] if named in columns else _candidates(columns)
    if not asked or not sample:
        return None
    ranked = sorted(_looked_up(engine, asked, sample), key=lambda one: -one.matched)
    called = [one for one in ranked if named or known_name(one.column) == "item"]
    best = ranked[0] if ranked else None
    if called and (best is None or called[0].matched >= best.matched / 2):
        return called[0]
    return best if best and best.matched >= 0.02 else None


def item_role(found: ItemColumn) -> ColumnRole:
    """Return the column as a role, for reports."""
    return ColumnRole("item", found.column, found.examples, found.matched)


def _candidates(columns: Sequence[str]) -> list[str]:
    usable = [one for one in columns if known_name(one) not in _NEVER]
    return sorted(usable, key=lambda one: known_name(one) not in {"item", "path"})[:_MOST_COLUMNS]


def _looked_up(
    engine: Engine, columns: Sequence[str], sample: Sequence[Mapping[str, str | None]]
) -> list[ItemColumn]:
    """Return each column in each form, with the share of its sample that the catalogue lists."""
    engine.table(
        "leak_samples",
        {
            f"c{place}": np.array([row.get(name) or "" for row in sample], object)
            for place, name in enumerate(columns)
        },
    )
    parts = [
        f"SELECT {place} AS place, {number} AS form, nullif({sql.format(f'c{place}')}, '') AS id "  # noqa: S608 - own names and quoted ones
        "FROM leak_samples"
        for place in range(len(columns))
        for number, sql in enumerate(FORMS_OF_IDS.values())
    ]
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_candidates AS SELECT place, form, id, "  # noqa: S608 - own names and quoted ones
        f"hash(id) AS item_key FROM ({' UNION ALL '.join(parts)}) WHERE id IS NOT NULL"
    )
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_listed AS SELECT DISTINCT item_key FROM leak_catalogue "
        "WHERE item_key IN (SELECT item_key FROM leak_candidates)"
    )
    rows = engine.rows(
        "SELECT place, form, avg(CASE WHEN l.item_key IS NULL THEN 0 ELSE 1 END), "  # noqa: S608 - own names and quoted ones
        f"list_slice(list(DISTINCT id ORDER BY id), 1, {_EXAMPLES}) FROM leak_candidates AS c "
        "LEFT JOIN leak_listed AS l ON l.item_key = c.item_key GROUP BY ALL ORDER BY place, form"
    )
    forms = list(FORMS_OF_IDS)
    return [
        ItemColumn(columns[place], forms[form], tuple(examples), float(share))
        for place, form, share, examples in rows
    ]
