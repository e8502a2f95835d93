"""The main job: sources in, findings out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ringfence.engine import Engine
from ringfence.errors import EngineError, LedgerError, SettingsError
from ringfence.events import AnySource, Quarantine, find_sources
from ringfence.evidence import EvidenceTest, all_tests
from ringfence.ledger import Ledger, open_ledger
from ringfence.model.finding import Finding
from ringfence.pipeline.context import assumed
from ringfence.pipeline.outputs import prepare_folder, write_outputs
from ringfence.pipeline.reading import read_sources
from ringfence.pipeline.result import ScanResult
from ringfence.pipeline.steps import find_rings, measure
from ringfence.profiles.attach import with_profiles
from ringfence.progress import Progress
from ringfence.settings import FormatName, Settings, load_settings
from ringfence.verdicts import conclude, judge, merged_ring_ids


def scan(  # noqa: PLR0913 - each is one thing a user may want to say
    *sources: str | Path,
    settings: Settings | None = None,
    config: str | Path | None = None,
    format: FormatName | None = None,  # noqa: A002 - the name it has on the command line
    catalogue: str | Path | None = None,
    ledger: str | Path | None = None,
    out: str | Path | None = None,
    tests: Sequence[EvidenceTest | type[EvidenceTest]] = (),
    progress: Progress | None = None,
) -> ScanResult:
    """Scan sources and return what was found.

    Args:
        sources: files, globs, folders, or ``-`` for standard input; plain, gz or zst.
        settings: all settings; or
        config: a ``ringfence.toml`` to read them from. Defaults without either: unlike the
            command, this looks for no file by itself.
        format: format of the sources; None takes what the settings say.
        catalogue: csv, parquet or ndjson file, one row an item; without one, what was taken.
        ledger: file that keeps what was folded between scans; each source is folded once.
        out: folder for ``findings.jsonl``, ``accounts.parquet``, ``rings.parquet``,
            ``report.html`` and ``quarantine.jsonl``; made if it is not there. Without it nothing is
            written.
        tests: evidence tests beyond the built-in and installed ones, instances or classes.
        progress: told of each step.

    Returns:
        Findings, accounts, counts and assumptions; see :class:`ScanResult`.

    Raises:
        RingfenceError: a source, setting, catalogue, ledger or output cannot be used; one line
            with what, where and a hint.

    Example:
        >>> import ringfence
        >>> result = ringfence.scan("access.log")  # doctest: +SKIP
        >>> [finding.id for finding in result.findings]  # doctest: +SKIP
    """
    settings = _settings(settings, config, format)
    battery = all_tests(tests)
    listed = Path(catalogue) if catalogue else None
    progress = progress or Progress()
    with scratch_folder(settings) as scratch:
        found = find_sources(sources, scratch)
        folder = prepare_folder(Path(out)) if out else None
        quarantine = Quarantine(scratch)
        book = open_ledger(Path(ledger) if ledger else None, settings)
        try:
            result = _scan(found, book, listed, battery, quarantine, progress)
            progress.step("writing")
            return write_outputs(result, book.engine, quarantine, settings, folder)
        except EngineError as error:
            raise LedgerError(
                f"the scan failed: {error.what}",
                where=str(ledger or ""),
                hint=error.hint,
            ) from error
        finally:
            progress.end()
            book.engine.close()


def _merged_rings(engine: Engine) -> Iterator[str]:
    """Yield a note for each ring of an earlier scan that is part of another ring now."""
    for before, now in merged_ring_ids(engine):
        yield f"{before} has merged into {now}; its id stays reserved in case they separate"


def _certainty(finding: Finding) -> tuple[float, float, int]:
    """Order findings by expected false findings, then by p-value, then by size."""
    return (finding.expected_false, finding.p_value, -finding.items)


def _settings(
    settings: Settings | None, config: str | Path | None, format_name: FormatName | None
) -> Settings:
    if settings is not None and config is not None:
        raise SettingsError("both settings and a config file are given", hint="give one of them")
    settings = settings or load_settings(Path(config) if config else None)
    if format_name is None:
        return settings
    events = settings.events.model_copy(update={"format": format_name})
    return settings.model_copy(update={"events": events})


@contextmanager
def scratch_folder(settings: Settings) -> Iterator[Path]:
    """Give a folder for what does not fit memory; it is gone afterwards.

    Raises:
        SettingsError: it cannot be made where the settings say.
    """
    parent = settings.engine.temp_directory or None
    try:
        folder = tempfile.TemporaryDirectory(
            prefix="ringfence-", ignore_cleanup_errors=True, dir=parent
        )
    except OSError as error:
        raise SettingsError(
            f"cannot be used: {error.strerror}",
            where=str(parent or tempfile.gettempdir()),
            hint="set engine.temp_directory to a folder on a disk with room",
        ) from error
    with folder as name:
        yield Path(name)


def _scan(  # noqa: PLR0913, PLR0917 - each is one part of the job
    sources: Sequence[AnySource],
    ledger: Ledger,
    catalogue_file: Path | None,
    tests: Sequence[EvidenceTest],
    quarantine: Quarantine,
    progress: Progress,
) -> ScanResult:
    settings, engine = ledger.settings, ledger.engine
    progress.begin(len(sources) + len(tests) + 5, engine.progress)
    read = read_sources(ledger, sources, quarantine, progress)
    progress.step("measuring accounts")
    measured = measure(ledger, catalogue_file)
    context, catalogue, extent = measured.context, measured.catalogue, measured.extent
    scored = judge(context, lambda name: progress.step(f"evidence: {name}"), tests)
    progress.step("looking for rings")
    rings = find_rings(context, scored)
    progress.step("judging")
    accounts, found = conclude(engine, scored, rings, catalogue, settings)
    found = with_profiles(engine, found, scored, rings, settings.report.findings_shown)
    amounts = {"accounts": extent.accounts, "items": catalogue.items, "uses": extent.uses}
    return ScanResult(
        findings=tuple(sorted(found, key=_certainty)),
        robots=measured.robots,
        accounts=accounts,
        catalogue=catalogue,
        assumptions=(*read.assumptions, *assumed(context, catalogue, settings)),
        counts={**read.counts, **amounts, "quarantined": quarantine.counts.total()},
        quarantine=dict(quarantine.counts),
        not_takes=dict(read.not_takes),
        tests_not_run=scored.not_run,
        notes=(*_merged_rings(engine), *read.notes),
        period=extent.period,
        files={},
    )
