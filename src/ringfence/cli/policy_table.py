"""Print the replay of policies on a terminal of 80 columns, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ringfence.model.phrases import counted
from ringfence.pipeline.policy_replay import Hit, PolicyReplay
from ringfence.visible import visible

ACCOUNTS_SHOWN: Final = 3
"""Number of accounts of a ring in the table. All are in the JSON document."""

FINDINGS_SHOWN: Final = 50
"""Number of findings in the table. All are in the JSON document."""


def replay_to_json(replay: PolicyReplay) -> dict[str, Any]:
    """Return the replay as a JSON document."""
    return {
        "policies": list(replay.policies),
        "days": [f"{day:%Y-%m-%d}" for day in replay.days],
        "hits": [{**asdict(hit), "day": f"{hit.day:%Y-%m-%d}"} for hit in replay.hits],
    }


def render(replay: PolicyReplay, console: Console) -> None:
    """Print a row per account or ring, with a column per policy, and the sums."""
    console.print(_period(replay.days), markup=False)
    if replay.hits:
        console.print(_table(replay))
        console.print("review: it would have waited for a person.", style="dim")
    subjects = len({hit.case for hit in replay.hits})
    if subjects > FINDINGS_SHOWN:
        console.print(f"... and {subjects - FINDINGS_SHOWN:,} more with --json")
    for policy in replay.policies:
        console.print(_sums(policy, [hit for hit in replay.hits if hit.policy == policy]))


def _period(days: Sequence[date]) -> str:
    if len(days) == 1:
        return f"1 day was judged, {days[0]:%Y-%m-%d}."
    return f"{len(days)} days were judged, {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}."


def _table(replay: PolicyReplay) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("finding", no_wrap=True)
    for policy in replay.policies:
        table.add_column(policy, no_wrap=True)
    subjects: dict[str, list[Hit]] = {}
    for hit in replay.hits:
        subjects.setdefault(hit.case, []).append(hit)
    for hits in list(subjects.values())[:FINDINGS_SHOWN]:
        columns = (_steps(hit for hit in hits if hit.policy == name) for name in replay.policies)
        table.add_row(Text(_name(hits[-1])), *columns)
    return table


def _name(hit: Hit) -> str:
    """Return the account; of a ring, its name, its size and its first accounts."""
    if hit.kind == "account":
        return visible(hit.case, 20)
    shown = [visible(name, 20) for name in hit.accounts[:ACCOUNTS_SHOWN]]
    rest = len(hit.accounts) - len(shown)
    lines = [f"{visible(hit.case, 20)} ({len(hit.accounts):,})", *(f"  {name}" for name in shown)]
    return "\n".join([*lines, f"  and {rest:,} more"] if rest else lines)


def _steps(hits: Iterable[Hit]) -> Text:
    """Return one line per action."""
    lines = (f"{hit.day:%m-%d} {hit.action}{'' if hit.automatic else ' (review)'}" for hit in hits)
    return Text("\n".join(lines) or "-")


def _sums(policy: str, hits: list[Hit]) -> str:
    automatic = {hit.case: len(hit.accounts) for hit in hits if hit.automatic}
    waiting = {hit.case for hit in hits if not hit.automatic}
    return (
        f"{policy}: {counted(len(automatic), 'finding')} acted on without a person "
        f"({counted(sum(automatic.values()), 'account')}), "
        f"{counted(len(waiting), 'finding')} left to a person."
    )
