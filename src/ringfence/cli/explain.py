"""``ringfence explain``: one account or ring in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ringfence.cli.config import Config, settings_from
from ringfence.cli.consoles import output_console
from ringfence.cli.explanation import render
from ringfence.errors import SourceError
from ringfence.pseudonym_key import name_in_use
from ringfence.report import look_up
from ringfence.report.lookup import Subject


def explain(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", show_default=False, help="The folder of a scan, its --out."),
    ],
    name: Annotated[
        str,
        typer.Argument(metavar="ID", show_default=False, help="An account, or the id of a ring."),
    ],
    every: Annotated[
        bool, typer.Option("--all", help="List all members of a ring, not the first 20.")
    ] = False,
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the JSON record instead of words.")
    ] = False,
) -> None:
    """Explain in words what a scan found out about an account or a ring.

    For an account that is not a finding, this lists the answer of each test. Ends with status 2 if
    the folder does not hold a scan, or the scan does not know the name.
    """
    subject = _subject(folder, name, config)
    if as_json:
        typer.echo(json.dumps(subject.to_json(), indent=2))
    else:
        render(subject, output_console(), every=every)


def _subject(folder: Path, typed: str, config: Path | None) -> Subject:
    """Return the account or ring with a name; with pseudonyms, also an account by its real name.

    Raises:
        SourceError: the folder does not hold the files of a scan, or the name is not in them.
        SettingsError: the settings or the key for pseudonyms cannot be used.
    """
    try:
        return look_up(folder, typed)
    except SourceError:
        name = name_in_use(typed, settings_from(config).privacy.pseudonym_key)
        if name == typed:
            raise
        return look_up(folder, name)
