"""Print the result of a check on a terminal of 80 columns: each line, and what was read from it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from ringfence.cli.warnings import print_warnings
from ringfence.events import LineReading
from ringfence.model.sample_event import SampleEvent
from ringfence.pipeline import CheckResult
from ringfence.visible import visible


def render_check(result: CheckResult) -> None:
    """Print the lines beside their reading, the numbers, the warnings and the suggestions."""
    console = Console(highlight=False)
    for line in result.lines:
        _line(line, console)
    for name, number in result.counts.items():
        console.print(Text(f"{name:>12} {number:,}"))
    print_warnings(result.warnings, console)
    for suggestion in result.suggestions:
        for row in suggestion.split("\n"):
            console.print(Text(visible(row)), soft_wrap=True)


def _line(one: LineReading, console: Console) -> None:
    console.print(Text(visible(one.text, console.width - 1), style="dim"))
    said = _reading(one.event) if one.event else one.outcome
    console.print(Text(visible(f"  {said}", console.width - 1)))


def _reading(event: SampleEvent) -> str:
    return f"{event.time}  {event.account}  {event.item}"
