"""Short forms of reading cases for the formats."""

from __future__ import annotations

from tests.cases.findings import moment

from ringfence.cases import CaseStore, record
from ringfence.exports.record import CaseRecord, read_record
from ringfence.model.finding import Finding


def read(store: CaseStore, case: int) -> CaseRecord:
    """Return a case as the formats take it."""
    with store.reading() as connection:
        return read_record(connection, case)


def recorded(store: CaseStore, *found: Finding, day: float = 0) -> list[CaseRecord]:
    """Record findings of a scan, and return their cases."""
    with store.writing() as connection:
        statuses = record(connection, found, moment(day), "out/report.html")
        return [read_record(connection, status.case) for status in statuses]
