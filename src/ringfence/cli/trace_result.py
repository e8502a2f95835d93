"""Print the answer to a complaint on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.model.phrases import counted
from ringfence.pipeline.tracing.criteria import span_text
from ringfence.pipeline.tracing.disclosure import DISCLOSURE_NOTE, DISCLOSURES
from ringfence.pipeline.tracing.result import TracedAccount
from ringfence.pipeline.tracing.trace_result import TraceResult
from ringfence.pipeline.tracing.wording import period_text
from ringfence.report.wording import moment
from ringfence.visible import visible

CANDIDATES_IN_TERMINAL: Final = 20
"""Candidates in the terminal. The JSON document has up to 1,000."""

_DETAILED: Final = 3
"""Candidates with their clients and with how sure it is."""


def render_trace(result: TraceResult, console: Console) -> None:
    """Print the answer, the accounts, how many fit in which respect, and what may be disclosed."""
    console.print(Text(visible(result.headline), style="bold"))
    if result.outcome not in {"none", "unanswered"}:
        searched = " and ".join(period_text(one) for one in result.searched)
        console.print(Text(f"Searched: {searched}."))
    if result.items and result.items != (result.criteria.item,):
        console.print(Text(visible(f"Item: {', '.join(result.items)}", 400)))
    console.print()
    if result.candidates:
        _candidates(result, console)
    _fits(result, console)
    _windows(result, console)
    for note in result.notes:
        console.print(Text(visible(note)))
    console.print()
    _disclosure(console)


def _candidates(result: TraceResult, console: Console) -> None:
    table = _table("account", "accesses", "first", "last", "address", right={"accesses"})
    for one in result.candidates[:CANDIDATES_IN_TERMINAL]:
        table.add_row(
            Text(visible(one.account, 20)),
            f"{one.accesses:,}",
            moment(one.first) if one.first else "",
            moment(one.last) if one.last else "",
            Text(_address(one)),
        )
    console.print(table)
    more = result.accounts - CANDIDATES_IN_TERMINAL
    if more > 0:
        console.print(f"... and {more:,} more; --json has up to 1,000")
    console.print()
    for one in result.candidates[:_DETAILED]:
        _detail(one, console)


def _address(candidate: TracedAccount) -> str:
    """Return the address used most and the number of others, or that the ledger answers."""
    if candidate.origin == "ledger":
        return "(from ledger)"
    first = visible(candidate.addresses[0], 15) if candidate.addresses else "none"
    more = candidate.of_addresses - 1
    return f"{visible(first, 11)} +{more:,}" if more > 0 else first


def _detail(candidate: TracedAccount, console: Console) -> None:
    console.print(Text(visible(candidate.account, console.width - 1), style="bold"))
    lines = [f"{candidate.sure[:1].upper()}{candidate.sure[1:]}."]
    if candidate.of_addresses > 1:
        lines.append(f"Addresses: {_some(candidate.addresses, candidate.of_addresses)}")
    if candidate.clients:
        lines.append(f"Clients: {_some(candidate.clients, candidate.of_clients)}")
    if candidate.holding and candidate.origin == "logs":
        held = candidate.holding
        lines.append(
            f"Ledger: {counted(held.uses, 'use')} of the item from {moment(held.first)} to "
            f"{moment(held.last)} UTC."
        )
    for line in lines:
        console.print(Text(f"  {visible(line, 600)}"))


def _some(values: tuple[str, ...], number: int) -> str:
    """Return the values, each cut, and the number of those that are not listed."""
    more = number - len(values)
    listed = "; ".join(visible(one, 100) for one in values)
    return f"{listed}; and {more:,} more" if more > 0 else listed


def _fits(result: TraceResult, console: Console) -> None:
    if len(result.fits) < 2:
        return
    table = _table("in the logs, same", "accounts", "accesses", right={"accounts", "accesses"})
    for one in result.fits:
        table.add_row(" + ".join(one.criteria), f"{one.accounts:,}", f"{one.accesses:,}")
    console.print()
    console.print(table)


def _windows(result: TraceResult, console: Console) -> None:
    """Print how the number of accounts grows with the uncertainty of the time."""
    if not result.windows:
        console.print()
        return
    table = _table("if the time is off by", "accounts", "accesses", right={"accounts", "accesses"})
    for one in result.windows:
        width = f"± {span_text(one.seconds)}" if one.seconds else "nothing"
        table.add_row(
            width, f"{one.accounts:,}", "" if one.accesses is None else f"{one.accesses:,}"
        )
    console.print()
    console.print(table)
    console.print()


def _disclosure(console: Console) -> None:
    console.print("Disclosure by default, to each kind of reader:")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("to", "may be told", "not told"):
        table.add_column(name)
    for one in DISCLOSURES:
        table.add_row(one.reader, one.told, one.withheld)
    console.print(table)
    console.print(Text(DISCLOSURE_NOTE, style="dim"))


def _table(*names: str, right: Iterable[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for name in names:
        table.add_column(name, no_wrap=True, justify="right" if name in right else "left")
    return table
