"""Tell a scan what the case store permits, and record in it what the scan finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.engine import Engine
from ringfence.model.exemption import Exemption
from ringfence.pipeline.result import ScanResult
from ringfence.settings import Settings

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


def permitted(store: CaseStore | None, settings: Settings) -> tuple[Exemption, ...]:
    """Return what the grants in the store permit.

    Raises:
        CasesError: the store has real names and the scan has pseudonyms, or the other way round.
    """
    if store is None:
        return ()
    from ringfence.cases import check_store_names, exemptions  # noqa: PLC0415 - as above

    with store.reading() as connection:
        check_store_names(connection, pseudonyms=bool(settings.privacy.pseudonym_key))
        return exemptions(connection)


def known_left_to_people(store: CaseStore | None) -> dict[str, int]:
    """Return the accounts about which a person has decided, with the moment of the last time."""
    if store is None:
        return {}
    from ringfence.cases.left_to_people import moments_left_to_people  # noqa: PLC0415 - as above

    with store.reading() as connection:
        return moments_left_to_people(connection)


def known_thefts(store: CaseStore | None) -> dict[str, int]:
    """Return the accounts whose logins may be stolen, with the moment of the decision."""
    if store is None:
        return {}
    from ringfence.cases.stolen_login import thefts  # noqa: PLC0415 - as above

    with store.reading() as connection:
        return thefts(connection)


@contextmanager
def recorded(
    store: CaseStore | None,
    result: ScanResult,
    engine: Engine,
    settings: Settings,
    folder: Path | None,
) -> Iterator[ScanResult]:
    """Record the findings of a scan, and give the result with what is known about each.

    The policy is applied to them. The caller's work on the result belongs to the same transaction.
    So if its files cannot be written, nothing is recorded, and the next scan says again what is
    new. A scan without verdicts records nothing.

    Args:
        store: the case store, or None.
        result: of the scan.
        engine: with the ledger of the scan.
        settings: of the scan.
        folder: where its files are written.

    Raises:
        CasesError: the store fails.
    """
    if store is None or result.withheld:
        yield result
        return
    from ringfence.cases import current_states, expire_decisions, record  # noqa: PLC0415 - as above
    from ringfence.cases.lost_findings import begin_scan, lost_findings  # noqa: PLC0415 - as above
    from ringfence.cases.moments import now, to_time  # noqa: PLC0415 - as above
    from ringfence.pipeline.policy_facts import policy_facts  # noqa: PLC0415 - as above
    from ringfence.policy import apply_policy  # noqa: PLC0415 - as above

    moment = now()
    findings = result.findings
    facts = policy_facts(engine, findings, settings.policy.classes, to_time(moment))
    with store.writing() as connection:
        expire_decisions(connection, moment)
        report = str(folder / "report.html") if folder else ""
        before = begin_scan(connection, moment)
        known = record(connection, findings, moment, report)
        apply_policy(connection, settings.policy, findings, known, facts, moment)
        known = current_states(connection, known)
        numbers = [status.case for status in known]
        lost = lost_findings(connection, findings, numbers, before)
        yield replace(
            result,
            notes=(*result.notes, *lost),
            findings=tuple(
                replace(one, case=status) for one, status in zip(findings, known, strict=True)
            ),
        )
