"""The main job: read sources and return findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ringfence.engine import Engine
from ringfence.errors import EngineError, LedgerError
from ringfence.events import AnySource, find_sources
from ringfence.evidence import EvidenceTest, all_tests, canary_tests
from ringfence.ledger import Ledger, OnChange, open_writable
from ringfence.model.arrow_table import ArrowData, ArrowTable
from ringfence.model.exemption import Exemption
from ringfence.model.finding import Finding
from ringfence.pipeline.arguments import (
    OperatorTables,
    SourceLike,
    chosen_on_change,
    chosen_settings,
    flat_sources,
    lasting_ledger,
    operator_tables,
)
from ringfence.pipeline.context import additional_tests, assumptions
from ringfence.pipeline.copy_notes import copy_notes
from ringfence.pipeline.folders import check_folder, scratch_folder
from ringfence.pipeline.input_facts import measure_facts
from ringfence.pipeline.known_findings import opened, permitted, recorded
from ringfence.pipeline.order_notes import order_notes
from ringfence.pipeline.outputs import ACCOUNT_ROWS, RING_ROWS, write_outputs
from ringfence.pipeline.plausibility import input_warnings
from ringfence.pipeline.reading import SourceSummary, read_sources
from ringfence.pipeline.refusal import nothing_kept, refuse, refused_warnings
from ringfence.pipeline.result import ScanResult
from ringfence.pipeline.steps import Measurement, concluded, find_rings, measure
from ringfence.pipeline.unread import UnreadSources, unread_warnings
from ringfence.pipeline.withheld import withhold_findings
from ringfence.population import GrantedUse
from ringfence.private_files import owner_only
from ringfence.profiles.attach import with_profiles
from ringfence.profiles.common_clients import with_clients
from ringfence.profiles.details import with_details
from ringfence.progress import Progress
from ringfence.settings import FormatName, Settings
from ringfence.verdicts import ScoredAccounts, judge, merged_ring_ids

_Judged = Literal["always", "never", "if plausible"]
"""The condition under which accounts are judged."""

WhenJudged = Callable[[Measurement, ScoredAccounts], object]
"""Receives the measured ledger and the scores of all accounts."""

WhenRecorded = Callable[[Engine, ScanResult], object]
"""Receives the engine with the ledger and its tables, and the result as it is returned."""


def scan(  # noqa: PLR0913 - each is one thing that a caller may want to say
    *sources: SourceLike | Iterable[SourceLike],
    settings: Settings | None = None,
    config: str | Path | None = None,
    format: FormatName | None = None,  # noqa: A002 - the name of the option on the command line
    catalogue: str | Path | None = None,
    accounts: str | Path | ArrowData | None = None,
    ledger: str | Path | None = None,
    cases: str | Path | None = None,
    out: str | Path | None = None,
    replace: bool = False,
    add: bool = False,
    tests: Sequence[EvidenceTest | type[EvidenceTest]] = (),
    progress: Progress | None = None,
    force: bool = False,
    strict: bool = False,
    when_judged: WhenJudged | None = None,
    when_recorded: WhenRecorded | None = None,
) -> ScanResult:
    """Scan sources of access events and return the findings.

    Args:
        sources: one source or several, also as lists. A source is a path of a file or folder, a
            glob, ``-`` for standard input, or a table of events: a pandas or Polars frame, a
            PyArrow table or reader, or any object with ``__arrow_c_stream__``. Files are plain, gz
            or zst. A table needs columns as a csv file does (docs/reference/formats.md).
        settings: all settings; not together with ``config``.
        config: a settings file, ``ringfence.toml``. Without both, the defaults are used: unlike
            the command, this function looks for no file.
        format: format of the files; None for the one in the settings.
        catalogue: csv, parquet or ndjson file with one row per item; None for the items in the
            sources.
        accounts: table with one row per account: when it was created, its plan, country, means of
            payment, device, display name and status. A csv, parquet or JSON file, or a table in
            memory as for ``sources``. It is joined where the events lack these, and not stored.
        ledger: file that keeps what was read for later scans; each source is read once. With
            ``:memory:`` nothing is kept, and a note of the result says so.
        cases: case store, a file or ``postgresql://user@host/database``, created if it does not
            exist. Findings open and join cases there, and accounts within a grant are not judged.
            None for ``cases.url`` in the settings.
        out: folder for ``findings.jsonl``, ``accounts.parquet``, ``rings.parquet``,
            ``report.html`` and ``quarantine.jsonl``, created if it does not exist; None to write
            nothing.
        replace: whether a source whose name the ledger knows with other content replaces that
            content. Without this and ``add``, the scan stops at such a source.
        add: whether the new content of such a source is counted beside the old. A source that has
            only grown is read again, so that each record counts once.
        tests: evidence tests beyond the built-in and installed ones, as instances or classes.
        progress: receives each step.
        force: judge accounts even if the input is not plausible.
        strict: whether the first source that cannot be read is an error. Without it, the others are
            scanned, and ``unread`` of the result says which could not be read.
        when_judged: called when all accounts are judged, while the ledger is still open, with what
            was measured and the scores. The live service keeps a sample of the population so.
        when_recorded: called at the end, while the ledger is still open, if accounts were judged.

    Returns:
        Findings, tables of accounts and rings, counts, assumptions and warnings. If a warning says
        that findings would be worthless, there are none, and ``withheld`` is true.

    Raises:
        RingfenceError: no source can be read, or, if ``strict``, one of them cannot. A setting,
            catalogue, accounts table, ledger, case store or output cannot be used. The text is one
            line with what, where and a hint.

    Example:
        >>> import ringfence
        >>> result = ringfence.scan("access.log")  # doctest: +SKIP
        >>> result.accounts.to_pandas()  # doctest: +SKIP
    """
    settings, origin = chosen_settings(settings, config, format)
    battery = (*all_tests(tests), *canary_tests(settings.canaries.file))
    tables = operator_tables(catalogue, accounts)
    on_change = chosen_on_change(replace=replace, add=add)
    progress = progress or Progress()
    kept = lasting_ledger(ledger)
    flat = flat_sources(sources, needed=not kept)
    with (
        owner_only(),
        opened(cases or settings.cases.url) as store,
        scratch_folder(settings) as scratch,
    ):
        unread = UnreadSources(strict=strict)
        found = find_sources(flat, scratch, settings.events, unread.add)
        unread.require_other(len(found))
        folder = check_folder(Path(out)) if out else None
        book = open_writable(kept, settings)
        try:
            refused = () if force else refused_warnings(found, book)
            if refused:
                book.engine.close()
                book = open_writable(None, settings)
            judged: _Judged = "always" if force else "never" if refused else "if plausible"
            read, result = _scan(
                found, unread, book, tables, battery, origin, progress, judged, on_change,
                permitted(store, settings), when_judged,
            )  # fmt: skip
            if refused:
                result = refuse(result, refused, str(ledger))
            if ledger and not kept:
                result = nothing_kept(result, str(ledger))
            progress.step("writing")
            with recorded(store, result, book.engine, settings, folder) as known:
                written = write_outputs(known, book.engine, read.numbers, settings, folder)
            if when_recorded and not written.withheld:
                when_recorded(book.engine, written)
        except EngineError as error:
            raise LedgerError(
                f"the scan failed: {error.what}", where=str(kept or ""), hint=error.hint
            ) from error
        else:
            return written
        finally:
            progress.end()
            book.engine.close()


def _scan(  # noqa: PLR0913, PLR0917 - the parts of a scan
    sources: Sequence[AnySource],
    unread: UnreadSources,
    ledger: Ledger,
    tables: OperatorTables,
    tests: Sequence[EvidenceTest],
    origin: str,
    progress: Progress,
    judged: _Judged,
    on_change: OnChange,
    exemptions: Sequence[Exemption],
    when_judged: WhenJudged | None,
) -> tuple[SourceSummary, ScanResult]:
    settings, engine = ledger.settings, ledger.engine
    progress.begin(len(sources) + len(tests) + 5, engine.progress)
    read = read_sources(ledger, sources, progress, unread, on_change)
    progress.step("measuring accounts")
    measured = measure(ledger, tables.catalogue, tables.accounts, exemptions)
    context, catalogue, extent = measured.context, measured.catalogue, measured.extent
    facts = measure_facts(ledger, read, context.columns, catalogue, measured.accounts_table)
    warnings = input_warnings(facts)
    implausible = any(warning.worthless for warning in warnings)
    withheld = judged == "never" or (judged == "if plausible" and implausible)
    verdicts = _Verdicts()
    if withheld:
        withhold_findings(engine)
    else:
        verdicts = _verdicts(measured, tests, settings, progress, when_judged)
    amounts = {"accounts": extent.accounts, "items": catalogue.items, "uses": extent.uses}
    return read, ScanResult(
        findings=verdicts.findings,
        robots=measured.robots.declared,
        granted=measured.granted,
        accounts=ArrowTable(engine.arrow(ACCOUNT_ROWS)),
        rings=ArrowTable(engine.arrow(RING_ROWS)),
        catalogue=catalogue,
        assumptions=(
            *read.assumptions,
            *facts.requests.assumptions,
            *measured.accounts_table.assumptions,
            *measured.robots.assumptions,
            *assumptions(context, catalogue, settings, origin),
            *additional_tests(tests),
        ),
        counts={**read.counts, **amounts},
        quarantine=dict(read.quarantine),
        not_takes=dict(read.not_takes),
        tests_not_run=verdicts.not_run if extent.accounts else (),
        notes=(
            *verdicts.notes,
            *read.notes,
            *measured.accounts_table.notes,
            *measured.robots.notes,
            *_budget_notes(measured.granted, lasting=ledger.lasting),
        ),
        warnings=(*unread_warnings(unread.found), *warnings),
        unread=unread.found,
        withheld=withheld,
        period=extent.period,
        files={},
    )


def _budget_notes(granted: Sequence[GrantedUse], *, lasting: bool) -> Iterator[str]:
    """Yield what a budget does not count: without a ledger, the items of earlier scans."""
    if not lasting and any(use.budget is not None for use in granted):
        yield "budgets of grants count the items of this scan only; --ledger FILE counts all scans"


@dataclass(frozen=True)
class _Verdicts:
    """The result of judging: findings in order, tests that could not run, and notes."""

    findings: tuple[Finding, ...] = ()
    not_run: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def _verdicts(
    measured: Measurement,
    tests: Sequence[EvidenceTest],
    settings: Settings,
    progress: Progress,
    when_judged: WhenJudged | None,
) -> _Verdicts:
    """Judge all accounts, search for rings, and attach profiles to the findings."""
    context, engine = measured.context, measured.context.engine
    scored = judge(context, lambda name: progress.step(f"evidence: {name}"), tests)
    if when_judged:
        when_judged(measured, scored)
    progress.step("looking for rings")
    rings = find_rings(context, scored)
    progress.step("judging")
    found = concluded(measured, scored, rings, settings)
    found = with_clients(engine, found)
    found = with_profiles(engine, found, scored, rings, settings.report.findings_shown)
    found = with_details(engine, found, settings.report)
    return _Verdicts(
        tuple(sorted(found, key=_certainty)),
        scored.not_run,
        (*_merged_rings(engine), *order_notes(scored), *copy_notes(scored, found, context.columns)),
    )


def _merged_rings(engine: Engine) -> Iterator[str]:
    """Yield a note for each ring of an earlier scan that is part of another ring now."""
    for before, now in merged_ring_ids(engine):
        yield f"{before} has merged into {now}; its id stays reserved in case they separate"


def _certainty(finding: Finding) -> tuple[float, float, int]:
    """Order findings by expected false findings, then by p-value, then by size."""
    return (finding.expected_false, finding.p_value, -finding.items)
