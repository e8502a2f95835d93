"""``ringfence token``: the API tokens of the service."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ringfence.cli.case_options import AsJson
from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config, settings_from
from ringfence.cli.consoles import output_console
from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder
from ringfence.service.tokens import (
    SCOPES,
    Token,
    TokenScope,
    add_token,
    new_token,
    read_tokens,
    revoke_token,
)

token_app = plain_app(help="API tokens of the service: add, list, revoke.")

TokenName = Annotated[
    str, typer.Argument(metavar="NAME", show_default=False, help="Name of the token.")
]
"""The argument with the name of a token."""


@token_app.command()
def add(
    name: TokenName,
    scopes: Annotated[
        list[str],
        typer.Option(
            "--scope",
            metavar="SCOPE",
            show_default=False,
            help=f"Permission of the token: {', '.join(SCOPES)}. May be repeated.",
        ),
    ],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it. It is shown once: the service stores a hash of it."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    token, text = new_token(name, _scopes(scopes), now)
    add_token(_folder(config), token)
    typer.echo(json.dumps({**_to_json(token), "token": text}, indent=2) if as_json else text)


@token_app.command("list")
def list_(config: Config = None, as_json: AsJson = False) -> None:
    """List all tokens, without the secrets, which are stored nowhere."""
    tokens = read_tokens(_folder(config))
    if as_json:
        typer.echo(json.dumps([_to_json(token) for token in tokens], indent=2))
        return
    console = output_console()
    if not tokens:
        console.print("There is no token.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    for column in ("name", "scopes", "created", "begins with"):
        table.add_column(column, no_wrap=True)
    for token in tokens:
        table.add_row(token.name, ", ".join(token.scopes), token.created, f"ringfence_{token.id}_")
    console.print(table)


@token_app.command()
def revoke(name: TokenName, config: Config = None, as_json: AsJson = False) -> None:
    """Revoke a token. A running service refuses it at once."""
    token = revoke_token(_folder(config), name)
    typer.echo(json.dumps(_to_json(token), indent=2) if as_json else f"{token.name} is revoked.")


def _scopes(names: list[str]) -> tuple[TokenScope, ...]:
    for name in names:
        if name not in SCOPES:
            raise SettingsError(
                f"{name[:80]!r} is not a scope", where="--scope", hint=f"use {', '.join(SCOPES)}"
            )
    return tuple(scope for scope in SCOPES if scope in names)


def _folder(config: Path | None) -> ServiceFolder:
    return ServiceFolder(Path(settings_from(config).service.folder))


def _to_json(token: Token) -> dict[str, object]:
    return {
        "name": token.name,
        "id": token.id,
        "scopes": list(token.scopes),
        "created": token.created,
    }
