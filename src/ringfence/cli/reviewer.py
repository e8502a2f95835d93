"""``ringfence reviewer``: the people who log in to the pages of the service."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ringfence.cli.case_options import AsJson
from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config, settings_from
from ringfence.cli.consoles import output_console
from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder
from ringfence.service.reviewers import (
    REVIEWER_ROLES,
    Reviewer,
    ReviewerRole,
    add_reviewer,
    disable_reviewer,
    enable_reviewer,
    hash_password,
    read_reviewers,
    remove_reviewer,
)
from ringfence.visible import visible

reviewer_app = plain_app(help="People who log in to the pages: add, list, disable, remove.")

PersonName = Annotated[
    str, typer.Argument(metavar="NAME", show_default=False, help="Name of the person.")
]
"""The argument with the name of a reviewer."""


@reviewer_app.command()
def add(
    name: PersonName,
    role: Annotated[
        str,
        typer.Option(metavar="ROLE", help=f"Role of the person: {', '.join(REVIEWER_ROLES)}."),
    ] = "reviewer",
    from_input: Annotated[
        bool,
        typer.Option(
            "--password-stdin", help="Read the password from the standard input, and do not ask."
        ),
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Add a person. The password is asked for twice, and only its hash is stored.

    A viewer sees everything but the settings. A reviewer also changes cases, grants and the outbox.
    An admin also sees the settings.
    """
    moment = _now()
    chosen = _role(role)
    folder = _folder(config)
    # Refused before the password is asked for.
    Reviewer(name, chosen, "", moment)
    reviewer = Reviewer(name, chosen, hash_password(_password(from_input=from_input)), moment)
    add_reviewer(folder, reviewer)
    _tell(reviewer, "can log in", as_json=as_json)


@reviewer_app.command("list")
def list_(config: Config = None, as_json: AsJson = False) -> None:
    """List all people who can log in."""
    reviewers = read_reviewers(_folder(config))
    if as_json:
        typer.echo(json.dumps([_to_json(one) for one in reviewers], indent=2))
        return
    console = output_console()
    if not reviewers:
        console.print("Nobody can log in.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for column in ("name", "role", "added", "logs in with"):
        table.add_column(column, no_wrap=True)
    for one in reviewers:
        table.add_row(Text(visible(one.name, 100)), one.role, one.created, _way(one))
    console.print(table)


@reviewer_app.command()
def disable(name: PersonName, config: Config = None, as_json: AsJson = False) -> None:
    """Keep a person out. A running service ends his or her sessions at once.

    Use it for people who log in with OpenID Connect: a person who is only removed is added again by
    the next login.
    """
    _tell(disable_reviewer(_folder(config), name), "can no longer log in", as_json=as_json)


@reviewer_app.command()
def enable(name: PersonName, config: Config = None, as_json: AsJson = False) -> None:
    """Let a disabled person log in again."""
    _tell(enable_reviewer(_folder(config), name, _now()), "can log in", as_json=as_json)


@reviewer_app.command()
def remove(name: PersonName, config: Config = None, as_json: AsJson = False) -> None:
    """Remove a person. A running service ends his or her sessions at once."""
    _tell(remove_reviewer(_folder(config), name), "can no longer log in", as_json=as_json)


def _tell(reviewer: Reviewer, what: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_to_json(reviewer), indent=2))
    else:
        output_console().print(f"{visible(reviewer.name, 100)} {what}.", markup=False)


def _way(reviewer: Reviewer) -> str:
    if reviewer.disabled:
        return "nothing: disabled"
    return "OpenID Connect" if reviewer.subject else "a password"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _role(name: str) -> ReviewerRole:
    for role in REVIEWER_ROLES:
        if name == role:
            return role
    raise SettingsError(
        f"{name[:80]!r} is not a role", where="--role", hint=f"use {', '.join(REVIEWER_ROLES)}"
    )


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline(2048).rstrip("\r\n")
    if not os.isatty(0):
        raise SettingsError(
            "the password is asked for on a terminal, and this is none",
            hint="give it with --password-stdin",
        )
    answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _folder(config: Path | None) -> ServiceFolder:
    return ServiceFolder(Path(settings_from(config).service.folder))


def _to_json(reviewer: Reviewer) -> dict[str, object]:
    names = ("name", "role", "created", "issuer", "subject", "disabled")
    return {name: getattr(reviewer, name) for name in names}
