"""Tell a scan what the case store permits, and record in it what the scan finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.model.exemption import Exemption
from ringfence.pipeline.result import ScanResult

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ringfence.cases import CaseStore


def opened(cases: str | Path | None) -> AbstractContextManager[CaseStore | None]:
    """Open the case store, or nothing if no store is given.

    Raises:
        CasesError: the store cannot be opened.
        SettingsError: the address is of no form that is known.
    """
    if not cases:
        return nullcontext(None)
    # Loaded here, because most scans have no store, and the library takes a quarter of a second.
    from ringfence.cases import open_store  # noqa: PLC0415

    return open_store(cases)


def permitted(store: CaseStore | None) -> tuple[Exemption, ...]:
    """Return what the grants in the store permit."""
    if store is None:
        return ()
    from ringfence.cases import exemptions  # noqa: PLC0415 - as above

    with store.reading() as connection:
        return exemptions(connection)


@contextmanager
def recorded(
    store: CaseStore | None, result: ScanResult, folder: Path | None
) -> Iterator[ScanResult]:
    """Record the findings of a scan, and give the result with what is known about each.

    What is done with the result belongs to the same transaction. So if its files cannot be written,
    nothing is recorded, and the next scan says again what is new. A scan without verdicts records
    nothing.

    Raises:
        CasesError: the store fails.
    """
    if store is None or result.withheld:
        yield result
        return
    from ringfence.cases import expire_decisions, record  # noqa: PLC0415 - as above
    from ringfence.cases.moments import now  # noqa: PLC0415 - as above

    with store.writing() as connection:
        moment = now()
        expire_decisions(connection, moment)
        report = str(folder / "report.html") if folder else ""
        known = record(connection, result.findings, moment, report)
        findings = zip(result.findings, known, strict=True)
        yield replace(result, findings=tuple(replace(one, case=status) for one, status in findings))
