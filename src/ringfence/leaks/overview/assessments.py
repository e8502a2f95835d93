"""The assessments of published copies that were written to folders, and their attributions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from ringfence.leaks.overview.folders import (
    FoundFolder,
    StoredDocument,
    UnreadableFolder,
    folders_with,
    read_document,
    read_folders,
)

_ASSESSMENT_FILE: Final = "leak.json"

ATTRIBUTION_FILE: Final = "attribution.json"
"""The machine-readable file of an attribution."""

REPORT_FILE: Final = "leak.html"
"""The report of an assessment."""

_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=0, le=2**63)]


class StoredShare(StoredDocument):
    """Part of the catalogue that a copy contains; see :class:`LeakedShare`."""

    items: _Count
    share: _Share
    use: _Share | None
    low: _Count
    high: _Count


class StoredRow(StoredDocument):
    """One row of a coverage table; see :class:`CoverageRow`."""

    label: str
    items: _Count
    use: _Share | None
    metadata: _Share
    files: _Share


class StoredAssessment(StoredDocument):
    """The parts of an assessment that are shown; see :class:`LeakAssessment`."""

    catalogue: str
    items: _Count
    metadata: StoredShare
    files: StoredShare
    together: StoredShare
    coverage: dict[str, tuple[StoredRow, ...]]
    missing: _Count
    newest: date | None
    newest_listed: date | None
    p_value: _Share
    notes: tuple[str, ...]
    headline: str
    sentence: str
    related: bool
    own_export: bool


class StoredSource(StoredDocument):
    """An account or ring through which a copy left; see :class:`LeakSource`."""

    kind: str
    id: str
    leaked: _Count
    p_value: _Share
    sentence: str


class StoredAttribution(StoredDocument):
    """The accounts and rings through which a copy left; see :class:`Attribution`."""

    sources: tuple[StoredSource, ...]
    items: _Count
    explained: _Count
    held_by_others_only: _Count
    held_by_nobody: _Count
    unknown: _Count
    candidates: _Count
    false_accusation_rate: _Share
    notes: tuple[str, ...]


@dataclass(frozen=True)
class WrittenLeak:
    """A folder with an assessment, an attribution or both.

    Attributes:
        key: stands in addresses of pages.
        name: of the folder.
        written: when the assessment was written; without one, the attribution.
        assessment: None if there is none.
        attribution: None if there is none.
        report: the report; None if there is none.
    """

    key: str
    name: str
    written: datetime
    assessment: StoredAssessment | None
    attribution: StoredAttribution | None
    report: Path | None


def written_leaks(parent: Path) -> tuple[list[WrittenLeak], list[UnreadableFolder]]:
    """Return the newest assessments in a folder, at most 200, and the folders that are unreadable.

    Raises:
        LeakError: the folder cannot be read.
    """
    return read_folders(folders_with(parent, _ASSESSMENT_FILE, ATTRIBUTION_FILE), _leak)


def written_leak(parent: Path, key: str) -> WrittenLeak | None:
    """Return the assessment with a key; None if there is none.

    Raises:
        LeakError: the folder, or the assessment in it, cannot be read.
    """
    folders = folders_with(parent, _ASSESSMENT_FILE, ATTRIBUTION_FILE)
    return next((_leak(one) for one in folders if one.key == key), None)


def _leak(found: FoundFolder) -> WrittenLeak:
    folder = found.path
    assessment, attribution = folder / _ASSESSMENT_FILE, folder / ATTRIBUTION_FILE
    report = folder / REPORT_FILE
    return WrittenLeak(
        found.key,
        folder.name,
        found.written,
        read_document(assessment, StoredAssessment) if assessment.exists() else None,
        read_document(attribution, StoredAttribution) if attribution.exists() else None,
        report if report.is_file() else None,
    )
