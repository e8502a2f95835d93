"""The command's root: its sub-commands, its options, and wrong usage as one line."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from ringfence.cli.commands import SUMMARIES, CommandGroup, plain_app
from ringfence.errors import SettingsError

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


def run_app() -> int:
    """Run the sub-command that the arguments name, and return its exit status.

    Raises:
        SettingsError: the arguments are wrong. The hint is the usage in one line.
        RingfenceError: the command refuses.
    """
    try:
        # Typer's own handling of errors would end some of them with status 1.
        status = app(prog_name="ringfence", standalone_mode=False)
    except typer.TyperException as error:
        if len(sys.argv) == 1:
            # The bare command gets the whole help, as ``no_args_is_help`` says.
            typer.echo(error.format_message(), err=True)
            return 2
        raise _wrong_usage(error) from error
    return status if isinstance(status, int) else 0


def _wrong_usage(error: typer.TyperException) -> SettingsError:
    """Return wrong usage as one line: the problem, the usage, and the command that shows help."""
    context = getattr(error, "ctx", None)
    what = " ".join(error.format_message().split()).rstrip(".")
    usage = " ".join(context.get_usage().split()) if context else ""
    command = context.command_path if context else "ringfence"
    return SettingsError(what, hint="; ".join(filter(None, (usage, f"see {command} --help"))))
