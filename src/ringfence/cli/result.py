"""Print the result of a scan on a terminal of 80 columns."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.model.finding import Finding
from ringfence.pipeline import ScanResult
from ringfence.report.ring_wording import capped
from ringfence.visible import visible

FINDINGS_IN_TERMINAL = 20
"""Number of findings in the terminal. All are in the files."""

HEADINGS: Final = (
    "of all: share of the catalogue; of use: share of all use; p-value: how often an\n"
    "honest account looks like this; false: honest accounts expected at this p-value\n"
    "or below in a scan of this size."
)
"""The meaning of the headings of the table of findings."""


def render(result: ScanResult, console: Console) -> None:
    """Print the findings, the assumptions, what was not counted, and the files."""
    _findings(result, console)
    _robots(result, console)
    _assumptions(result, console)
    _left_out(result, console)
    _files(result, console)


def _files(result: ScanResult, console: Console) -> None:
    if result.findings and result.files:
        console.print("To see in words what was found about an account or ring:")
        console.print(Text(f"  {_explain(result)}"), soft_wrap=True)
        console.print()
    for kind, path in result.files.items():
        console.print(Text(f"{kind:>11}  {path}"), soft_wrap=True)


def _explain(result: ScanResult) -> str:
    """Return a command that explains the first finding, ready to be typed in this folder."""
    folder = next(iter(result.files.values())).parent
    name = visible(result.findings[0].id, 400)
    words = ["ringfence", "explain", str(folder)]
    return shlex.join([*words, "--", name] if name.startswith("-") else [*words, name])


def _findings(result: ScanResult, console: Console) -> None:
    accounts = result.counts.get("accounts", 0)
    if not result.findings:
        console.print(_nothing(accounts))
        return
    table = Table(
        title=_title(result.findings, accounts),
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="bold",
        padding=(0, 1, 0, 0),
    )  # so that the widest row just fits 80 columns
    for name in ("account", "verdict"):
        table.add_column(name, no_wrap=True)
    for name in ("items", "of all", "of use", "p-value", "false"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("advice", no_wrap=True)
    for finding in result.findings[:FINDINGS_IN_TERMINAL]:
        table.add_row(*_row(finding))
    console.print(table)
    console.print(HEADINGS, style="dim")
    if len(result.findings) > FINDINGS_IN_TERMINAL:
        console.print(
            f"... and {len(result.findings) - FINDINGS_IN_TERMINAL:,} more in findings.jsonl"
        )
    for kind in ("ring", "account"):
        first = next((finding for finding in result.findings if finding.kind == kind), None)
        if first is not None:
            _evidence(first, console)
    console.print()


def _nothing(accounts: int) -> str:
    if not accounts:
        return "There was no account to judge: these sources contain no use of an item."
    noun = "account" if accounts == 1 else "accounts"
    return f"Nothing found: none of {accounts:,} {noun} stands out, alone or in a ring."


def _evidence(finding: Finding, console: Console) -> None:
    console.print(Text(f"\n{visible(finding.id, console.width - 1)}:", style="bold"))
    for evidence in finding.evidence[:3]:
        console.print(Text(f"  {evidence.sentence}"))


def _title(findings: Sequence[Finding], accounts: int) -> str:
    """Return how many accounts the findings are about, and how many of them are in rings."""
    named = {account for finding in findings for account in finding.accounts}
    said = f"{len(named):,} of {accounts:,} accounts stand out"
    rings = [set(finding.accounts) for finding in findings if finding.kind == "ring"]
    if not rings:
        return said
    together = "one ring" if len(rings) == 1 else f"{len(rings):,} rings"
    inside = len(set.union(*rings))
    return f"{said}, {'all' if inside == len(named) else f'{inside:,} of them'} as {together}"


def _row(finding: Finding) -> tuple[Text | str, ...]:
    colour = "red" if finding.verdict == "extracting" else "yellow"
    return (
        Text(visible(finding.id, 20) + _size(finding)),
        Text(finding.verdict, style=colour),
        f"{finding.items:,}",
        f"{finding.coverage.catalogue:.1%}",
        f"{finding.coverage.use:.1%}",
        _p_value(finding),
        f"{finding.expected_false:.1g}",
        finding.action,
    )


def _size(finding: Finding) -> str:
    """Return the number of accounts of a ring; id and number take 20 characters up to 9,999."""
    return f" ({len(finding.accounts)})" if finding.kind == "ring" else ""


def _p_value(finding: Finding) -> str:
    """Return a p-value; the smallest one of a ring is an upper bound."""
    return f"{'≤' if capped(finding.kind, finding.p_value) else ''}{finding.p_value:.0e}"


def _robots(result: ScanResult, console: Console) -> None:
    if not result.robots:
        return
    items = sum(robot.items for robot in result.robots)
    console.print(
        f"{len(result.robots):,} declared robots are listed separately and not scored. They took "
        f"{items:,} items in all. The largest:"
    )
    for robot in result.robots[:3]:
        line = f"  {visible(robot.account, 30)}  {robot.items:,} items  {visible(robot.client, 30)}"
        console.print(Text(line))
    console.print()


def _assumptions(result: ScanResult, console: Console) -> None:
    table = Table(
        title="Assumed (and what changes it)",
        title_justify="left",
        box=None,
        pad_edge=False,
        show_header=False,
    )
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(style="dim", no_wrap=True)
    for name, value, setting in result.assumptions:
        table.add_row(Text(name), Text(visible(value, 200)), Text(setting))
    console.print(table)
    console.print()


def _left_out(result: ScanResult, console: Console) -> None:
    for note in result.notes:
        console.print(Text(visible(note, 300)))
    for title, counts in (("Not counted", result.not_takes), ("Quarantined", result.quarantine)):
        if counts:
            said = ", ".join(
                f"{n:,} {reason}" for reason, n in sorted(counts.items(), key=lambda pair: -pair[1])
            )
            console.print(f"{title}: {said}.", markup=False)
    for test, why in result.tests_not_run:
        console.print(f"Test {test} could not run: {why}.", style="dim", markup=False)
    console.print()
