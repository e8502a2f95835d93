"""``ringfence audit``: verify the record of what was done."""

from __future__ import annotations

import json
import re
from typing import Annotated

import typer
from sqlalchemy import Connection

from ringfence.cases.audit import head as newest_row
from ringfence.cases.audit_check import count_rows, faults
from ringfence.cli.case_options import AsJson, Cases, open_desk
from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config
from ringfence.cli.consoles import output_console
from ringfence.errors import CasesError, SettingsError
from ringfence.visible import visible

audit_app = plain_app(help="Verify the audit log, or print its newest hash.")

FAULTS_SHOWN = 20
"""Faults on the terminal. --json has all of them."""

_HASH = re.compile("[0-9a-f]{64}")


@audit_app.command()
def verify(
    kept: Annotated[
        str,
        typer.Option(
            "--head", metavar="HASH", show_default=False, help="Hash that you stored elsewhere."
        ),
    ] = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Find rows that were altered, removed or moved. Ends with status 1 if there are any."""
    if kept and not _HASH.fullmatch(kept):
        raise SettingsError(
            "--head takes the 64 hexadecimal digits that 'ringfence audit head' prints"
        )
    desk = open_desk(cases, config)
    with desk.store, desk.store.reading() as connection:
        found, rows = list(faults(connection, kept)), count_rows(connection)
        newest = _newest(connection)
    if as_json:
        typer.echo(json.dumps({"rows": rows, "head": newest, "faults": found}, indent=2))
    else:
        console = output_console()
        for fault in found[:FAULTS_SHOWN]:
            console.print(visible(fault, 300), markup=False)
        if len(found) > FAULTS_SHOWN:
            console.print(f"and {len(found) - FAULTS_SHOWN:,} more; --json names all")
        whole = "The audit log is intact" if not found else "The audit log is NOT intact"
        console.print(f"{whole}: {rows:,} rows, newest hash {newest}", soft_wrap=True)
    if found:
        raise typer.Exit(1)


@audit_app.command()
def head(cases: Cases = "", config: Config = None, as_json: AsJson = False) -> None:
    """Print the newest hash. Keep it where nobody who can write to the store can change it."""
    desk = open_desk(cases, config)
    with desk.store, desk.store.reading() as connection:
        number, newest = newest_row(connection)
    typer.echo(json.dumps({"row": number, "head": newest}) if as_json else f"{number} {newest}")


def _newest(connection: Connection) -> str:
    """Return the newest hash; ``unknown`` if its record is altered, which is a fault of its own."""
    try:
        return newest_row(connection)[1]
    except CasesError:
        return "unknown"
