"""Print the assessment of a published copy on a terminal of 80 columns."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.leaks.assessment import Breakdown, CoverageRow, DumpAssessment, LeakAssessment
from ringfence.leaks.wording import (
    headline_of,
    linkage_sentence,
    order_sentence,
    relation_sentence,
    spoken_sentence,
    unreadable_sentence,
)
from ringfence.report.wording import share
from ringfence.visible import visible

_ROWS: Final = 12
_MISSING: Final = 5

TITLES_OF_BREAKDOWNS: Final[dict[Breakdown, str]] = {
    "band": "items by use",
    "year": "year",
    "rights": "rights holder",
    "genre": "genre",
}
"""Headings of the coverage tables."""


def render_leak(leak: LeakAssessment, console: Console) -> None:
    """Print the headline, each dump, the coverage, what is missing, and the sentence."""
    console.print(Text(visible(headline_of(leak)), style="bold"))
    console.print()
    _dumps(leak, console)
    for one in leak.dumps:
        _details(one, console)
    for breakdown, rows in leak.coverage.items():
        _coverage(breakdown, rows, console)
    _missing(leak, console)
    _accounts(leak, console)
    for note in leak.notes:
        console.print(Text(visible(note)))
    console.print("Sentence for a spokesperson:", style="bold")
    console.print(Text(visible(spoken_sentence(leak))))
    for name in leak.files_written.values():
        console.print(Text(f"Written: {visible(name)}"))


def _dumps(leak: LeakAssessment, console: Console) -> None:
    table = _table("dump", "content", "records", "items", "share", "of use", right=2)
    for one in leak.dumps:
        use = "" if one.extent.use is None else share(one.extent.use)
        table.add_row(
            Text(visible(one.name, 26)),
            one.content,
            f"{one.records:,}",
            f"{one.extent.items:,}",
            share(one.extent.share),
            use,
        )
    console.print(table)
    console.print()


def _details(dump: DumpAssessment, console: Console) -> None:
    console.print(Text(f"{visible(dump.name, 60)} ({dump.form})", style="bold"))
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for one in dump.columns:
        examples = ", ".join(visible(text, 30) for text in one.examples[:2])
        table.add_row(f"  {one.role}", Text(visible(one.column, 18)), Text(visible(examples, 46)))
    console.print(table)
    lines = [relation_sentence(dump), order_sentence(dump), linkage_sentence(dump), *dump.notes]
    if dump.id_form not in {"", "whole value"}:
        lines.append(f"Its ids are the {dump.id_form}.")
    counts = {
        "records repeat an earlier id": dump.duplicates,
        "ids are not in the catalogue": dump.unknown_ids if dump.relation.matched else 0,
    }
    lines += [f"{number:,} {what}." for what, number in counts.items() if number]
    lines.append(unreadable_sentence(dump))
    if dump.newest:
        lines.append(f"Newest item: {dump.newest.isoformat()}.")
    for line in filter(None, lines):
        console.print(Text(f"  {visible(line)}"))
    console.print()


def _coverage(breakdown: Breakdown, rows: tuple[CoverageRow, ...], console: Console) -> None:
    name = TITLES_OF_BREAKDOWNS[breakdown]
    table = _table(name, "items", "of use", "metadata", "files", right=1)
    for one in rows[:_ROWS] if breakdown != "year" else rows[-_ROWS:]:
        table.add_row(
            Text(visible(one.label, 30)),
            f"{one.items:,}",
            "" if one.use is None else share(one.use),
            share(one.metadata),
            share(one.files),
        )
    console.print(table)
    if len(rows) > _ROWS:
        console.print(f"... and {len(rows) - _ROWS:,} more; --out and --json have them")
    console.print()


def _missing(leak: LeakAssessment, console: Console) -> None:
    console.print(f"{leak.missing:,} items of the catalogue are in no dump.")
    for one in leak.most_used_missing[:_MISSING]:
        said = f"  {visible(one.item, 30)}  {visible(one.title, 40)}"
        console.print(Text(said.rstrip()))
    console.print()


def _accounts(leak: LeakAssessment, console: Console) -> None:
    if leak.taken is None or leak.leaked_and_taken is None:
        return
    part = leak.leaked_and_taken.items / max(leak.together.items, 1)
    console.print(
        f"Accounts in the ledger took {leak.taken.items:,} items, and {share(part)} of the items "
        "in the dumps.",
    )
    console.print()


def _table(*names: str, right: int) -> Table:
    """Return a table whose columns from this one on are numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, name in enumerate(names):
        table.add_column(name, no_wrap=True, justify="right" if place >= right else "left")
    return table
