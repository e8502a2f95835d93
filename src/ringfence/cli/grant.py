"""``ringfence grant``: permit bulk access, and end permissions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import Row

from ringfence import cases as store_of
from ringfence.cases.erasure import cases_about
from ringfence.cases.listing import row_to_json
from ringfence.cases.moments import MICROSECONDS_PER_DAY, midnight, to_moment, to_text
from ringfence.cli.case_options import AsJson, By, Cases, Reason, act_of, day_of, open_desk
from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config
from ringfence.cli.consoles import output_console
from ringfence.visible import visible

grant_app = plain_app(help="Permit bulk access: add, list, end.")


@grant_app.command()
def add(  # noqa: PLR0913, PLR0917 - one parameter per option
    account: Annotated[
        str,
        typer.Argument(
            metavar="ACCOUNT", show_default=False, help="The account, as the logs name it."
        ),
    ],
    until: Annotated[
        str,
        typer.Option(
            metavar="DATE", show_default=False, help="Last day, such as 2027-06-30 (UTC)."
        ),
    ],
    reason: Reason = "",
    contact: Annotated[
        str,
        typer.Option(
            metavar="TEXT", show_default=False, help="Person to ask about the grant. Required."
        ),
    ] = "",
    start: Annotated[
        str, typer.Option("--from", metavar="DATE", help="First day (UTC). Default: today.")
    ] = "",
    budget: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Most distinct items. Default: any number."),
    ] = None,
    items: Annotated[
        list[str] | None,
        typer.Option("--items", metavar="PATTERN", help="Only these items; * stands for any text."),
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option("--groups", metavar="PATTERN", help="Only items of these groups."),
    ] = None,
    surfaces: Annotated[
        list[str] | None,
        typer.Option("--surfaces", metavar="NAME", help="Only these surfaces, such as download."),
    ] = None,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Permit bulk access to an account. Scans count its use and do not accuse it.

    An open case about the account becomes allowed.
    """
    act = act_of(author)
    desk = open_desk(cases, config, create=True)
    permission = store_of.Permission(
        desk.account(account), reason, contact,
        start=day_of(start, "--from") if start else midnight(act.moment),
        until=day_of(until, "--until") + MICROSECONDS_PER_DAY,
        budget=budget, items=tuple(items or ()), groups=tuple(groups or ()),
        surfaces=tuple(surfaces or ()),
    )  # fmt: skip
    with desk.store, desk.writing() as connection:
        pseudonyms = bool(desk.settings.privacy.pseudonym_key)
        store_of.check_store_names(connection, pseudonyms=pseudonyms)
        known = any(cases_about(connection, permission.account))
        number = store_of.add_grant(connection, permission, act)
        rows = [row for row in store_of.list_grants(connection) if row.id == number]
    _print(rows, as_json=as_json)
    if not known and not as_json:
        output_console().print(
            f"No case is about {visible(account, 40)} yet. The name must be as the logs write it.",
            markup=False,
            soft_wrap=True,
        )


@grant_app.command("list")
def list_(cases: Cases = "", config: Config = None, as_json: AsJson = False) -> None:
    """List all grants, newest first."""
    desk = open_desk(cases, config)
    with desk.store, desk.store.reading() as connection:
        rows = list(store_of.list_grants(connection))
    _print(rows, as_json=as_json)


@grant_app.command()
def end(  # noqa: PLR0913, PLR0917 - one parameter per option
    grant: Annotated[
        int, typer.Argument(metavar="GRANT", show_default=False, help="Number of the grant.")
    ],
    reason: Reason = "",
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """End a grant before its time. Use during the grant stays permitted."""
    act = act_of(author)
    desk = open_desk(cases, config)
    with desk.store, desk.writing() as connection:
        store_of.end_grant(connection, grant, reason, act)
        rows = [row for row in store_of.list_grants(connection) if row.id == grant]
    _print(rows, as_json=as_json)


def _print(rows: list[Row[Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_to_json(row) for row in rows], indent=2))
    else:
        _render(rows, output_console())


def _to_json(row: Row[Any]) -> dict[str, Any]:
    return {**row_to_json(row), "scope": json.loads(row.scope)}


def _render(rows: list[Row[Any]], console: Console) -> None:
    if not rows:
        console.print("There is no grant.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("grant", justify="right", no_wrap=True)
    table.add_column("account", no_wrap=True)
    table.add_column("first day", no_wrap=True)
    table.add_column("last day", no_wrap=True)
    table.add_column("budget", justify="right", no_wrap=True)
    table.add_column("reason", overflow="fold")
    for row in rows:
        last = to_moment(datetime.now(UTC)) if row.ended is None else row.ended
        ended = " (ended)" if row.ended is not None or row.until <= last else ""
        table.add_row(
            str(row.id), Text(visible(row.account, 20)), to_text(row.start)[:10],
            to_text(row.until - MICROSECONDS_PER_DAY)[:10] + ended,
            "any" if row.budget is None else f"{row.budget:,}", Text(visible(row.reason, 200)),
        )  # fmt: skip
    console.print(table)
