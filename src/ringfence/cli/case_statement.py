"""``ringfence case statement``: the text to the account holder."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, get_args

import typer
from sqlalchemy import Connection

from ringfence import cases as store_of
from ringfence.cases.statements import statement as write_statement
from ringfence.cases.statements.screening import LEFT_OUT
from ringfence.cli.case_options import AsJson, Cases, Name, open_desk
from ringfence.cli.config import Config
from ringfence.cli.consoles import progress_console
from ringfence.errors import CasesError, SettingsError
from ringfence.statement_settings import Language

_LANGUAGES: tuple[Language, ...] = get_args(Language)


def statement(  # noqa: PLR0913, PLR0917 - one parameter per option
    case: Name,
    language: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            show_default=False,
            help="en or fr. Default: statements.language in the settings.",
        ),
    ] = "",
    decision: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Number of the decision. Default: the last one."),
    ] = None,
    account: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="One account of a ring. The text then has its name and number of items.",
        ),
    ] = "",
    cases: Cases = "",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Print the text to the account holder: statement of reasons, answer, or end."""
    desk = open_desk(cases, config)
    chosen = _language(language) if language else desk.settings.statements.language
    with desk.store, desk.store.reading() as connection:
        number = _decision(connection, desk.case(connection, case), decision)
        to = desk.account(account) if account else ""
        written = write_statement(connection, number, chosen, desk.settings, to)
    if as_json:
        typer.echo(json.dumps(asdict(written), indent=2))
    else:
        typer.echo(written.text, nl=False)
    _warn(written.text)


def _decision(connection: Connection, case: int, decision: int | None) -> int:
    """Return the number of the decision that is meant: the given one, or the last one.

    Raises:
        CasesError: there is none, or the given one is about another case.
    """
    known = [int(row.id) for row in store_of.decisions_of(connection, case)]
    if not known:
        raise CasesError("nothing was decided", where=f"case {case}")
    if decision is None:
        return known[-1]
    if decision not in known:
        listed = ", ".join(map(str, known[-9:]))
        raise CasesError(
            f"has no decision {decision}", where=f"case {case}", hint=f"decisions: {listed}"
        )
    return decision


def _warn(text: str) -> None:
    """Warn about a letter from which words of the person who decided were left out."""
    if LEFT_OUT in text:
        progress_console().print(
            "Sentences were left out of the letter: they name other accounts, or say how the "
            "account was found. If too little is left, decide again with other words.",
            markup=False,
        )


def _language(code: str) -> Language:
    """Return the language of a code.

    Raises:
        SettingsError: there are no templates in it.
    """
    for language in _LANGUAGES:
        if code == language:
            return language
    raise SettingsError(
        f"{code} is not a language of statements", where="--language", hint="en, fr"
    )
