"""Print warnings about the input, before anything else."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from ringfence.model.warning import InputWarning
from ringfence.visible import visible


def print_warnings(warnings: Sequence[InputWarning], console: Console) -> None:
    """Print each warning with the setting that fixes it, and an empty line if there is any."""
    for warning in warnings:
        style = "bold red" if warning.worthless else "bold yellow"
        head = Text(f"Warning, {visible(warning.kind, 40)}: ", style=style)
        console.print(head.append(visible(warning.text, 600), style="not bold default"))
        if warning.setting:
            console.print(Text(f"  fixed by: {warning.setting}", style="dim"))
    if warnings:
        console.print()
