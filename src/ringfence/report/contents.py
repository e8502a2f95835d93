"""The complete content of a report, so that writing it looks nothing up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ringfence.model.finding import Finding
from ringfence.model.warning import InputWarning


@dataclass(frozen=True)
class Contents:
    """The content of a report on one scan. All text may come from outside and is hostile.

    Attributes:
        title: heading of the report.
        version: version of Ringfence that made the report.
        generated: when the report was made, UTC.
        period: first and last use seen, UTC; None if there was none.
        findings: those with the fewest expected false findings first.
        false_accusation_rate: probability that a scan accuses at least one honest account, in
            (0, 1).
        counts: numbers of ``lines``, ``events``, ``uses``, ``accounts``, ``items`` and
            ``quarantined`` lines; names that were not counted are missing.
        quarantine: lines that could not be read, by reason.
        not_takes: events that took no item, by reason.
        assumptions: (name, value, setting that changes it) per assumption.
        robots: (account, robot's name, items, uses, whether its address is in the networks that
            the robot publishes) per declared robot. Robots are not scored.
        coverage_curve: (share of the catalogue, share of all use) of the most popular items, both
            in [0, 1], increasing.
        catalogue_note: source of the catalogue.
        population: histogram with logarithmic buckets: (largest number of items held, accounts)
            per bucket, increasing.
        notes: sentences about the sources.
        tests_not_run: (test, reason) per test that could not run.
        warnings: signs that the input was misread.
        withheld: whether findings are withheld because of a warning.
    """

    title: str
    version: str
    generated: datetime
    period: tuple[datetime, datetime] | None
    findings: tuple[Finding, ...]
    false_accusation_rate: float
    counts: Mapping[str, int] = field(default_factory=dict)
    quarantine: Mapping[str, int] = field(default_factory=dict)
    not_takes: Mapping[str, int] = field(default_factory=dict)
    assumptions: tuple[tuple[str, str, str], ...] = ()
    robots: tuple[tuple[str, str, int, int, bool], ...] = ()
    coverage_curve: tuple[tuple[float, float], ...] = ()
    catalogue_note: str = "derived from the events"
    population: tuple[tuple[int, int], ...] = ()
    tests_not_run: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[InputWarning, ...] = ()
    withheld: bool = False
