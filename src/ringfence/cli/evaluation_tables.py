"""Print the results of an evaluation on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.lab.evaluate import (
    Evaluation,
    SituationOutcome,
    SituationSummary,
    Summary,
    UsersAlone,
    summarize,
    summarize_situations,
    upper_bound,
)
from ringfence.lab.evaluate.users_alone import KindOfUsers
from ringfence.lab.evaluate.work_factor import LifetimeResult
from ringfence.report.wording import p_value
from ringfence.visible import visible

USERS_NAMED = 5
"""Users named on the terminal, the accused first; evaluation.json names all."""

NAME_WIDTH = 21
"""Width of a detector's name, in columns: that of 'ringfence, with rings'."""


KIND_WIDTH = 30
"""Most columns for the name of a kind of users."""

VERDICT_WIDTH = 11
"""Columns for the verdict on a situation. Where seeds differ, each verdict has a line."""


def render(evaluation: Evaluation, console: Console) -> None:
    """Print the population, the users alone, and one table per attack."""
    population = evaluation.population
    console.print(
        Text(
            f"{visible(population.name, 60)}: {population.accounts:,} accounts, "
            f"{population.events:,} events in {population.days:,} days, "
            f"{population.item_pool.items:,} items\n"
        )
    )
    _users_alone(evaluation.alone, console)
    descriptions = dict(evaluation.attacks)
    for attack, rows in groupby(summarize(evaluation.outcomes), key=lambda one: one.attack):
        _attack(attack, descriptions[attack], list(rows), console)
    if evaluation.outcomes:
        _legend(evaluation, console)
    if evaluation.adaptive:
        _adaptive(evaluation.adaptive, console)
    if evaluation.situations:
        render_situations(evaluation.situations, console)


def _users_alone(alone: UsersAlone, console: Console) -> None:
    users = alone.p_values.size
    in_rings = alone.in_rings or ()
    rings = "" if alone.in_rings is None else f"{len(in_rings):,} in rings, "
    console.print(
        f"Users alone: {len(alone.accused):,} of {users:,} accused, {rings}"
        f"{len(alone.suspected):,} suspects, judged {len(alone.moments):,} "
        f"time{'s' if len(alone.moments) > 1 else ''};\nwith 95 % confidence, "
        f"less than {upper_bound(len(alone.accused), users):.2%} of such users are accused."
    )
    verdicts = [("accused", alone.accused), ("in a ring", in_rings), ("suspect", alone.suspected)]
    named = [(verdict, *one) for verdict, accounts in verdicts for one in accounts]
    for verdict, name, kind in named[:USERS_NAMED]:
        console.print(Text(f"  {verdict}: {visible(name, 40)} ({kind})"))
    if len(named) > USERS_NAMED:
        console.print(f"  and {len(named) - USERS_NAMED:,} more; --json names all")
    if alone.bulk:
        console.print(
            f"{len(alone.bulk):,} accounts with permitted bulk access were found; an operator "
            "would give them grants."
        )
    if len(alone.kinds) > 1:
        _by_kind(alone.kinds, console)
    console.print()


def _by_kind(kinds: Sequence[KindOfUsers], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("kind", max_width=KIND_WIDTH, overflow="fold")
    for name in ("users", "accused", "suspects", "least p-value"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in kinds:
        table.add_row(
            Text(visible(one.kind, 60)),
            f"{one.users:,}",
            Text(f"{one.accused:,}", style="red" if one.accused else ""),
            f"{one.suspected:,}",
            p_value(one.least_p_value),
        )
    console.print(table)


def _attack(attack: str, description: str, rows: Sequence[Summary], console: Console) -> None:
    console.print(Text(attack, style="bold"), Text(description, style="dim"), sep="\n")
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    # A maximum and not a fixed width, so that long numbers can take columns from the names.
    table.add_column("detector", max_width=NAME_WIDTH, overflow="fold")
    for name in ("found", "hours", "each", "first at", "ring got", "of use", "work", "accused"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*_row(row))
    console.print(table)
    first = rows[0].outcomes[0]
    if first.usual:
        console.print(
            f"{first.extractors:,} accounts among {first.users:,} users: more than one in 20 "
            "changes what is usual.",
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


def _adaptive(points: Sequence[LifetimeResult], console: Console) -> None:
    console.print(
        Text("adaptive", style="bold"),
        Text(
            "The most items that one account could take without a finding, by its lifetime.",
            style="dim",
        ),
        sep="\n",
    )
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for name in ("days", "items", "per month", "work", "unseen", "most voracious person", "work"):
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
        "unseen: share of fresh seeds in which no verdict was a finding; items: median over these "
        "seeds.",
        style="dim",
    )


def render_situations(outcomes: Sequence[SituationOutcome], console: Console) -> None:
    """Print one table with a row per situation."""
    console.print(
        Text("situations", style="bold"),
        Text("Crawls and thefts that operators report, each scanned once.", style="dim"),
        sep="\n",
    )
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("situation", no_wrap=True)
    for name in ("accounts", "found", "in one"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdict", max_width=VERDICT_WIDTH)
    for name in ("items", "honest", "accused"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in summarize_situations(outcomes):
        table.add_row(*_situation(row))
    console.print(table)
    console.print(
        "found: share of the attack's accounts in any finding; in one: in the one finding that "
        "has most of them; verdict: that of this finding; items: distinct items that the found "
        "accounts took for the attack; honest: honest accounts in any finding; accused: honest "
        "accounts that are extracting.",
        style="dim",
    )


def _situation(row: SituationSummary) -> tuple[Text | str, ...]:
    return (
        Text(row.situation),
        f"{row.accounts:,}",
        f"{row.found.mean:.1%}",
        f"{row.together.mean:.1%}",
        ", ".join(row.verdicts),
        f"{row.held.mean:,.0f}",
        f"{row.honest_found:,}",
        Text(f"{row.honest_accused:,}", style="red" if row.honest_accused else ""),
    )


def _legend(evaluation: Evaluation, console: Console) -> None:
    seeds = evaluation.seeds
    console.print(
        "found: share of the attack's accounts; hours: to the first finding; each: items of an "
        "account when it is found (median); first at: items of all accounts at the first finding; "
        "ring got: items of all accounts in the end; of use: share of all use that these carry; "
        "work: account-months per million items, divided by the 33 of the published incident. "
        f"{seeds} seed{'s' if seeds > 1 else ''}"
        + (": too few for intervals." if seeds < 3 else "; --json has the intervals."),
        style="dim",
    )
