"""Everything the report shows, and nothing it would have to look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ringfence.model.finding import Finding


@dataclass(frozen=True)
class Contents:
    """What one scan has to say. All text may come from outside and is treated as hostile.

    Attributes:
        title: heading of the report.
        version: version of Ringfence that made it.
        generated: when the report was made, UTC.
        period: first and last use seen, UTC; None if there was none.
        findings: ranked, strongest first.
        false_accusation_rate: chance that a scan accuses any honest account, in (0, 1).
        counts: what was read, by name: ``lines``, ``events``, ``uses``, ``accounts``, ``items``,
            ``quarantined``; names that were not counted are left out.
        quarantine: lines that could not be read, by reason.
        not_takes: events that took nothing, by reason.
        assumptions: one (name, value, setting that changes it) an assumption.
        robots: one (account, robot's name, items, uses) a declared robot; scored by nobody.
        coverage_curve: (share of the catalogue, share of all use), both in [0, 1], as the items are
            taken in order of popularity; increasing.
        catalogue_note: where the catalogue came from.
        population: a histogram in logarithmic buckets, one (items held, up to and including;
            accounts) a bucket, in increasing order.
        notes: what the reader should know of the sources, a sentence each.
        tests_not_run: one (test, why) a test that could not run.
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
    robots: tuple[tuple[str, str, int, int], ...] = ()
    coverage_curve: tuple[tuple[float, float], ...] = ()
    catalogue_note: str = "derived from the events"
    population: tuple[tuple[int, int], ...] = ()
    tests_not_run: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
