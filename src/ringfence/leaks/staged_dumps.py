"""Store the keys of a dump's records in the engine, in the order of the dump."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ringfence.engine import Engine
from ringfence.errors import SettingsError
from ringfence.leaks.dumps.dump_table import (
    SAMPLE_ROWS,
    DumpContent,
    DumpTable,
    UnreadableRecords,
)
from ringfence.leaks.item_columns import ItemColumn, find_item_column
from ringfence.leaks.linkage.limits import has_titles, refuse_linkage
from ringfence.leaks.linkage.summary import LinkageSummary
from ringfence.leaks.listed_catalogue import ListedCatalogue, standard_relation
from ringfence.leaks.roles import STANDARD_ROLES, ColumnKind, ColumnRole, find_roles
from ringfence.leaks.standard_ids import standard_sql
from ringfence.suggestions import did_you_mean


@dataclass(frozen=True)
class StagedDump:
    """A table of a dump whose records have keys, in the temporary table :attr:`table`.

    Attributes:
        source: the table of the dump.
        number: its number, from 0.
        content: metadata or files.
        item: the column with the catalogue's ids; None if there is none.
        roles: the other columns, by role.
        standard: the identifier by which records without a listed id are matched; None if none.
        sample: some rows.
        records: number of its records.
        unreadable: records that could not be read, with an example.
        without_id: records without an id, and without a listed identifier of a standard.
        linkage: how records that no id matched were linked; None if they were not.
        unlinked: records that no id matched and that were too few or too many to be linked.
    """

    source: DumpTable
    number: int
    content: DumpContent
    item: ItemColumn | None
    roles: Mapping[ColumnKind, ColumnRole]
    standard: ColumnKind | None
    sample: Sequence[Mapping[str, str | None]]
    records: int = 0
    unreadable: UnreadableRecords = field(default_factory=UnreadableRecords)
    without_id: int = 0
    linkage: LinkageSummary | None = None
    unlinked: int = 0

    @property
    def table(self) -> str:
        """The temporary table: ``item_key`` and ``position`` of each record."""
        return f"leak_{'linked' if self.linkage else 'dump'}_{self.number:d}"


def stage_dump(
    engine: Engine,
    source: DumpTable,
    number: int,
    catalogue: ListedCatalogue,
    named: Mapping[ColumnKind, str],
) -> StagedDump:
    """Find out what a dump's columns hold, and store the keys of its records.

    Args:
        engine: with the table ``leak_catalogue``; keeps the order of rows.
        source: the table of the dump.
        number: its number, from 0.
        catalogue: the catalogue.
        named: columns that the operator names, by role. They need not be in every dump.

    Raises:
        SourceError: the dump is damaged, or could only be linked by title and is too large.
    """
    sample = source.source.sample(engine, SAMPLE_ROWS)
    roles = find_roles(source.columns, sample, named)
    item = find_item_column(engine, source.columns, sample, named.get("item", ""))
    standard = next(
        (one for one in STANDARD_ROLES if one in roles and one in catalogue.roles), None
    )
    is_file = "path" in roles and ("size" in roles or "hash" in roles)
    dump = StagedDump(
        source, number, "files" if is_file else source.content, item,
        {role: one for role, one in roles.items() if role != "item"}, standard, sample,
    )  # fmt: skip
    only_titles = item is None and standard is None and has_titles(catalogue.roles, roles)
    if only_titles:
        refuse_linkage(source.name, 0, catalogue.items)
    stored = _stored(engine, dump, catalogue)
    if only_titles:
        refuse_linkage(source.name, stored.records, catalogue.items)
    return stored


def check_named(tables: Sequence[DumpTable], named: Mapping[ColumnKind, str]) -> None:
    """Refuse a named column that no dump has.

    Raises:
        SettingsError: there is one.
    """
    available = list(dict.fromkeys(column for one in tables for column in one.columns))
    for role, column in named.items():
        if column not in available:
            advice = did_you_mean(column, available)
            raise SettingsError(
                f"no dump has a column {column!r}",
                where=f"--column {role}",
                hint=advice or f"the columns are {', '.join(available[:30])}",
            )


def _stored(engine: Engine, dump: StagedDump, catalogue: ListedCatalogue) -> StagedDump:
    key = (
        f"CASE WHEN {dump.item.sql} IS NOT NULL THEN hash({dump.item.sql}) END" if dump.item else ""
    )
    columns = [dump.item.column] if dump.item else []
    select = f"{key or 'CAST(NULL AS UBIGINT)'} AS item_key"
    if dump.standard:
        column = dump.roles[dump.standard].column
        columns.append(column)
        text = standard_sql(dump.standard, column)
        select += f", CASE WHEN {text} IS NOT NULL THEN hash({text}) END AS standard_key"
    stored = f"leak_stored_{dump.number:d}"
    unreadable = dump.source.source.store(engine, stored, columns, select)
    if dump.standard:
        _by_standard(engine, dump, catalogue, stored)
    else:
        engine.view(dump.table, f"SELECT item_key, rowid AS position FROM {stored}")  # noqa: S608 - own
    (records,) = engine.rows(f"SELECT count(*) FROM {stored}")[0]  # noqa: S608 - own
    (without,) = engine.rows(f"SELECT count(*) FROM {dump.table} WHERE item_key IS NULL")[0]  # noqa: S608 - own
    return replace(dump, records=records, unreadable=unreadable, without_id=without)


def _by_standard(engine: Engine, dump: StagedDump, catalogue: ListedCatalogue, stored: str) -> None:
    """Give records whose id is not listed the items that have their identifier of a standard.

    A recording may be several items, one per release, and all of them are then in the dump. An
    identifier of more than 100 items is a placeholder.
    """
    assert dump.standard is not None  # noqa: S101 - the caller has checked
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_standard AS "  # noqa: S608 - own names and quoted ones
        "SELECT standard_key, list(DISTINCT item_key) AS items "
        f"FROM {standard_relation(catalogue, dump.standard)} WHERE standard_key IN "
        f"(SELECT standard_key FROM {stored} WHERE standard_key IS NOT NULL) "
        "GROUP BY standard_key HAVING count(DISTINCT item_key) <= 100"
    )
    engine.run(
        "CREATE OR REPLACE TEMP TABLE leak_listed AS SELECT DISTINCT item_key FROM leak_catalogue "  # noqa: S608 - own names and quoted ones
        f"WHERE item_key IN (SELECT item_key FROM {stored})"
    )
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {dump.table} AS "  # noqa: S608 - own
        "SELECT CASE WHEN l.item_key IS NOT NULL OR s.items IS NULL THEN d.item_key "
        "ELSE unnest(coalesce(CASE WHEN l.item_key IS NULL THEN s.items END, [d.item_key])) END "
        f"AS item_key, d.rowid AS position FROM {stored} AS d "
        "LEFT JOIN leak_listed AS l ON l.item_key = d.item_key "
        "LEFT JOIN leak_standard AS s ON s.standard_key = d.standard_key"
    )
