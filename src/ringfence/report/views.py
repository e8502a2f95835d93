"""The view models of the report: findings with their charts, and the sentences at the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ringfence.model.evidence import Evidence
from ringfence.model.finding import Finding
from ringfence.model.profile import Profile
from ringfence.report import charts, wording
from ringfence.report.contents import Contents
from ringfence.report.evidence_wording import FLOOR_NOTE, has_floored_evidence, sections
from ringfence.report.headline import WITHHELD, accounts_with, headline, suspects, together
from ringfence.report.ring_view import RingView, ring_view
from ringfence.visible import clip

FINDINGS_ON_PAGE: Final = 200
"""Number of findings in the report. The rest is in ``findings.jsonl``."""


@dataclass(frozen=True)
class Plots:
    """The charts of one finding as SVG; an empty string where there is nothing to draw."""

    over_time: str
    step: str
    hours: str
    popularity: str
    standing: str


@dataclass(frozen=True)
class FindingView:
    """One finding as the page shows it.

    Attributes:
        rank: its place in the list, from 1.
        finding: the finding itself.
        plots: its charts, None if it has no profile.
        ring: the charts and sentences of a ring, None for an account.
    """

    rank: int
    finding: Finding
    plots: Plots | None
    ring: RingView | None

    @property
    def evidence(self) -> list[tuple[str, tuple[Evidence, ...]]]:
        """The evidence on an account by what it supports, with a heading each."""
        return sections(self.finding.evidence)

    @property
    def floor_note(self) -> str:
        """Why a test may show a smaller p-value than the finding; empty if none does."""
        return FLOOR_NOTE if has_floored_evidence(self.finding) else ""


@dataclass(frozen=True)
class Page:
    """The whole page: the contents, with charts and sentences made from them."""

    contents: Contents

    @cached_property
    def shown(self) -> tuple[FindingView, ...]:
        """The findings that are shown, with their charts."""
        findings = self.contents.findings[:FINDINGS_ON_PAGE]
        return tuple(
            FindingView(
                rank,
                finding,
                account_plots(finding.profile) if finding.profile else None,
                ring_view(finding.ring, finding.verdict) if finding.ring else None,
            )
            for rank, finding in enumerate(findings, start=1)
        )

    def rank_of(self, account: str) -> int:
        """Return the place of an account's own finding on this page, 0 if it has none."""
        return self._ranks.get(account, 0)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {v.finding.id: v.rank for v in self.shown if v.finding.kind == "account"}

    @property
    def left_out(self) -> int:
        """The number of findings that are only in ``findings.jsonl``."""
        return len(self.contents.findings) - len(self.shown)

    @property
    def headline(self) -> str:
        """The result in one sentence."""
        if self.contents.withheld:
            return WITHHELD
        accounts = self.contents.counts.get("accounts", 0)
        return headline(self.contents.findings, accounts, unread=self._all_quarantined)

    @property
    def _judged_any(self) -> bool:
        return not self.contents.withheld and bool(
            self.contents.counts.get("accounts", 0)
            or accounts_with(self.contents.findings, "extracting")
        )

    @property
    def _all_quarantined(self) -> bool:
        """Whether every line was quarantined, so that no event was read."""
        read = self.contents.not_takes or self.contents.robots
        return bool(self.contents.quarantine) and not read

    @property
    def first_check(self) -> str:
        """Why there is no account to judge, with the numbers, and what to check first."""
        if self.contents.withheld:
            return "Correct the settings that the warnings name and scan again, or use --force."
        if self._all_quarantined:
            reasons = _reasons(self.contents.quarantine)
            return f"Every line was quarantined: {reasons}. Check the format first."
        if self.contents.not_takes:
            events = wording.counted(sum(self.contents.not_takes.values()), "event")
            reasons = _reasons(self.contents.not_takes)
            return f"The log has {events} without an item: {reasons}. Check the item rule first."
        if self.contents.robots:
            return "Only declared robots used the catalogue."
        return "Check first whether the sources are empty."

    @property
    def promise(self) -> str:
        """The error rate in one sentence; empty if the scan had no account to judge."""
        if not self._judged_any:
            return ""
        return wording.promise(self.contents.false_accusation_rate)

    @property
    def aside(self) -> str:
        """One or two sentences about the suspects; empty if there is none."""
        findings = self.contents.findings
        number = suspects(findings)
        if not number:
            return ""
        chance = max(f.expected_false for f in findings if f.verdict == "suspect")
        return (
            f"{number} By chance, a scan of this size shows {_about(chance)} honest accounts (or "
            f"groups of them) like the least certain of these. {together(findings)}"
        ).rstrip()

    @cached_property
    def coverage_curve(self) -> str:
        """The coverage curve as SVG; empty without a catalogue."""
        curve = self.contents.coverage_curve
        return charts.coverage_curve(curve, self._marks) if curve else ""

    @cached_property
    def population(self) -> str:
        """The histogram of items per account as SVG; empty without accounts."""
        buckets = self.contents.population
        return charts.population(buckets, self._marks) if buckets else ""

    @property
    def _marks(self) -> Sequence[charts.Mark]:
        return [
            charts.Mark(view.rank, f.verdict, f.items, f.coverage.catalogue, f.coverage.use)
            for view in self.shown
            for f in (view.finding,)
        ]


def account_plots(profile: Profile) -> Plots:
    """Draw the charts of an account."""
    return Plots(
        over_time=charts.uses_over_time(profile.days) if profile.days else "",
        step=charts.step_of(profile.days),
        hours=charts.hours_of_week(profile.week) if any(profile.week) else "",
        popularity=charts.popularity(profile.popularity) if profile.popularity else "",
        standing=charts.standing(profile.standing) if profile.standing else "",
    )


def _reasons(counts: Mapping[str, int]) -> str:
    """Return the three commonest reasons with their numbers: ``120 unreadable-time, 3 no-item``."""
    ranked = sorted(counts.items(), key=lambda reason: -reason[1])
    return ", ".join(f"{wording.count(number)} {clip(name, 60)}" for name, number in ranked[:3])


def _about(expected: float) -> str:
    """Return an expected number for a sentence."""
    said = wording.expected(expected)
    return f"fewer than{said[1:]}" if said.startswith("<") else f"about {said}"
