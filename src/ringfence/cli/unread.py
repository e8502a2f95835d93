"""The option ``--strict``, and the end of a command that could not read every source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from ringfence.cli.status import UNREAD
from ringfence.model.unread_source import UnreadSource

Strict = Annotated[
    bool,
    typer.Option("--strict", help="Stop at the first source that cannot be read."),
]
"""The option that makes a source that cannot be read end the command."""

_LINES: Final = 20


def end_if_unread(sources: Sequence[UnreadSource]) -> None:
    """Print one error line per source that could not be read, and end with status 2 if any.

    Raises:
        typer.Exit: there is such a source.
    """
    for one in sources[:_LINES]:
        typer.echo(f"ringfence: {one.line}", err=True)
    if len(sources) > _LINES:
        typer.echo(f"ringfence: {len(sources) - _LINES:,} more were not read", err=True)
    if sources:
        raise typer.Exit(UNREAD)
