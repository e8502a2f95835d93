"""Check what a scan would read: a sample through the same path, in memory, writing nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ringfence.engine import Statement
from ringfence.errors import EngineError, SourceError
from ringfence.events import (
    AnySource,
    LineReading,
    find_sources,
    read_lines,
)
from ringfence.ledger import Ledger, open_writable
from ringfence.model.sample_event import SampleEvent
from ringfence.model.unread_source import UnreadSource
from ringfence.model.warning import InputWarning
from ringfence.pipeline.arguments import SourceLike, chosen_settings, flat_sources
from ringfence.pipeline.context import chosen_kind, measured_users
from ringfence.pipeline.folders import scratch_folder
from ringfence.pipeline.input_facts import measure_facts
from ringfence.pipeline.plausibility import input_warnings
from ringfence.pipeline.reading import SourceSummary
from ringfence.pipeline.sampling import Sample, chosen_sources, take_sample
from ringfence.pipeline.unread import UnreadSources, unread_warnings
from ringfence.population import set_robots_apart
from ringfence.settings import FormatName, Settings
from ringfence.visible import visible

KNOWN_NAMES: Final = Statement(
    "pipeline.known_names",
    """
SELECT (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM items) AS items
""",
)

EVENTS_RETURNED: Final = 100
"""Sample events in a result."""

LINES_RETURNED: Final = 10
"""Lines in a result, beside what was read from them."""


@dataclass(frozen=True, eq=False, repr=False)
class CheckResult:
    """The records that a scan would read, measured on a sample.

    Attributes:
        format: name of the format; several are joined by commas.
        settings_file: the settings file; None without one.
        counts: ``lines``, ``takes``, ``accounts``, ``items`` and ``quarantined`` of the sample.
        events: the first 100 takes.
        lines: the first lines of the first text file, each with what was read from it; none if
            names are replaced by pseudonyms.
        not_takes: number of lines that are no use of an item, by reason.
        quarantine: number of unreadable lines, by reason.
        warnings: signs that the input was not read as its owner means it.
        unread: sources of the sample that could not be read, and why.
        suggestions: settings that would help, one sentence per suggestion.
        assumptions: (name, value, setting that changes it).
        sampled: ``files``, ``of_files``, ``bytes``, ``of_bytes``, ``whole``.
    """

    format: str
    settings_file: str | None
    counts: Mapping[str, int]
    events: tuple[SampleEvent, ...]
    lines: tuple[LineReading, ...]
    not_takes: Mapping[str, int]
    quarantine: Mapping[str, int]
    warnings: tuple[InputWarning, ...]
    unread: tuple[UnreadSource, ...]
    suggestions: tuple[str, ...]
    assumptions: tuple[tuple[str, str, str], ...]
    sampled: Mapping[str, int]

    @property
    def plausible(self) -> bool:
        """Return whether a scan of these sources would judge accounts."""
        return not any(warning.worthless for warning in self.warnings)

    def __repr__(self) -> str:
        """Return a summary: the numbers, the first three takes, and the warnings."""
        counts = ", ".join(f"{number:,} {name}" for name, number in self.counts.items())
        lines = [f"<CheckResult: {self.format}; {counts}>"]
        lines += [f"  {one.time}  {one.account}  {one.item}" for one in self.events[:3]]
        lines += [f"  {one.kind}: {one.text}" for one in self.warnings]
        return "\n".join(visible(line) for line in lines)

    def to_json(self) -> dict[str, Any]:
        """Return everything but the lines, for machines."""
        return {
            "format": self.format,
            "settings_file": self.settings_file,
            "counts": dict(self.counts),
            "events": [event.to_json() for event in self.events],
            "not_takes": dict(self.not_takes),
            "quarantine": dict(self.quarantine),
            "warnings": [warning.to_json() for warning in self.warnings],
            "unread": [one.to_json() for one in self.unread],
            "suggestions": list(self.suggestions),
            "assumptions": [
                {"name": name, "value": value, "setting": setting}
                for name, value, setting in self.assumptions
            ],
            "sampled": dict(self.sampled),
        }


def check(
    *sources: SourceLike | Iterable[SourceLike],
    settings: Settings | None = None,
    config: str | Path | None = None,
    format: FormatName | None = None,  # noqa: A002 - the name of the option on the command line
    strict: bool = False,
) -> CheckResult:
    """Read a sample of sources as a scan would, and say what was read.

    The first megabytes of each file are read, and a few later parts of a plain file. Of many files
    16 are read. Nothing is written but temporary data.

    Args:
        sources: as for :func:`ringfence.scan`.
        settings: all settings; not together with ``config``.
        config: a settings file. Without both, the defaults are used.
        format: format of the files; None for the one in the settings.
        strict: whether the first source that cannot be read is an error.

    Returns:
        Counts, the first takes, warnings and suggestions. Input that was read, but implausibly,
        is no error: see :attr:`CheckResult.plausible`.

    Raises:
        RingfenceError: a setting cannot be used, or no source can be read. If ``strict``, one
            source that cannot be read is enough.

    Example:
        >>> import ringfence
        >>> ringfence.check("access.log").events  # doctest: +SKIP
    """
    settings, _ = chosen_settings(settings, config, format)
    flat = flat_sources(sources)
    with scratch_folder(settings) as scratch:
        unread = UnreadSources(strict=strict)
        found = find_sources(flat, scratch, settings.events, unread.add)
        unread.require_other(len(found))
        return check_sources(found, settings, unread, str(config) if config else None)


def check_sources(
    sources: Sequence[AnySource],
    settings: Settings,
    unread: UnreadSources,
    config: str | None = None,
) -> CheckResult:
    """Check sources that were found already; see :func:`check`.

    Args:
        sources: at least one.
        settings: all settings.
        unread: receives the sources that cannot be read.
        config: the settings file, for the result.

    Raises:
        SourceError: no source can be read, or not every one and ``unread`` is strict.
    """
    ledger = open_writable(None, settings)
    try:
        return _check(sources, ledger, unread, config)
    except EngineError as error:
        raise SourceError(f"the check failed: {error.what}", hint=error.hint) from error
    finally:
        ledger.engine.close()


def _check(
    sources: Sequence[AnySource], ledger: Ledger, unread: UnreadSources, config: str | None
) -> CheckResult:
    engine = ledger.engine
    engine.keep_order()
    keys = ledger.settings.account.parameters or ()
    chosen = chosen_sources(sources)
    summary, forms = SourceSummary(), dict[str, None]()
    samples: list[Sample] = []
    events: tuple[SampleEvent, ...] = ()
    lines: tuple[LineReading, ...] = ()
    for number, source in enumerate(chosen):
        with unread.recorded():
            sample = take_sample(engine, source, number, len(chosen))
            folded = ledger.fold(sample.source, samples=EVENTS_RETURNED - len(events))
            samples.append(sample)
            summary.add(folded, engine)
            summary.sample(engine, folded.reading)
            events += folded.samples
            if folded.reading:
                forms[folded.reading.format] = None
            if folded.reading and not ledger.settings.privacy.pseudonym_key:
                lines = lines or read_lines(engine, folded.reading, LINES_RETURNED, keys)
    unread.require_other(len(samples))
    ledger.compact()
    set_robots_apart(engine, ledger.settings.robots)
    facts = measure_facts(ledger, summary, ledger.seen("column"))
    accounts, items = engine.rows(KNOWN_NAMES)[0]
    users = measured_users(chosen_kind(ledger))
    return CheckResult(
        format=", ".join(forms),
        settings_file=config,
        counts={
            "lines": facts.lines,
            "takes": facts.takes,
            "accounts": accounts,
            "items": items,
            "quarantined": summary.counts["quarantined"],
        },
        events=events,
        lines=lines,
        not_takes=dict(summary.not_takes),
        quarantine=dict(summary.quarantine),
        warnings=(*unread_warnings(unread.found), *input_warnings(facts)),
        unread=unread.found,
        suggestions=_suggestions(summary),
        assumptions=(*summary.assumptions, *facts.requests.assumptions, users),
        sampled=_sampled(samples, len(sources)),
    )


def _suggestions(summary: SourceSummary) -> tuple[str, ...]:
    """Return the settings that would help."""
    said = []
    if summary.unused:
        said.append(f"columns not used: {', '.join(summary.unused)}; see events.columns")
    if summary.learned:
        keep = "To keep the learned item rules, or to change them, put them into the settings file:"
        said.append(f"{keep}\n{summary.learned.as_toml()}")
    return tuple(said)


def _sampled(samples: Sequence[Sample], files: int) -> dict[str, int]:
    """Return how much was read, of how much."""
    return {
        "files": len(samples),
        "of_files": files,
        "bytes": sum(sample.bytes for sample in samples),
        "of_bytes": sum(sample.of_bytes for sample in samples),
        "whole": int(len(samples) == files and all(sample.whole for sample in samples)),
    }
