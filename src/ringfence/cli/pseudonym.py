"""``ringfence pseudonym``: the pseudonyms of accounts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from ringfence.cli.config import Config, settings_from
from ringfence.errors import SettingsError
from ringfence.pseudonym_key import open_key


def pseudonym(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAME]...",
            show_default=False,
            help="Accounts, as the logs name them. Without any: one per line of standard input.",
        ),
    ] = None,
    config: Config = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object per name, with name and pseudonym."),
    ] = False,
) -> None:
    """Print the pseudonyms of accounts, one per line, in the order of the names.

    The settings name the file of the key, see privacy.pseudonym_key. Nothing is written.
    """
    key = open_key(settings_from(config).privacy.pseudonym_key)
    if key is None:
        raise SettingsError(
            "no key for pseudonyms is given", hint="set privacy.pseudonym_key in ringfence.toml"
        )
    for name in names or _lines():
        found = key.pseudonym(name)
        typer.echo(json.dumps({"name": name, "pseudonym": found}) if as_json else found)


def _lines() -> Iterator[str]:
    """Yield the names on standard input, without line ends and without empty lines."""
    for line in sys.stdin.buffer:
        if name := line.rstrip(b"\r\n").decode("utf-8", "replace"):
            yield name
