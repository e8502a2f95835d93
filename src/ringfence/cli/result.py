"""Print the result of a scan on a terminal of 80 columns."""

from __future__ import annotations

import shlex
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.cli.warnings import print_warnings
from ringfence.model.finding import Finding
from ringfence.model.phrases import counted
from ringfence.pipeline import ScanResult
from ringfence.report.evidence_wording import reasons
from ringfence.report.headline import WITHHELD, headline, suspects, together
from ringfence.report.ring_wording import capped
from ringfence.visible import visible

FINDINGS_IN_TERMINAL = 20
"""Number of findings in the terminal. All are in the files."""

DISPLAY_NAME: Final = 60
"""Characters shown of an account's display name."""

CLIENT: Final = 120
"""Characters shown of a client name."""

HEADINGS: Final = (
    "of all: share of the catalogue; of use: share of all use; p-value: how often an\n"
    "honest account looks like this; false: honest accounts expected at this p-value\n"
    "or below in a scan of this size."
)
"""The meaning of the headings of the table of findings."""


MAY_BE_STOLEN: Final = (
    "stolen?: the login may be stolen, or at least half of a ring's logins may be."
)
"""The meaning of the mark below a verdict. Beside the verdict, rows would exceed 80 columns."""

NAME_SHOWN: Final = 60
"""Characters shown of the name of an account or ring. Long names take two lines or more."""

NUMBERS: Final = ("items", "of all", "of use", "p-value")

KNOWN_HEADINGS: Final = (
    "of all: share of the catalogue; of use: share of all use; p-value: how often an\n"
    "honest account looks like this; since: new, changed, or the day on which the\n"
    "case was opened; last: day of the last access."
)
"""The same with a case store."""


def render(result: ScanResult, console: Console) -> None:
    """Print the warnings, the findings, the assumptions, what was not counted, and the files."""
    print_warnings(result.warnings, console)
    _findings(result, console)
    _robots(result, console)
    _granted(result, console)
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
    console.print(Text(_headline(result)))
    if not result.findings:
        return
    table = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        padding=(0, 1, 0, 0),
    )  # so that the widest row just fits 80 columns
    known = result.findings[0].case is not None
    table.add_column("account", overflow="fold")
    table.add_column("verdict", no_wrap=True)
    for name in (*NUMBERS, "since", "last") if known else (*NUMBERS, "false"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("advice", no_wrap=True)
    for finding in result.findings[:FINDINGS_IN_TERMINAL]:
        table.add_row(*_row(finding))
    console.print(table)
    console.print(KNOWN_HEADINGS if known else HEADINGS, style="dim")
    if any(finding.may_be_stolen for finding in result.findings[:FINDINGS_IN_TERMINAL]):
        console.print(MAY_BE_STOLEN, style="dim")
    _news(result, console)
    if len(result.findings) > FINDINGS_IN_TERMINAL:
        console.print(
            f"... and {len(result.findings) - FINDINGS_IN_TERMINAL:,} more in findings.jsonl"
        )
    for kind in ("ring", "account"):
        first = next((finding for finding in result.findings if finding.kind == kind), None)
        if first is not None:
            _evidence(first, console)
    console.print()


def _news(result: ScanResult, console: Console) -> None:
    """Print what has changed about known findings."""
    for finding in result.findings[:FINDINGS_IN_TERMINAL]:
        if finding.case is not None and finding.case.status == "changed":
            said = f"case {finding.case.case}, {visible(finding.id, 20)}: {finding.case.why}"
            console.print(Text(said))
    if result.findings[0].case is not None:
        console.print(Text("To review them: ringfence case list"))


def _evidence(finding: Finding, console: Console) -> None:
    name = finding.details.display_name if finding.details else ""
    shown = f"{finding.id} ({visible(name, DISPLAY_NAME)})" if name else finding.id
    console.print(Text(f"\n{visible(shown, console.width - 1)}:", style="bold"))
    for sentence in reasons([(one.test, one.supports, one.sentence) for one in finding.evidence]):
        console.print(Text(f"  {sentence}"))
    if finding.clients:
        label = "Most frequent client" if finding.kind == "ring" else "Client"
        console.print(Text(f"  {label}: {visible(finding.clients[0], CLIENT)}"))


def _headline(result: ScanResult) -> str:
    """Return what the report says first: how many accounts extract, are suspect, are in rings."""
    if result.withheld:
        return f"{WITHHELD} Correct the settings and scan again, or use --force."
    findings = result.findings
    unread = bool(result.quarantine) and not result.not_takes and not result.robots
    first = headline(findings, result.counts.get("accounts", 0), unread=unread)
    more = " ".join(filter(None, (suspects(findings), together(findings))))
    return "\n".join(filter(None, (first, more))).replace("\N{NO-BREAK SPACE}", " ")


def _row(finding: Finding) -> tuple[Text | str, ...]:
    colour = "red" if finding.verdict == "extracting" else "yellow"
    return (
        Text(visible(finding.id, NAME_SHOWN) + _size(finding)),
        Text(finding.verdict + ("\nstolen?" if finding.may_be_stolen else ""), style=colour),
        f"{finding.items:,}",
        f"{finding.coverage.catalogue:.1%}",
        f"{finding.coverage.use:.1%}",
        _p_value(finding),
        *_known(finding),
        finding.action,
    )


def _known(finding: Finding) -> tuple[str, ...]:
    """Return since when a finding is known and when it was last active, or how many are false."""
    if finding.case is None:
        return (f"{finding.expected_false:.1g}",)
    known = finding.case.status == "known"
    since = f"{finding.case.since:%m-%d}" if known else finding.case.status
    return since, f"{finding.last:%m-%d}"


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
    several = len(result.robots) > 1
    listed = "declared robots are" if several else "declared robot is"
    took = "They took" if several else "It took"
    console.print(
        f"{len(result.robots):,} {listed} listed separately and not scored. {took} "
        f"{items:,} items in all{'. The largest' if several else ''}:"
    )
    for robot in result.robots[:3]:
        line = f"  {visible(robot.account, 30)}  {robot.items:,} items  {visible(robot.client, 30)}"
        console.print(Text(line))
    unverified = sum(not robot.verified for robot in result.robots)
    if unverified:
        are = "is" if unverified == 1 else "are"
        console.print(
            f"{counted(unverified, 'declared robot')} {are} not verified (robots.networks)."
        )
    console.print()


def _granted(result: ScanResult, console: Console) -> None:
    """Print what was taken under grants."""
    for use in result.granted:
        budget = "" if use.budget is None else f" of {use.budget:,}"
        state = (
            "not judged"
            if use.within
            else "judged, because it takes other things or more than granted"
        )
        if use.within and use.budget is not None and use.items > use.budget:
            state += (
                f", because heavy users hold as many as the {use.beyond:,} beyond the budget"
                if use.beyond
                else ", because other grants have room for the rest"
            )
        console.print(
            Text(
                f"Grant {use.grant}, {visible(use.account, 30)}: {use.items:,}{budget} items, "
                f"{use.outside:,} outside; {state}."
            )
        )
    if result.granted:
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
