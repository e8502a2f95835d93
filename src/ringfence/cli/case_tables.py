"""Print cases on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Row

from ringfence.cases.member_data import is_group
from ringfence.cases.moments import to_time
from ringfence.report.evidence_wording import reasons
from ringfence.visible import visible

LIST_HEADINGS: Final = (
    "since: day on which the case was opened; changed: day of the last change;\n"
    "last: day of the last access; advice: action that the finding advises."
)
"""The meaning of the headings of the list."""

DUE_HEADING: Final = "due: day by which an appeal must be answered; late: this day is over."
"""The meaning of the second line of a state."""

SHADOW_MARK: Final = "*"
"""Stands after the state of a case whose decision in force is in shadow mode."""

_NAME: Final = 60
"""Characters shown of the name of an account or ring. Long names take two lines or more."""

MEMBERS_SHOWN: Final = 20
"""Accounts of a ring that the page of a case names."""

_TEXT: Final = 400
"""Characters shown of a text that a person wrote."""


def render_list(rows: Sequence[Row[Any]], console: Console) -> None:
    """Print one line per case."""
    if not rows:
        console.print("No case waits. ringfence case list --all shows all.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("case", justify="right", no_wrap=True)
    table.add_column("about", overflow="fold")
    for name in ("verdict", "state"):
        table.add_column(name, no_wrap=True)
    for name in ("items", "since", "changed", "last"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("advice", no_wrap=True)
    for row in rows:
        size = f" ({row.accounts})" if row.kind == "ring" or row.accounts > 1 else ""
        table.add_row(
            str(row.id), Text(visible(row.subject, _NAME) + size), row.verdict,
            _state(row),
            f"{row.items:,}", *(_short(moment) for moment in (row.opened, row.changed, row.last)),
            row.action,
        )  # fmt: skip
    console.print(table)
    console.print(LIST_HEADINGS, style="dim")
    if any(row.due is not None for row in rows):
        console.print(DUE_HEADING, style="dim")
    if any(row.shadow for row in rows):
        console.print(f"{SHADOW_MARK}: in shadow mode, without effect.", style="dim", markup=False)


def _state(row: Row[Any]) -> str:
    """Return the state of a case. If an appeal is open, a second line says when it is due."""
    state = f"{row.state}{SHADOW_MARK if row.shadow else ''}"
    if row.due is None:
        return state
    late = to_time(row.due) < datetime.now(UTC)
    return f"{state}\n{'late' if late else 'due'} {_short(row.due)}"


def render_case(case: dict[str, Any], console: Console) -> None:
    """Print everything about a case.

    Args:
        case: what :func:`ringfence.cases.listing.describe_case` returns.
        console: where to print.
    """
    finding = case["finding"]
    about = f"case {case['id']}: {case['kind']} {visible(case['subject'], 50)}"
    console.print(Text(about, style="bold"))
    console.print(
        f"{case['state']}, version {case['version']}; known since {_day(case['opened'])}, "
        f"changed {_day(case['changed'])}, last active {_day(case['last'])}"
    )
    console.print(
        f"{case['verdict']}: {case['items']:,} items, p-value {_p(case['p_value'])}, "
        f"advice: {case['action']}"
    )
    if is_group(finding):
        named = ", ".join(visible(one, 30) for one in finding["accounts"][:MEMBERS_SHOWN])
        more = case["accounts"] - MEMBERS_SHOWN
        console.print(Text(f"accounts: {named}{f' and {more:,} more' if more > 0 else ''}"))
    console.print()
    told = [(e["test"], e.get("supports", ""), e["sentence"]) for e in finding["evidence"]]
    for sentence in reasons(told):
        console.print(Text(f"  {sentence}"))
    if case["report"]:
        console.print(Text(f"  Report: {visible(case['report'], 200)}"), soft_wrap=True)
    if case["proposal"]:
        _proposal(case["proposal"], console)
    for decision in case["decisions"]:
        _decision(decision, console, group=is_group(finding))
    _deliveries(case, console)
    others = case["other_decisions"]
    if others:
        console.print()
    for one in others[:MEMBERS_SHOWN]:
        held = f"decision {one['decision']} of case {one['case']} applies: {one['effect']}"
        console.print(Text(f"{visible(one['account'], 30)}: {held}"))
    if len(others) > MEMBERS_SHOWN:
        console.print(f"and {len(others) - MEMBERS_SHOWN:,} more decisions about other cases")


def _deliveries(case: dict[str, Any], console: Console) -> None:
    """Print what the connected systems were not told."""
    for one in case.get("undelivered", ()):
        said = f"{one['account']}: {one['effect']} is {one['state']} at {one['sink']}"
        _line(console, f"{said}: {one['error']}" if one["error"] else said)
    for one in case.get("harder_holds", ()):
        _line(console, f"{one['account']}: {one['sentence']}")
        _line(console, f"send it again: ringfence outbox resend {one['id']} {one['sink']}")


def _proposal(proposal: dict[str, Any], console: Console) -> None:
    console.print(Text(f"\nthe policy proposes: {proposal['action']}", style="bold"))
    days = f"{proposal['days']:g} days" if proposal.get("days") else "no end"
    _line(console, f"for: {days}")
    _line(console, f"reason: {proposal['reason']}")
    _line(console, f"a person decides: {proposal['why']}")


def _decision(decision: dict[str, Any], console: Console, *, group: bool) -> None:
    shadow = " in shadow mode: it has no effect" if decision["shadow"] else ""
    console.print(Text(f"\ndecision {decision['id']}: {decision['action']}{shadow}", style="bold"))
    until = f", until {_minute(decision['until'])}" if decision["until"] else ", without an end"
    if decision["action"] == "observe" and not decision["until"]:
        until = ""
    _line(console, f"by {decision['author']} on {_minute(decision['made'])}{until}")
    _line(console, f"reason: {decision['reason']}")
    if decision["ground"]:
        _line(console, f"ground: {decision['ground']}")
    if decision["ended"]:
        by, why = decision["ended_by"], decision["end_reason"]
        _line(console, f"ended on {_minute(decision['ended'])} by {by}: {why}")
    for appeal in decision["appeals"]:
        by = f" by {visible(appeal['account'], 30)}" if group and appeal["account"] else ""
        _line(console, f"appeal{by} of {_minute(appeal['received'])}: {appeal['statement']}")
        if appeal["answered"]:
            said = f"{appeal['outcome']} on {_minute(appeal['answered'])}"
            _line(console, f"{said} by {appeal['answered_by']}: {appeal['answer']}")
        else:
            _line(console, f"must be answered by {_minute(appeal['due'])}")
    for one in decision["releases"]:
        released = f"{visible(one['account'], 30)} released on {_minute(one['released'])}"
        _line(console, f"{released} by {one['released_by']}: {one['reason']}")


def _line(console: Console, text: str) -> None:
    console.print(Text(f"  {visible(text, _TEXT)}"))


def _short(moment: int) -> str:
    """Return a day as month and day, with the year if it is another one than this year's."""
    time = to_time(moment)
    return time.strftime("%m-%d" if time.year == datetime.now(UTC).year else "%y-%m-%d")


def _day(text: str) -> str:
    return text[:10]


def _minute(text: str) -> str:
    return f"{text[:10]} {text[11:16]} UTC"


def _p(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0e}"
