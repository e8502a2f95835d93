"""The result of an assessment: what a published copy contains, as numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from ringfence.leaks.chance import Relation
from ringfence.leaks.dumps.dump_table import DumpContent
from ringfence.leaks.linkage import LinkageSummary
from ringfence.leaks.order_of_records import RecordOrder
from ringfence.leaks.roles import ColumnRole

Breakdown = Literal["band", "year", "rights", "genre"]
"""Kind of a coverage table: what its rows are."""


@dataclass(frozen=True)
class LeakedShare:
    """Part of the catalogue that a dump contains.

    Attributes:
        items: number of items of the catalogue.
        share: their share of all items.
        use: their share of all use; None if the catalogue states no popularity.
        low: lowest number of items after false matches are taken away.
        high: highest number of items if every record without a match were another item.
    """

    items: int
    share: float
    use: float | None
    low: int
    high: int


@dataclass(frozen=True)
class CoverageRow:
    """One row of a coverage table.

    Attributes:
        label: the band, year, rights holder or genre.
        items: number of items of the catalogue in it.
        use: share of all use that they have; None without popularity.
        metadata: share of these items of which the dumps have metadata.
        files: share of these items of which the dumps have files.
    """

    label: str
    items: int
    use: float | None
    metadata: float
    files: float


@dataclass(frozen=True)
class MissingItem:
    """A much used item that no dump contains.

    Attributes:
        item: its id.
        title: its title, if the catalogue has one.
        popularity: its popularity, as the catalogue states it.
    """

    item: str
    title: str
    popularity: float


@dataclass(frozen=True)
class DumpAssessment:
    """Assessment of one table of a dump.

    Attributes:
        name: the file, and the table within it.
        form: format of the file.
        content: metadata or files.
        records: number of its records.
        unreadable: number of records that could not be read.
        without_id: number of records without an id.
        ids: number of distinct ids; for records matched in other ways, of distinct items.
        extent: the part of the catalogue that it contains.
        duplicates: records whose id an earlier record has.
        unknown_ids: distinct ids that the catalogue does not list.
        id_form: how the id stands in its column; empty if no examined id is listed.
        standard: the identifier of a standard that was also used; empty if none.
        columns: what its columns hold.
        order: how it is ordered.
        relation: whether it has to do with the catalogue.
        newest: date of the newest item in it; None if the catalogue has no dates.
        linkage: how records without an id were linked; None if they were not.
        unlinked: records without a listed id that were not compared by title, because they are at
            most 1 % of the records, or because they or the items are too many.
        unreadable_example: beginning of the first record that could not be read, with hidden
            characters made visible; empty if there is none.
        notes: further sentences for the reader.
    """

    name: str
    form: str
    content: DumpContent
    records: int
    unreadable: int
    without_id: int
    ids: int
    extent: LeakedShare
    duplicates: int
    unknown_ids: int
    id_form: str
    standard: str
    columns: tuple[ColumnRole, ...]
    order: RecordOrder
    relation: Relation
    newest: date | None
    linkage: LinkageSummary | None = None
    unlinked: int = 0
    unreadable_example: str = ""
    notes: tuple[str, ...] = ()

    @property
    def by_own_ids(self) -> bool:
        """Whether the catalogue's own ids are in it."""
        linked = self.linkage is not None and self.relation == self.linkage.relation
        return bool(self.id_form) and not linked

    @property
    def own_export(self) -> bool:
        """Whether it has nearly all items in the order of the catalogue file, as an own export."""
        return self.extent.share >= 0.999 and self.order.as_catalogue and not self.unknown_ids


@dataclass(frozen=True)
class LeakAssessment:
    """Assessment of a published copy.

    Attributes:
        catalogue: name of the catalogue file.
        items: number of its items.
        dumps: each table of the dumps.
        metadata: extent of all metadata together.
        files: extent of all files together.
        together: extent of both together.
        taken: extent of the items that known accounts took; None without a ledger.
        leaked_and_taken: extent of the items in the dumps that known accounts took.
        coverage: tables of coverage; absent where the catalogue has no such column.
        missing: number of items that no dump contains.
        most_used_missing: the most used of these.
        newest: date of the newest item in the dumps.
        newest_listed: date of the newest item of the catalogue.
        p_value: of the strongest relation, corrected for the number of dumps.
        notes: what else must be said.
    """

    catalogue: str
    items: int
    dumps: tuple[DumpAssessment, ...]
    metadata: LeakedShare
    files: LeakedShare
    together: LeakedShare
    taken: LeakedShare | None
    leaked_and_taken: LeakedShare | None
    coverage: Mapping[Breakdown, tuple[CoverageRow, ...]]
    missing: int
    most_used_missing: tuple[MissingItem, ...]
    newest: date | None
    newest_listed: date | None
    p_value: float
    notes: tuple[str, ...] = ()
    files_written: Mapping[str, str] = field(default_factory=dict)

    @property
    def related(self) -> bool:
        """Whether any dump is related to the catalogue."""
        return self.p_value < 0.001

    @property
    def own_export(self) -> bool:
        """Whether the dumps look like the operator's own export of the whole catalogue."""
        return any(one.own_export for one in self.dumps)

    def to_json(self) -> dict[str, Any]:
        """Return the assessment as values that JSON has; dates are ISO 8601."""
        from ringfence.leaks.wording import headline_of, spoken_sentence  # noqa: PLC0415 - a cycle

        document = asdict(self)
        document["headline"] = headline_of(self)
        document["sentence"] = spoken_sentence(self)
        document["related"] = self.related
        document["own_export"] = self.own_export
        return dict(_plain(document))


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value
