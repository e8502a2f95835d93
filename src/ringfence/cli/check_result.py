"""Print the result of a check on a terminal of 80 columns: each line, and what was read from it."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ringfence.cli.consoles import output_console
from ringfence.cli.warnings import print_warnings
from ringfence.events import LineReading
from ringfence.model.sample_event import SampleEvent
from ringfence.pipeline import CheckResult
from ringfence.visible import visible

_MIB = 1 << 20


def render_check(result: CheckResult) -> None:
    """Print the warnings, each line with what was read from it, the counts and the suggestions."""
    console = output_console()
    print_warnings(result.warnings, console)
    _lines(result, console)
    _numbers(result, console)
    for title, counts in (("Not counted", result.not_takes), ("Unreadable", result.quarantine)):
        if counts:
            named = ", ".join(f"{n:,} {why}" for why, n in sorted(counts.items(), key=_number))
            console.print(Text(f"{title}: {visible(named)}."))
    for name, value, setting in result.assumptions:
        console.print(Text(visible(f"{name}: {value}", 600)).append(f"  {setting}", style="dim"))
    for suggestion in result.suggestions:
        console.print()
        console.print(Text("\n".join(map(visible, suggestion.splitlines()))), soft_wrap=True)


def _number(counted: tuple[str, int]) -> int:
    return -counted[1]


def _lines(result: CheckResult, console: Console) -> None:
    """Print the first lines with their reading; without lines, the first takes."""
    for one in result.lines:
        console.print(Text(visible(one.text, console.width - 1), style="dim"))
        _reading(one, console)
    if not result.lines:
        for event in result.events[:5]:
            _event(event, console)
    console.print()


def _reading(one: LineReading, console: Console) -> None:
    if one.event:
        _event(one.event, console)
    else:
        console.print(Text(f"  not a take: {visible(one.outcome)}", style="yellow"))


def _event(event: SampleEvent, console: Console) -> None:
    """Print an event: account and item first, then whatever else the source has."""
    values = {
        "account": event.account,
        "item": event.item,
        "group": event.group,
        "surface": event.surface,
        "ip": event.ip,
        "client": event.client,
        "bytes": event.bytes,
        "seconds": event.seconds,
    }
    said = Text(event.time)
    for name, value in values.items():
        if value is not None:
            said.append(f"  {name} ", style="dim").append(visible(str(value), 60), style="bold")
    console.print(Padding(said, (0, 0, 0, 2)))


def _numbers(result: CheckResult, console: Console) -> None:
    """Print the counts, and the size of the sample that they come from."""
    counts = ", ".join(f"{number:,} {name}" for name, number in result.counts.items())
    console.print(Text(f"Read as {visible(result.format)}: {counts}."))
    part = result.sampled
    if not part["whole"]:
        console.print(
            f"This is a sample: {part['files']:,} of {part['of_files']:,} files, "
            f"{part['bytes'] / _MIB:,.1f} MiB from files with {part['of_bytes'] / _MIB:,.1f} MiB."
        )
