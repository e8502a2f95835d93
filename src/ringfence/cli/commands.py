"""The sub-commands: their names, their summaries, and how each is loaded when it is called.

A sub-command's module imports heavy libraries. So ``ringfence --help`` reads only this table, and
the module of a sub-command is imported when that sub-command is called.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

SUMMARIES: Final = {
    "check": "Show what a scan would read from logs, and write nothing.",
    "scan": "Find the accounts in access logs that extract the catalogue.",
    "explain": "Explain what a scan found about one account or ring.",
    "case": "Review findings: list, show, decide, dismiss, appeal, release.",
    "grant": "Permit bulk access: add, list, end.",
    "outbox": "Deliver decisions to connected systems: list, deliver, resend.",
    "audit": "Verify the audit log, or print its newest hash.",
    "serve": "Run the live service: take events, judge, answer gateways.",
    "backup": "Copy the folder of the live service while it runs.",
    "restore": "Make the folder of the live service from a backup.",
    "policy": "Show, test and import the policy: which finding leads to what.",
    "ledger": "Forget an account, or everything before a date.",
    "trace": "Find the accounts that a publisher's complaint is about.",
    "leak": "Assess a published copy of the catalogue.",
    "canary": "Items that no user can reach: make a list, check for exposure.",
    "pseudonym": "Print the pseudonyms of accounts.",
    "reviewer": "People who log in to the pages: add, list, remove.",
    "token": "API tokens of the service: add, list, revoke.",
    "demo": "Make an access log with hidden extractors, and scan it.",
    "simulate": "Write the events of an invented service, with known attacks.",
    "evaluate": "Measure how much known attacks take before they are found.",
    "doctor": "Show which parts are installed and how to add the others.",
}
"""One line per sub-command, at most 66 characters long.

The module ``ringfence.cli.NAME`` has the function ``NAME``, or, for a command with sub-commands,
the application ``NAME_app``.
"""


class CommandGroup(TyperGroup):
    """List the sub-commands from :data:`SUMMARIES`, and load the one that is called."""

    def resolve_command(
        self,
        ctx: Any,  # noqa: ANN401 - Typer keeps its context class private
        args: list[str],
    ) -> tuple[str | None, Any, list[str]]:
        """Return the name of the sub-command, the loaded sub-command, and its arguments."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, load_command(name) if name else listed, rest


def load_command(name: str) -> Any:  # noqa: ANN401 - Typer keeps its command class private
    """Import the module of a sub-command and return the command."""
    module = import_module(f"ringfence.cli.{name}")
    app = getattr(module, f"{name}_app", None)
    if app is None:
        app = plain_app()
        app.command(name)(getattr(module, name))
    return typer.main.get_command(app)


def plain_app(**options: Any) -> typer.Typer:  # noqa: ANN401 - options of Typer
    """Return an application with plain help, which leaves most of 80 columns to the text."""
    return typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, **options
    )
