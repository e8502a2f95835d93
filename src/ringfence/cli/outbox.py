"""``ringfence outbox``: bring the effects of decisions to connected systems."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection, Row

from ringfence import enforcement
from ringfence.cases.listing import row_to_json
from ringfence.cases.moments import now
from ringfence.cases.store_id import store_id
from ringfence.cli.case_options import AsJson, By, Cases, act_of, open_desk
from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config
from ringfence.cli.consoles import output_console, progress_console
from ringfence.enforcement.connected import make_sinks, state_sinks
from ringfence.enforcement.departed import departed_sinks, drop_sink
from ringfence.settings import Settings
from ringfence.visible import visible

outbox_app = plain_app(help="Bring the effects of decisions to connected systems.")

EffectNumber = Annotated[
    int, typer.Argument(metavar="EFFECT", show_default=False, help="Number of the effect.")
]
SinkTyped = Annotated[
    str, typer.Argument(metavar="SINK", show_default=False, help="Name of the sink.")
]
Limit = Annotated[int, typer.Option(metavar="N", min=1, help="Most rows, the newest first.")]


@outbox_app.command("list")
def list_(
    limit: Limit = 100, cases: Cases = "", config: Config = None, as_json: AsJson = False
) -> None:
    """List effects and their delivery to each sink, newest first."""
    desk = open_desk(cases, config)
    with desk.store, desk.store.reading() as connection:
        rows = enforcement.deliveries(connection, limit=limit)
        _warn(connection, desk.settings)
        for sink in _connected(desk.settings):
            if waiting := enforcement.not_put_down(connection, sink):
                progress_console().print(
                    f"{sink}: {waiting:,} effects wait for the next ringfence outbox deliver"
                )
    _print(rows, "There are no deliveries.", as_json=as_json)


@outbox_app.command()
def dead(
    limit: Limit = 100, cases: Cases = "", config: Config = None, as_json: AsJson = False
) -> None:
    """List dead letters: effects that a sink refused, or that failed too many times."""
    desk = open_desk(cases, config)
    with desk.store, desk.store.reading() as connection:
        rows = enforcement.deliveries(connection, "dead", limit)
    _print(rows, "There is no dead letter.", as_json=as_json)


@outbox_app.command()
def resend(  # noqa: PLR0913, PLR0917 - one parameter per option
    effect: EffectNumber,
    sink: SinkTyped,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Put a dead letter down for delivery again."""
    act = act_of(author)
    desk = open_desk(cases, config)
    with desk.store, desk.writing() as connection:
        enforcement.resend(connection, effect, sink, act)
    if as_json:
        typer.echo(json.dumps({"effect": effect, "sink": sink, "state": "waiting"}))
    else:
        output_console().print("It is sent at the next: ringfence outbox deliver")


@outbox_app.command()
def settle(  # noqa: PLR0913, PLR0917 - one parameter per option
    effect: EffectNumber,
    sink: SinkTyped,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Record that you have made the change of a dead letter by hand in the sink."""
    act = act_of(author)
    desk = open_desk(cases, config)
    with desk.store, desk.writing() as connection:
        enforcement.settle(connection, effect, sink, act)
    if as_json:
        typer.echo(json.dumps({"effect": effect, "sink": sink, "state": "done"}))


@outbox_app.command()
def drop(
    sink: SinkTyped,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Forget a sink or a bouncer that is gone. It must not be in the settings any more.

    The output names accounts that are free, but that the sink may still restrict.
    """
    act = act_of(author)
    desk = open_desk(cases, config)
    with desk.store, desk.writing() as connection:
        held = drop_sink(connection, sink, _connected(desk.settings), act)
    if as_json:
        typer.echo(json.dumps({"sink": sink, "untold": held}))
        return
    console = output_console()
    console.print("Nothing waits for it any more.")
    for account in held:
        console.print(
            f"It was not told that this account is free: {visible(account, 100)}", markup=False
        )


@outbox_app.command()
def deliver(cases: Cases = "", config: Config = None, as_json: AsJson = False) -> None:
    """Deliver all effects that are due to all sinks. Run it every minute.

    Decisions whose time is over end first. A failed attempt is repeated by later runs. Exit status:
    1 if an attempt failed, or if a dead letter leaves an account more restricted than was decided;
    else 0. If there was nothing to do, nothing is printed.
    """
    desk = open_desk(cases, config)
    with desk.store:
        with desk.store.reading() as connection:
            store = str(store_id(connection))
        sinks = make_sinks(desk.settings.enforcement, store=store)
        reports = enforcement.deliver(desk.store, sinks)
        with desk.store.reading() as connection:
            holds = enforcement.harder_holds(connection, state_sinks(desk.settings.enforcement))
            _warn(connection, desk.settings)
    if as_json:
        typer.echo(json.dumps([vars(report) for report in reports], indent=2))
    else:
        _print_reports(reports)
    for one in holds:
        progress_console().print(
            f"{visible(one.account, 50)}: {one.sentence}. Run: ringfence outbox resend {one.id} "
            f"{one.sink}, or settle it",
            markup=False,
        )
    if holds or any(report.failed or report.dead for report in reports):
        raise typer.Exit(1)


def _connected(settings: Settings) -> list[str]:
    return settings.enforcement.names


def _warn(connection: Connection, settings: Settings) -> None:
    """Name the sinks that are not in the settings and that miss effects, on standard error."""
    for sink in departed_sinks(connection, _connected(settings), now()):
        progress_console().print(
            f"{sink.name} is not in the settings. Effects that wait for it: {sink.effects:,}. If "
            f"it is gone, run: ringfence outbox drop {sink.name}",
            markup=False,
        )


def _print_reports(reports: tuple[enforcement.Report, ...]) -> None:
    console = output_console()
    if not reports and console.is_terminal:
        console.print("No sink is connected: see [[enforcement.sinks]].", markup=False)
    for report in filter(_has_news, reports):
        counts = f"{report.delivered:,} delivered, {report.failed:,} failed, {report.dead:,} dead"
        said = "another process delivers to it now" if report.busy else counts
        console.print(f"{report.sink}: {said}", markup=False)
        if report.error:
            console.print(f"  {visible(report.error, 300)}", markup=False)


def _has_news(report: enforcement.Report) -> bool:
    """Return whether there was anything to do. Cron sends a mail for every line."""
    return bool(report.delivered or report.failed or report.dead or report.busy or report.error)


def _print(rows: list[Row[Any]], nothing: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([row_to_json(row) for row in rows], indent=2))
        return
    console = output_console()
    if not rows:
        console.print(nothing)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("effect", justify="right", no_wrap=True)
    for column in ("account", "state", "sink", "delivery"):
        table.add_column(column, no_wrap=True)
    table.add_column("last error", overflow="fold")
    for row in rows:
        table.add_row(
            str(row.id), Text(visible(row.account, 20)), row.effect, row.sink, row.state,
            Text(visible(row.error, 200)),
        )  # fmt: skip
    console.print(table)
