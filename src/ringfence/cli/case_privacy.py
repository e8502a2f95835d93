"""Commands of ``ringfence case`` about one person's data: ``forget``, ``export`` and ``prune``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cases.account_export import export_account
from ringfence.cases.erasure import ErasureResult, erase_account
from ringfence.cases.retention import Retention
from ringfence.cases.retention import prune as prune_store
from ringfence.cli.case_options import AsJson, By, Cases, Reason, act_of, open_desk
from ringfence.cli.config import Config
from ringfence.cli.consoles import output_console
from ringfence.errors import LeakError, RingfenceError
from ringfence.leaks.overview.erasing import (
    NamingAttributions,
    attributions_naming,
    erase_from_attribution,
)
from ringfence.visible import visible

AccountToForget = Annotated[
    str,
    typer.Argument(metavar="ACCOUNT", show_default=False, help="The account, as logs name it."),
]


def forget(  # noqa: PLR0913, PLR0917 - one parameter per option
    account: AccountToForget,
    reason: Reason = "",
    in_texts: Annotated[
        bool,
        typer.Option("--in-texts", help="Also take a name that is a plain word out of all texts."),
    ] = False,
    author: By = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Erase everything that the store holds about an account. This cannot be undone.

    The audit log stays a chain, and says which rows were erased. A case about a ring with other
    members stays without the account. The name is also erased from the attributions in the folder
    of the setting leaks.assessments. If the command is interrupted, run it again. Ledgers are not
    changed: see ringfence ledger forget.
    """
    desk = open_desk(cases, config)
    with desk.store:
        name = desk.account(account)
        copies = _copies_naming(desk.settings.leaks.assessments, name)
        with desk.writing() as connection:
            result = erase_account(
                connection, name, reason, act_of(author), account,
                in_texts=in_texts, elsewhere=bool(copies.naming),
            )  # fmt: skip
        desk.store.write_through()
    # Files cannot be rolled back. So they change only once the erasure is on disk. Until then they
    # still name the account, and the same command goes on.
    _erase_from(copies, name)
    if as_json:
        files = {key: [str(one) for one in paths] for key, paths in asdict(copies).items()}
        typer.echo(json.dumps({**asdict(result), "attributions": files}, indent=2))
        return
    _print_erasure(result, copies, account)


def _copies_naming(folder: str, name: str) -> NamingAttributions:
    return attributions_naming(Path(folder), name) if folder else NamingAttributions()


def _erase_from(copies: NamingAttributions, name: str) -> None:
    """Erase the name from each attribution that can be written.

    Raises:
        LeakError: one cannot be written; the first of them is named.
    """
    failed: list[tuple[Path, RingfenceError]] = []
    for path in copies.naming:
        try:
            erase_from_attribution(path, name)
        except RingfenceError as error:
            failed.append((path, error))
    if failed:
        path, cause = failed[0]
        raise LeakError(
            f"it still names the account, because {cause.what}; the case store no longer does",
            where=str(path),
            hint="repair it and run the same command again",
        ) from cause


def _print_erasure(result: ErasureResult, copies: NamingAttributions, account: str) -> None:
    console = output_console()
    console.print(
        f"Erased {visible(account, 60)}: {result.cases:,} cases, {result.decisions:,} decisions, "
        f"{result.appeals:,} appeals, {result.grants:,} grants and the content of "
        f"{result.audit_rows:,} audit rows. It left {result.rings:,} rings.",
        markup=False,
        soft_wrap=True,
    )
    if result.doubtful:
        console.print(
            f"{visible(account, 60)} is also a word or a number. It stays in these texts:",
            markup=False,
            soft_wrap=True,
        )
        for place in result.doubtful:
            console.print(f"  {place}", markup=False)
        console.print("If they are about the account, run the command again with --in-texts.")
    if copies.naming:
        console.print(f"It was erased from {len(copies.naming):,} attributions of leaks.")
    for path in copies.unreadable:
        said = f"{visible(str(path), 200)} cannot be read. Remove it if it names the account."
        console.print(said, markup=False, soft_wrap=True)


def prune(
    author: By = "", cases: Cases = "", config: Config = None, as_json: AsJson = False
) -> None:
    """Remove what is older than the settings keep it. Run it every night.

    See case_days, outbox_days and audit_days in the section [cases]. By default nothing is removed.
    """
    desk = open_desk(cases, config)
    kept = desk.settings.cases
    retention = Retention(kept.case_days, kept.outbox_days, kept.audit_days)
    with desk.store:
        with desk.writing() as connection:
            result = prune_store(connection, retention, act_of(author))
        desk.store.write_through()
    if as_json:
        typer.echo(json.dumps(asdict(result), indent=2))
        return
    output_console().print(
        f"Removed {result.cases:,} cases, {result.messages:,} delivered effects and the content of "
        f"{result.audit_rows:,} audit rows.",
        soft_wrap=True,
    )


def export(account: AccountToForget, cases: Cases = "", config: Config = None) -> None:
    """Print everything that the store holds about an account, as one JSON document.

    Other members of its rings are left out. Read the texts of reviewers before you send them.
    """
    desk = open_desk(cases, config)
    with desk.store, desk.store.reading() as connection:
        document = export_account(connection, desk.account(account))
    typer.echo(json.dumps(document, indent=2))
