"""The outcome of an evaluation on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.lab.evaluate import Evaluation, Null, Summary, most, summaries
from ringfence.lab.evaluate.work_factor import CurvePoint
from ringfence.visible import visible

NAMED = 5
"""Users named in the terminal, the accused first; all are in evaluation.json."""

NAME_WIDTH = 21
"""Columns at most for a detector's name: those of Ringfence with rings."""


def render(evaluation: Evaluation, console: Console) -> None:
    """Print the population, the users alone, and a table an attack."""
    population = evaluation.population
    console.print(
        Text(
            f"{visible(population.name, 60)}: {population.accounts:,} accounts, "
            f"{population.events:,} events in {population.days:,} days, "
            f"{population.shelf.items:,} items\n"
        )
    )
    _users_alone(evaluation.null, console)
    said = dict(evaluation.attacks)
    for attack, rows in groupby(summaries(evaluation.outcomes), key=lambda one: one.attack):
        _attack(attack, said[attack], list(rows), console)
    if evaluation.outcomes:
        _legend(evaluation, console)
    if evaluation.adaptive:
        _adaptive(evaluation.adaptive, console)


def _users_alone(null: Null, console: Console) -> None:
    users = null.p_values.size
    in_rings = null.in_rings or ()
    rings = "" if null.in_rings is None else f"{len(in_rings):,} in rings, "
    console.print(
        f"Users alone: {len(null.accused):,} of {users:,} accused, {rings}"
        f"{len(null.suspected):,} suspects, scored {len(null.moments):,} "
        f"time{'s' if len(null.moments) > 1 else ''};\nwith 95 % confidence fewer than "
        f"{most(len(null.accused), users):.2%} of such users are accused."
    )
    said = [("accused", null.accused), ("in a ring", in_rings), ("suspect", null.suspected)]
    named = [(verdict, *one) for verdict, those in said for one in those]
    for verdict, name, kind in named[:NAMED]:
        console.print(Text(f"  {verdict}: {visible(name, 40)} ({kind})"))
    if len(named) > NAMED:
        console.print(f"  and {len(named) - NAMED:,} more, all with --json")
    if null.bulk:
        console.print(
            f"Of those who take in bulk with leave, {len(null.bulk):,} were found; "
            "an operator gives them grants."
        )
    console.print()


def _attack(attack: str, said: str, rows: Sequence[Summary], console: Console) -> None:
    console.print(Text(attack, style="bold"), Text(said, style="dim"), sep="\n")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    # Not a fixed width: where numbers are long, names give way to them.
    table.add_column("detector", max_width=NAME_WIDTH, overflow="fold")
    for name in ("found", "hours", "each", "first at", "ring got", "of use", "work", "accused"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*_row(row))
    console.print(table)
    first = rows[0].outcomes[0]
    if first.usual:
        console.print(
            f"{first.extractors:,} accounts among {first.users:,} users are so many that they "
            "become part of what is usual.",
            style="dim",
        )
    console.print()


def _row(row: Summary) -> tuple[Text | str, ...]:
    return (
        Text(row.detector),
        f"{row.found.mean:.0%}",
        "never" if row.first_hours is None else f"{row.first_hours.mean:,.0f}",
        "-" if row.items_median is None else f"{row.items_median.mean:,.0f}",
        "-" if row.ring_first is None else f"{row.ring_first.mean:,.0f}",
        f"{row.ring_items.mean:,.0f}",
        f"{row.use_share.mean:.1%}",
        f"{row.work_factor.mean:,.1f}",
        Text(f"{row.accused:,}", style="red" if row.accused else ""),
    )


def _adaptive(points: Sequence[CurvePoint], console: Console) -> None:
    console.print(
        Text("adaptive", style="bold"),
        Text("The best that one account was found to get away with, by its life.", style="dim"),
        sep="\n",
    )
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for name in ("days", "items", "a month", "work", "unseen", "most voracious person", "work"):
        table.add_column(name, justify="right", no_wrap=True)
    for point in points:
        limit = point.voracious
        table.add_row(
            f"{point.best.days:,}",
            f"{point.best.items:,.0f}",
            f"{point.best.items_a_month:,.0f}",
            f"{point.best.work_factor:,.1f}",
            f"{point.unseen:.0%}",
            f"{limit.items:,.0f}" if limit else "-",
            f"{limit.work_factor:,.1f}" if limit else "-",
        )
    console.print(table)
    console.print(
        "unseen: share of fresh seeds at which no verdict was a finding; items: the median of "
        "those.",
        style="dim",
    )


def _legend(evaluation: Evaluation, console: Console) -> None:
    seeds = evaluation.seeds
    console.print(
        "found: of the attack's accounts; hours: to the first finding; each: items of an account "
        "when it is found (median); first at: items of all together at the first finding; work: "
        "account-months per million items, over the 33 of the published incident. "
        f"{seeds} seed{'s' if seeds > 1 else ''}"
        + ("; too few for intervals." if seeds < 3 else "; intervals are in the JSON."),
        style="dim",
    )
