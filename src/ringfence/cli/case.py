"""``ringfence case``: review findings, decide, and take decisions back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated

import typer
from sqlalchemy import Connection

from ringfence import cases as store_of
from ringfence.cases.decisions import require_version
from ringfence.cases.listing import WAITING, describe_case, list_cases, row_to_json
from ringfence.cases.moments import MICROSECONDS_PER_DAY
from ringfence.cli import case_tables
from ringfence.cli.case_convert import convert
from ringfence.cli.case_options import (
    AsJson,
    By,
    Cases,
    Desk,
    Name,
    Reason,
    RingMember,
    Version,
    act_of,
    open_desk,
)
from ringfence.cli.case_privacy import export, forget, prune
from ringfence.cli.case_statement import statement
from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config
from ringfence.cli.consoles import output_console
from ringfence.enforcement import harder_holds, undelivered
from ringfence.enforcement.connected import state_sinks
from ringfence.errors import SettingsError
from ringfence.model.case_status import CaseState
from ringfence.model.finding import Action

case_app = plain_app(
    help="Review findings: list, show, decide, dismiss, appeal, release, reinstate."
)

for _command in (convert, export, forget, prune, statement):
    case_app.command()(_command)

_ALL: tuple[CaseState, ...] = ("open", "decided", "appealed", "allowed", "dismissed", "closed")


@case_app.command("list")
def list_(  # noqa: PLR0913, PLR0917 - one parameter per option
    every: Annotated[
        bool, typer.Option("--all", help="List cases of every state, not only those that wait.")
    ] = False,
    account: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only cases about this account, alone or in a ring."),
    ] = None,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=10_000, help="Most cases.")] = 50,
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the cases that wait for somebody: open ones, and those with an appeal."""
    states = _ALL if every or account else WAITING
    desk = open_desk(cases, config)
    with desk.store, desk.store.reading() as connection:
        about = None if account is None else desk.account(account)
        rows = list_cases(connection, states, account=about, limit=limit)
    if as_json:
        typer.echo(json.dumps([row_to_json(row) for row in rows], indent=2))
    else:
        case_tables.render_list(rows, output_console())


@case_app.command()
def show(case: Name, cases: Cases = "", config: Config = None, as_json: AsJson = False) -> None:
    """Show a case: its evidence, decisions and appeals."""
    desk = open_desk(cases, config)
    with desk.store, desk.store.reading() as connection:
        number = desk.case(connection, case)
        described = describe_case(connection, number)
        holds = harder_holds(connection, state_sinks(desk.settings.enforcement), number)
        waiting = undelivered(connection, number)
    described["undelivered"] = [row._asdict() for row in waiting]
    described["harder_holds"] = [{**vars(one), "sentence": one.sentence} for one in holds]
    _print(described, as_json=as_json)


@case_app.command()
def decide(  # noqa: PLR0913, PLR0917 - one parameter per option
    case: Name,
    action: Annotated[
        str,
        typer.Option(
            metavar="ACTION", show_default=False, help="observe, throttle, challenge or suspend."
        ),
    ],
    reason: Reason = "",
    ground: Annotated[
        str,
        typer.Option(
            metavar="CLAUSE",
            show_default=False,
            help="Clause of the terms of use. Default: policy.ground in the settings.",
        ),
    ] = "",
    days: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=3_650,
            help="Days after which the decision ends. Without it, the decision has no end.",
        ),
    ] = None,
    version: Version = None,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Decide about a case. In shadow mode, only record what would have happened."""
    chosen, act = _action(action), act_of(author, version)
    desk = open_desk(cases, config)
    until = None if days is None else act.moment + days * MICROSECONDS_PER_DAY
    shadow = desk.settings.policy.mode == "shadow"
    order = store_of.Ruling(chosen, reason, ground or desk.settings.policy.ground, until, shadow)
    _change(desk, case, lambda c, n: store_of.decide(c, n, order, act), act, as_json=as_json)


@case_app.command()
def dismiss(  # noqa: PLR0913, PLR0917 - one parameter per option
    case: Name,
    reason: Reason = "",
    version: Version = None,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Dismiss a case: the account uses the catalogue and does not extract it."""
    act = act_of(author, version)
    desk = open_desk(cases, config)
    _change(desk, case, lambda c, n: store_of.dismiss(c, n, reason, act), act, as_json=as_json)


