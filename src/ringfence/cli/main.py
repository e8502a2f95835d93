"""The command's root: sub-commands, ``--version``, and errors as one line."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from ringfence.cli.demo import demo
from ringfence.cli.doctor import doctor
from ringfence.cli.evaluate import evaluate
from ringfence.cli.explain import explain
from ringfence.cli.scan import scan
from ringfence.cli.simulate import simulate
from ringfence.errors import RingfenceError

_INTERRUPTED = 130
"""Status with which Typer ends a command that the keyboard stopped."""

app = typer.Typer(
    name="ringfence",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Find the accounts that extract a catalogue instead of using it, and say how sure "
    "you are.",
    epilog="Start with [bold]ringfence demo[/bold], then "
    "[bold]ringfence scan access.log --out result[/bold].",
)
app.command()(scan)
app.command()(explain)
app.command()(demo)
app.command()(simulate)
app.command()(evaluate)
app.command()(doctor)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"ringfence {version('ringfence')}")
        raise typer.Exit


@app.callback()
def _root(
    _show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """Root of all commands."""


def main() -> NoReturn:
    """Run the command line; wrong usage and unusable input end with status 2 and one line."""
    try:
        app()
    except RingfenceError as error:
        typer.echo(f"ringfence: {error}", err=True)
    except SystemExit as end:
        if end.code == _INTERRUPTED:
            typer.echo("ringfence: stopped by the keyboard", err=True)
        raise
    sys.exit(2)
