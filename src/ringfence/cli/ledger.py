"""``ringfence ledger``: export or forget an account, or forget everything before a date."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.case_options import AsJson
from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config, settings_from
from ringfence.cli.consoles import output_console
from ringfence.errors import SettingsError
from ringfence.ledger.account_export import export_ledger_account
from ringfence.ledger.forgetting import ForgetResult, forget_account, forget_before, keep_last_days
from ringfence.model.phrases import counted
from ringfence.visible import visible

ledger_app = plain_app(help="Export an account, or forget it, or everything before a date.")


LedgerFile = Annotated[
    Path, typer.Argument(metavar="LEDGER", show_default=False, help="Ledger file.")
]


@ledger_app.command()
def export(
    ledger: LedgerFile,
    account: Annotated[
        str,
        typer.Option(metavar="ID", show_default=False, help="Account, as reports name it."),
    ],
    config: Config = None,
) -> None:
    """Print everything that a ledger holds about an account, as one JSON document.

    Of its rings, the document has the ids only. Other members are other persons.
    """
    document = export_ledger_account(ledger, account, settings_from(config))
    typer.echo(json.dumps(document, indent=2))


@ledger_app.command()
def forget(  # noqa: PLR0913, PLR0917 - one parameter per option
    ledger: LedgerFile,
    before: Annotated[
        str,
        typer.Option(
            metavar="DATE", show_default=False, help="First day to keep, such as 2026-03-01 (UTC)."
        ),
    ] = "",
    account: Annotated[
        str,
        typer.Option(
            metavar="ID", show_default=False, help="Account to erase, as reports name it."
        ),
    ] = "",
    keep: Annotated[
        int,
        typer.Option(
            metavar="DAYS", min=0, show_default=False, help="Last days to keep, such as 180."
        ),
    ] = 0,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Erase an account from a ledger, or forget everything before a date or the last days.

    The file is written again, so that no erased row remains in it. This needs as much free space as
    the ledger has. Logs are not changed: a later scan of a log reads again what is in it.
    """
    if bool(before) + bool(account) + bool(keep) != 1:
        raise SettingsError(
            "nothing or too much to forget", hint="give one of --before, --keep and --account"
        )
    settings = settings_from(config)
    if account:
        result = forget_account(ledger, account, settings)
    elif keep:
        result = keep_last_days(ledger, keep, settings)
    else:
        result = forget_before(ledger, _day(before), settings)
    if as_json:
        typer.echo(json.dumps(asdict(result), indent=2))
    else:
        _print(result, account, before or f"the last {counted(keep, 'day')}")


def _day(text: str) -> date:
    """Return a date from the command line.

    Raises:
        SettingsError: it is not a date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"{visible(text, 40)} is not a date", where="--before", hint="write it as 2026-03-01"
        ) from None


def _print(result: ForgetResult, account: str, before: str) -> None:
    console = output_console()
    if not result.changed:
        console.print(f"The ledger holds nothing that ends before {before}.", markup=False)
        return
    if account:
        said = f"Forgot {visible(account, 60)} and its {result.holdings:,} items."
        console.print(said, markup=False, soft_wrap=True)
        return
    console.print(
        f"Forgot {result.sources:,} sources, {result.accounts:,} accounts and "
        f"{result.holdings:,} holdings."
    )
    if result.divided:
        console.print(
            f"{result.divided:,} accounts were active before and since {before} in rows that "
            "cannot be divided. Their counts per client and network stay, and so do the items "
            "that they took again, with the time of the first take. The setting "
            "ledger.recent_sources says how many sources are kept apart.",
            markup=False,
        )