@case_app.command()
def reopen(  # noqa: PLR0913, PLR0917 - one parameter per option
    case: Name,
    reason: Reason = "",
    version: Version = None,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Open a case again that was dismissed, allowed or closed."""
    act = act_of(author, version)
    desk = open_desk(cases, config)
    _change(desk, case, lambda c, n: store_of.reopen(c, n, reason, act), act, as_json=as_json)


@case_app.command()
def reinstate(  # noqa: PLR0913, PLR0917 - one parameter per option
    case: Name,
    reason: Reason = "",
    version: Version = None,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """End the decision in force, with all its effects, and close the case."""
    act = act_of(author, version)
    desk = open_desk(cases, config)
    _change(
        desk, case, lambda c, n: store_of.end_case(c, n, "reinstate", reason, act), act,
        as_json=as_json,
    )  # fmt: skip


@case_app.command()
def release(  # noqa: PLR0913, PLR0917 - one parameter per option
    case: Name,
    account: Annotated[
        str,
        typer.Option(metavar="NAME", show_default=False, help="The account that is released."),
    ],
    reason: Reason = "",
    version: Version = None,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Release one account of a ring. The decision continues for the other accounts."""
    act = act_of(author, version)
    desk = open_desk(cases, config)
    who = _member(desk, account)
    _change(
        desk, case, lambda c, n: store_of.release_account(c, n, who, reason, act), act,
        as_json=as_json,
    )  # fmt: skip


@case_app.command()
def appeal(  # noqa: PLR0913, PLR0917 - one parameter per option
    case: Name,
    statement: Annotated[
        str,
        typer.Option(metavar="TEXT", show_default=False, help="The account holder's statement."),
    ],
    account: RingMember = "",
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Record an appeal of an account holder against the decision in force."""
    act = act_of(author)
    desk = open_desk(cases, config)
    due = act.moment + desk.settings.cases.appeal_days * MICROSECONDS_PER_DAY
    who = _member(desk, account)
    _change(
        desk,
        case,
        lambda c, n: store_of.receive_appeal(c, n, statement, due, act, who),
        as_json=as_json,
    )


@case_app.command()
def answer(  # noqa: PLR0913, PLR0917 - one parameter per option
    case: Name,
    text: Annotated[
        str,
        typer.Option(
            "--answer", metavar="TEXT", show_default=False, help="Answer to the account holder."
        ),
    ],
    uphold: Annotated[
        bool | None,
        typer.Option(
            "--uphold/--overturn",
            show_default=False,
            help="Keep the decision, or end it for the account.",
        ),
    ] = None,
    account: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="The account whose appeal is answered. Not needed if one appeal is open.",
        ),
    ] = "",
    version: Version = None,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Answer an appeal. The author of the decision cannot answer it.

    If it is granted, the decision continues for the other accounts of the ring.
    """
    if uphold is None:
        raise SettingsError("the outcome is missing", hint="give --uphold or --overturn")
    act = act_of(author, version)
    outcome: store_of.AppealOutcome = "upheld" if uphold else "overturned"
    desk = open_desk(cases, config)
    who = _member(desk, account)
    _change(
        desk, case, lambda c, n: store_of.answer_appeal(c, n, outcome, text, act, who), act,
        as_json=as_json,
    )  # fmt: skip


def _member(desk: Desk, typed: str) -> str:
    """Return the name of an account as the store has it; empty if none was typed."""
    return desk.account(typed) if typed else ""


def _change(
    desk: Desk,
    case: str,
    do: Callable[[Connection, int], object],
    seen: store_of.Act | None = None,
    *,
    as_json: bool,
) -> None:
    """Do something with a case, and print the case as it is then.

    Args:
        desk: the store and the settings.
        case: as it was typed.
        do: what is done.
        seen: the act, if its author must have looked at the present version of the case.
        as_json: whether JSON is printed.
    """
    with desk.store, desk.writing() as connection:
        number = desk.case_to_change(connection, case)
        if seen is not None:
            require_version(connection, number, seen)
        do(connection, number)
        described = describe_case(connection, number)
    _print(described, as_json=as_json)


def _action(word: str) -> Action:
    """Return the action that a word names.

    Raises:
        SettingsError: it names none.
    """
    for action in ("observe", "throttle", "challenge", "suspend"):
        if word == action:
            return action
    raise SettingsError(
        f"{word} is not an action", where="--action", hint="observe, throttle, challenge or suspend"
    )


def _print(described: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(described, indent=2))
    else:
        case_tables.render_case(described, output_console())
