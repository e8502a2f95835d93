"""The main job: sources in, findings out."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ringfence.catalogue import Catalogue, load_catalogue
from ringfence.engine import Statement
from ringfence.events import Quarantine, find_sources
from ringfence.evidence import TESTS, Context
from ringfence.evidence.envelope import Kind
from ringfence.evidence.steps import STEPS
from ringfence.ledger import Ledger, open_ledger
from ringfence.scanning.outputs import prepare_folder, write_outputs
from ringfence.scanning.progress import Progress
from ringfence.scanning.result import ScanResult
from ringfence.settings import Settings, load_settings
from ringfence.verdicts import find_robots, findings, judge, save_accounts, verdicts

EXTENT: Final = Statement("scanning.extent", """
SELECT count(*) AS accounts, min(first) AS first, max(last) AS last,
  CAST(coalesce(sum(uses), 0) AS BIGINT) AS uses
FROM portfolio
""")

MUSIC_PRESETS: Final = frozenset({"subsonic", "stream"})


def scan(  # noqa: PLR0913 - each is one thing a user may want to say
    *sources: str | Path,
    settings: Settings | None = None,
    config: str | Path | None = None,
    catalogue: str | Path | None = None,
    ledger: str | Path | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> ScanResult:
    """Scan sources and return what was found.

    Args:
        sources: files, globs, folders, or ``-`` for standard input; plain, gz or zst.
        settings: all settings; or
        config: a ``ringfence.toml`` to read them from. Defaults without either.
        catalogue: csv, parquet or ndjson file, one row an item; without one, what was taken.
        ledger: file that keeps what was folded between scans; each source is folded once.
        out: folder for ``findings.jsonl``, ``accounts.parquet``, ``report.html`` and
            ``quarantine.jsonl``; made if it is not there. Without it nothing is written.
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
    settings = settings or load_settings(Path(config) if config else None)
    folder = prepare_folder(Path(out)) if out else None
    progress = progress or Progress()
    with tempfile.TemporaryDirectory(prefix="ringfence-", ignore_cleanup_errors=True,
                                     dir=settings.engine.temp_directory or None) as scratch:
        book = open_ledger(Path(ledger) if ledger else None, settings)
        try:
            return _scan(list(sources), book, Path(catalogue) if catalogue else None, folder,
                         Path(scratch), progress)
        finally:
            progress.end()
            book.engine.close()


@dataclass
class _Read:
    """What reading all sources came to."""

    not_takes: Counter[str] = field(default_factory=Counter)
    assumptions: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def _scan(patterns: Sequence[str | Path], ledger: Ledger, catalogue_file: Path | None,
          folder: Path | None, scratch: Path, progress: Progress) -> ScanResult:
    settings, engine = ledger.settings, ledger.engine
    sources = find_sources(patterns, scratch)
    progress.begin(len(sources) + len(TESTS) + 4, engine.progress)
    quarantine = Quarantine(scratch)
    read = _Read(counts=Counter(sources=len(sources)))
    for source in sources:
        progress.step(f"reading {source.name}")
        _fold(ledger, source, quarantine, read)
    progress.step("merging")
    ledger.compact()
    catalogue = load_catalogue(engine, catalogue_file, settings.catalogue)
    progress.step("measuring accounts")
    for step in STEPS:
        engine.run(step)
    context, period = _context(ledger, catalogue, catalogue_file)
    judged = judge(context, lambda name: progress.step(f"evidence: {name}"))
    progress.step("judging")
    robots = find_robots(engine)
    labels = verdicts(judged, frozenset(r.key for r in robots),
                      settings.verdicts.false_accusation_rate)
    save_accounts(engine, judged, {"verdict": labels})
    read.counts.update(accounts=context.accounts, items=catalogue.items,
                       uses=int(engine.rows(EXTENT)[0][3]), quarantined=quarantine.counts.total())
    result = ScanResult(
        findings=findings(engine, judged, labels, catalogue, settings), robots=robots,
        accounts={**{k: v for k, v in judged.accounts.items() if k not in ("account_key", "popularity")},
                  "verdict": labels, "p_value": judged.p_values,
                  **{f"p_{name}": p for name, p in judged.by_test.items()}},
        catalogue=catalogue,
        assumptions=(*read.assumptions.values(), *_assumed(context, catalogue, settings)),
        counts=dict(read.counts), quarantine=dict(quarantine.counts),
        not_takes=dict(read.not_takes), tests_not_run=judged.not_run, notes=tuple(read.notes),
        period=period, files={})
    progress.step("writing")
    if folder is None:
        return result
    return write_outputs(result, engine, quarantine, settings, folder)


def _fold(ledger: Ledger, source, quarantine: Quarantine, read: _Read) -> None:  # type: ignore[no-untyped-def]
    folded = ledger.fold(source, quarantine)
    if folded.reading is None:
        read.counts["skipped"] += 1
        read.notes.append(f"{source.name}: skipped, already in the ledger as {folded.folded_as}")
        return
    for outcome, number in folded.outcomes.items():
        read.counts["lines"] += number
        if outcome is None:
            read.counts["takes"] += number
        else:
            read.not_takes[outcome] += number
    for assumed in folded.reading.assumptions:
        read.assumptions.setdefault(f"{assumed.name}: {assumed.value}",
                                    (assumed.name, assumed.value, assumed.setting))
    if folded.reading.note:
        read.notes.append(f"{source.name}: {folded.reading.note}")


def _context(ledger: Ledger, catalogue: Catalogue, catalogue_file: Path | None,
             ) -> tuple[Context, tuple[datetime, datetime] | None]:
    accounts, first, last, _ = ledger.engine.rows(EXTENT)[0]
    period = None if first is None else (datetime.fromtimestamp(first, UTC),
                                         datetime.fromtimestamp(last, UTC))
    days = 1 if first is None else last // 86400 - first // 86400 + 1
    return Context(ledger.engine, _kind(ledger), accounts, ledger.seen("column"),
                   catalogue.grouped > 0, catalogue_file is not None, days), period


def _kind(ledger: Ledger) -> Kind:
    """Say which readers to compare with: as set, else by what the items and columns look like."""
    chosen = ledger.settings.verdicts.envelope
    if chosen != "auto":
        return chosen
    presets = ledger.seen("items")
    if "scholarly" in presets:
        return "library"
    return "music" if presets & MUSIC_PRESETS or "seconds" in ledger.seen("column") else "general"


def _assumed(context: Context, catalogue: Catalogue, settings: Settings,
             ) -> tuple[tuple[str, str, str], ...]:
    return (
        ("catalogue", f"{catalogue.items:,} items, {catalogue.note}", "--catalogue FILE"),
        ("readers", f"compared with measured readers of {_READERS[context.kind]}",
         "verdicts.envelope"),
        ("false accusation rate", f"{settings.verdicts.false_accusation_rate:g} a scan",
         "verdicts.false_accusation_rate"),
    )


_READERS: Final[dict[Kind, str]] = {
    "music": "music", "library": "a digital library",
    "general": "music, for want of any of this kind (without their tastes)",
}
