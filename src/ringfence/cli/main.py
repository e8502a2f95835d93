"""The command's root: sub-commands, ``--version``, and errors as one line."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated, Final, NoReturn

import typer

from ringfence.cli.commands import SUMMARIES, CommandGroup, plain_app
from ringfence.errors import RingfenceError

_INTERRUPTED: Final = 130
"""Status with which Typer ends a command that the keyboard stopped."""

app = plain_app(
    name="ringfence",
    cls=CommandGroup,
    no_args_is_help=True,
    help="Find the accounts that extract a catalogue instead of using it, and state how "
    "certain each finding is.",
    epilog="Start with: ringfence demo. Then: ringfence scan access.log --out result.",
)


def _listed() -> None:
    """Stand for a sub-command in the help; the group loads the real one when it is called."""


for _name, _summary in SUMMARIES.items():
    app.command(_name, help=_summary)(_listed)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"ringfence {version('ringfence')}")
        raise typer.Exit


@app.callback()
def _root(
    _show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Root of all commands."""


def main() -> NoReturn:
    """Run the command line; wrong usage and unusable input end with status 2 and one line."""
    try:
        app(prog_name="ringfence")
    except RingfenceError as error:
        typer.echo(f"ringfence: {error}", err=True)
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            typer.echo("ringfence: stopped by the keyboard", err=True)
        raise
    sys.exit(2)
