"""The summary of a scan: warnings and five lines of text, or HTML with the coverage chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Final

from ringfence.report.wording import counted
from ringfence.visible import visible

if TYPE_CHECKING:
    from ringfence.pipeline.result import ScanResult

VERDICTS: Final = ("extracting", "suspect")

PLACED: Final = 200
"""Findings that are placed in the chart, as in the report."""

_BOX: Final = (
    "max-width:36rem;padding:.5rem 1rem;background:#fff;color:#1f2a33;border:1px solid #dcdfe1"
)
_LABEL: Final = "padding:.1rem 1rem .1rem 0;text-align:left;font-weight:normal;color:#55626d"
_VALUE: Final = "padding:.1rem 0;text-align:left"


def summary_text(result: ScanResult) -> str:
    """Return the warnings, then five lines: findings, verdicts, period, input and items."""
    head = f"<ScanResult: {counted(len(result.findings), 'finding')}>"
    warned = [f"  {'warning':<10} {visible(one.text)}" for one in result.warnings]
    lines = [head, *warned, *(f"  {name:<10} {said}" for name, said in _facts(result).items())]
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def summary_html(result: ScanResult) -> str:
    """Return the same summary as HTML, with the coverage chart if there is a finding to place."""
    head = f"Ringfence: {counted(len(result.findings), 'finding')}"
    warned = [("warning", visible(one.text)) for one in result.warnings]
    rows = "".join(
        f'<tr><th style="{_LABEL}">{escape(name)}</th><td style="{_VALUE}">{escape(said)}</td></tr>'
        for name, said in (*warned, *_facts(result).items())
    )
    return f'<div style="{_BOX}"><b>{head}</b><table>{rows}</table>{_chart(result)}</div>'


def _facts(result: ScanResult) -> dict[str, str]:
    counts = result.counts
    period = "no use of an item"
    if result.period:
        first, last = result.period
        period = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}, UTC"
    return {
        "verdicts": _verdicts(result),
        "period": period,
        "read": _read(counts),
        # The name of a file may come from anywhere.
        "catalogue": visible(f"{counted(result.catalogue.items, 'item')}, {result.catalogue.note}"),
    }


def _read(counts: Mapping[str, int]) -> str:
    """Say what was read, and how many sources the ledger already held."""
    sources, skipped = counts.get("sources", 0), counts.get("skipped", 0)
    if sources and skipped == sources:
        return f"nothing new: {counted(skipped, 'source')} skipped, already in the ledger"
    if not sources and counts.get("uses"):
        return "the ledger; its lines were read before"
    said = (
        f"{counted(counts.get('lines', 0), 'line')} from {counted(sources - skipped, 'source')}, "
        f"{counts.get('quarantined', 0):,} quarantined"
    )
    return f"{said}; {skipped:,} skipped, already in the ledger" if skipped else said


def _verdicts(result: ScanResult) -> str:
    """Count the accounts and rings with each verdict, among all accounts."""
    number = Counter((finding.verdict, finding.kind) for finding in result.findings)
    said = [
        f"{counted(number[verdict, kind], kind)} {verdict}"
        for verdict in VERDICTS
        for kind in ("account", "ring")
        if number[verdict, kind]
    ]
    return f"{', '.join(said) or 'none'}; {counted(len(result.accounts), 'account')} scored"


def _chart(result: ScanResult) -> str:
    from ringfence.report import charts  # noqa: PLC0415 - charts load only where they are drawn

    if not result.catalogue.curve or not result.findings:
        return ""
    marks = [
        charts.Mark(rank, one.verdict, one.items, one.coverage.catalogue, one.coverage.use)
        for rank, one in enumerate(result.findings[:PLACED], start=1)
    ]
    return charts.coverage_curve(result.catalogue.curve, marks)
