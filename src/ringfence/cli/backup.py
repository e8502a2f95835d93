"""``ringfence backup``: copy the folder of the service while it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.case_options import AsJson
from ringfence.cli.config import Config, settings_from


def backup(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", show_default=False, help="Folder to make. It must not exist."
        ),
    ],
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Copy the folder of the service, which may be running, into a new folder.

    The copy has all events that were acknowledged before, the cases, the tokens and the secret.
    It does not have the settings file, the key for pseudonyms, or a case store in PostgreSQL.

    Exit status: 0 if the backup is complete; 2 if no backup was made.
    """
    # Loaded here, because help and wrong usage do not need them.
    from ringfence.cases import store_file  # noqa: PLC0415
    from ringfence.service.backup import back_up  # noqa: PLC0415
    from ringfence.service.files import ServiceFolder  # noqa: PLC0415

    settings = settings_from(config)
    folder = ServiceFolder(Path(settings.service.folder))
    cases = store_file(settings.cases.url or folder.cases)
    contents = back_up(folder, cases, target)
    if as_json:
        told = {"folder": str(target), "made": contents.made, "has_cases": contents.has_cases}
        typer.echo(json.dumps({**told, "files": len(contents.files), "bytes": contents.size}))
        return
    typer.echo(f"{target}: {len(contents.files):,} files, {contents.size / 1e6:,.1f} MB")
    if cases is None:
        typer.echo("The case store is not in it. Back it up with the tools of its database.")
