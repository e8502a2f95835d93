"""Sum the counted cells up into the result of an assessment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from ringfence.engine import Engine
from ringfence.leaks.assessment import (
    Breakdown,
    CoverageRow,
    DumpAssessment,
    LeakAssessment,
    LeakedShare,
    MissingItem,
)
from ringfence.leaks.chance import Relation, relation_of
from ringfence.leaks.coverage import TAKEN_BIT
from ringfence.leaks.item_columns import item_role
from ringfence.leaks.listed_catalogue import BAND_LABELS, ListedCatalogue, stratum_sql
from ringfence.leaks.order_of_records import RecordOrder, record_order
from ringfence.leaks.roles import ColumnKind
from ringfence.leaks.staged_dumps import StagedDump

_ROWS_SHOWN: Final = 30
"""Rights holders or genres in a table; the rest is one row."""

_TITLES_SHOWN: Final = 1_000


def summed(
    engine: Engine, catalogue: ListedCatalogue, staged: Sequence[StagedDump], *, taken: bool
) -> LeakAssessment:
    """Return the assessment. Dumps without relation to the catalogue do not count in its totals.

    Args:
        engine: with the tables ``leak_cells``, ``leak_missing`` and those of the dumps.
        catalogue: the catalogue.
        staged: the dumps.
        taken: whether the items that known accounts took were counted.
    """
    dumps = tuple(_dump(engine, catalogue, one) for one in staged)
    masks = {
        content: sum(
            1 << number.number
            for one, number in zip(dumps, staged, strict=True)
            if one.content == content and one.relation.related
        )
        for content in ("metadata", "files")
    }
    everything = masks["metadata"] | masks["files"]

    def extent(mask: int) -> LeakedShare:
        those = [d for d, s in zip(dumps, staged, strict=True) if (1 << s.number) & mask]
        return _extent(engine, catalogue, f"dumps & {mask:d} <> 0", those)

    known = f"(dumps >> {TAKEN_BIT:d}) & 1 = 1"
    relations = [one.relation for one in dumps]
    return LeakAssessment(
        catalogue=catalogue.name,
        items=_items(engine),
        dumps=dumps,
        metadata=extent(masks["metadata"]),
        files=extent(masks["files"]),
        together=extent(everything),
        taken=_extent(engine, catalogue, known) if taken else None,
        leaked_and_taken=_extent(engine, catalogue, f"{known} AND dumps & {everything:d} <> 0")
        if taken
        else None,
        coverage=_coverage(engine, catalogue, masks["metadata"], masks["files"]),
        missing=_count(engine, f"listed AND dumps & {everything:d} = 0"),
        most_used_missing=_missing(engine, catalogue),
        newest=_newest(engine, f"dumps & {everything:d} <> 0"),
        newest_listed=_newest(engine, "TRUE"),
        p_value=min(1.0, len(dumps) * min(one.p_value for one in relations)),
    )


def _items(engine: Engine) -> int:
    return _count(engine, "listed")


def _count(engine: Engine, condition: str) -> int:
    rows = engine.rows(f"SELECT coalesce(sum(items), 0) FROM leak_cells WHERE {condition}")  # noqa: S608 - own
    return int(rows[0][0])


def _newest(engine: Engine, condition: str) -> date | None:
    rows = engine.rows(f"SELECT max(newest) FROM leak_cells WHERE listed AND {condition}")  # noqa: S608 - own
    newest: date | None = rows[0][0]
    return newest


def _extent(
    engine: Engine,
    catalogue: ListedCatalogue,
    condition: str,
    dumps: Sequence[DumpAssessment] = (),
) -> LeakedShare:
    items, use, listed = engine.rows(
        f"SELECT coalesce(sum(items) FILTER ({condition}), 0), "  # noqa: S608 - own
        f"coalesce(sum(popularity) FILTER ({condition}), 0), sum(items) "
        "FROM leak_cells WHERE listed"
    )[0]
    false = sum(one.relation.by_chance * one.ids for one in dumps if one.relation.by_chance < 0.01)
    false += sum(one.linkage.expected_false for one in dumps if one.linkage)
    open_records = sum(one.unreadable + one.without_id + one.unknown_ids for one in dumps)
    linked = sum(one.linkage.linked for one in dumps if one.linkage)
    return LeakedShare(
        items=int(items),
        share=int(items) / max(int(listed), 1),
        use=min(float(use) / catalogue_use(engine), 1.0) if catalogue.has_use else None,
        low=max(0, int(items) - round(false)),
        high=min(int(listed), int(items) + max(open_records - linked, 0)),
    )


def catalogue_use(engine: Engine) -> float:
    """Return the summed popularity of all items, each counted once."""
    return float(engine.rows("SELECT sum(popularity) FROM leak_cells WHERE listed")[0][0] or 1)


def _dump(engine: Engine, catalogue: ListedCatalogue, dump: StagedDump) -> DumpAssessment:
    bit = f"dumps & {1 << dump.number:d} <> 0"
    ids, matched = _count(engine, bit), _count(engine, f"listed AND {bit}")
    roles = tuple(dump.roles.values())
    counted = dump.records - dump.without_id
    base = DumpAssessment(
        name=dump.source.name,
        form=dump.source.form,
        content=dump.content,
        records=dump.records,
        unreadable=dump.unreadable,
        without_id=dump.without_id,
        ids=ids,
        extent=LeakedShare(0, 0, None, 0, 0),
        duplicates=max(counted - ids, 0) if not dump.linkage else dump.linkage.duplicates,
        unknown_ids=ids - matched,
        id_form=dump.item.form if dump.item and dump.item.matched else "",
        standard=dump.standard or "",
        columns=((item_role(dump.item), *roles) if dump.item else roles),
        order=record_order(engine, catalogue, dump) if matched else RecordOrder(0, None, None),
        relation=_relation(engine, catalogue, dump, ids, matched),
        newest=_newest(engine, bit),
        linkage=dump.linkage,
        notes=dump.source.notes,
    )
    return replace(base, extent=_extent(engine, catalogue, bit, [base]))


def _relation(
    engine: Engine, catalogue: ListedCatalogue, dump: StagedDump, ids: int, matched: int
) -> Relation:
    by_ids = dump.item is not None and dump.item.matched > 0
    if dump.standard and not by_ids and matched:
        # An identifier of a standard means the same everywhere.
        return Relation(ids, matched, 0.0, p_value=0.0)
    if dump.linkage and not by_ids:
        return dump.linkage.relation
    return relation_of(engine, catalogue, dump, ids, matched)


def _coverage(
    engine: Engine, catalogue: ListedCatalogue, metadata: int, files: int
) -> dict[Breakdown, tuple[CoverageRow, ...]]:
    found: dict[Breakdown, tuple[CoverageRow, ...]] = {}
    if catalogue.thresholds:
        found["band"] = _rows(engine, catalogue, "band", "leak_cells", metadata, files)
    if "date" in catalogue.roles:
        found["year"] = _rows(engine, catalogue, "year", "leak_cells", metadata, files)
    strata: list[tuple[Breakdown, ColumnKind]] = [("rights", "rights"), ("genre", "genre")]
    for breakdown, role in strata:
        if role in catalogue.roles:
            _name_strata(engine, catalogue)
            joined = "leak_cells JOIN leak_strata USING (stratum)"
            found[breakdown] = _rows(engine, catalogue, role, joined, metadata, files)
    return found


def _name_strata(engine: Engine, catalogue: ListedCatalogue) -> None:
    if "leak_strata" in engine.tables():
        return
    columns = ", ".join(
        f"any_value({role}) AS {role}" for role in ("rights", "genre") if role in catalogue.roles
    )
    engine.run(
        f"CREATE TEMP TABLE leak_strata AS SELECT {stratum_sql(catalogue.roles)} AS stratum, "  # noqa: S608 - own
        f"{columns} FROM {catalogue.relation} WHERE item IS NOT NULL GROUP BY 1"
    )


def _rows(  # noqa: PLR0913, PLR0917 - all of one query
    engine: Engine,
    catalogue: ListedCatalogue,
    key: str,
    relation: str,
    metadata: int,
    files: int,
) -> tuple[CoverageRow, ...]:
    rows = engine.rows(
        f"SELECT {key}, sum(items), sum(popularity), "  # noqa: S608 - own
        f"coalesce(sum(items) FILTER (dumps & {metadata:d} <> 0), 0), "
        f"coalesce(sum(items) FILTER (dumps & {files:d} <> 0), 0) "
        f"FROM {relation} WHERE listed GROUP BY 1 ORDER BY "
        + (f"{key} NULLS LAST" if key in {"band", "year"} else f"sum(items) DESC, {key}")
    )
    if key == "band":
        labels = [BAND_LABELS[row[0]] for row in rows]
    else:
        labels = ["(none)" if row[0] in {None, ""} else str(row[0]) for row in rows]
    use = catalogue_use(engine) if catalogue.has_use else None
    made = [
        CoverageRow(
            label, int(items), float(own or 0) / use if use else None,
            float(with_metadata) / int(items), float(with_files) / int(items),
        )
        for label, (_, items, own, with_metadata, with_files) in zip(labels, rows, strict=True)
    ]  # fmt: skip
    return tuple(made) if key in {"band", "year"} else _shortened(made)


def _shortened(rows: list[CoverageRow]) -> tuple[CoverageRow, ...]:
    """Return the largest rows, and the others as one."""
    if len(rows) <= _ROWS_SHOWN + 1:
        return tuple(rows)
    first, others = rows[:_ROWS_SHOWN], rows[_ROWS_SHOWN:]
    items = sum(one.items for one in others)
    use = None if others[0].use is None else sum(one.use or 0 for one in others)
    rest = CoverageRow(
        f"{len(others):,} others", items, use,
        sum(one.metadata * one.items for one in others) / items,
        sum(one.files * one.items for one in others) / items,
    )  # fmt: skip
    return (*first, rest)


def _missing(engine: Engine, catalogue: ListedCatalogue) -> tuple[MissingItem, ...]:
    title = "min(title)" if "title" in catalogue.roles else "''"
    rows = engine.rows(
        f"SELECT c.item, {title}, max(m.popularity) "  # noqa: S608 - own
        f"FROM (SELECT *, hash(item) AS item_key FROM {catalogue.relation}) AS c "
        "JOIN leak_missing AS m ON m.item_key = c.item_key GROUP BY c.item "
        f"ORDER BY max(m.popularity) DESC, c.item LIMIT {_TITLES_SHOWN:d}"
    )
    return tuple(MissingItem(item, title or "", float(uses or 0)) for item, title, uses in rows)
