"""The options that the commands on cases share: the store, the author, and the output."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Final

import typer
from sqlalchemy import Connection

from ringfence.cases import Act, Author, CaseStore, open_store
from ringfence.cases.audit import name_login
from ringfence.cases.listing import find_case, find_case_to_change
from ringfence.cases.moments import now, to_moment
from ringfence.cli.config import settings_from
from ringfence.errors import CasesError, SettingsError
from ringfence.pseudonym_key import name_in_use
from ringfence.settings import Settings

Cases = Annotated[
    str,
    typer.Option(
        "--cases",
        metavar="URL",
        show_default=False,
        help="Case store: a file, or postgresql://user@host/database. Default: cases.url in the "
        "settings.",
    ),
]
By = Annotated[
    str,
    typer.Option(
        "--author", metavar="NAME", show_default=False, help="Your name. Default: your login."
    ),
]
Reason = Annotated[
    str,
    typer.Option(
        "--reason", metavar="TEXT", show_default=False, help="Why, in your words. Required."
    ),
]
Version = Annotated[
    int | None,
    typer.Option(
        "--version",
        metavar="N",
        min=1,
        help="Version of the case that you looked at. If it has changed since, nothing is done.",
    ),
]
RingMember = Annotated[
    str,
    typer.Option(
        "--account",
        metavar="NAME",
        show_default=False,
        help="The account of a ring. Not needed if the case is about one account.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Name = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        show_default=False,
        help="Number of a case, or an account or ring. case:2 is always the number.",
    ),
]

_NO_STORE: Final = "give --cases, or set cases.url in ringfence.toml"


@dataclass(frozen=True)
class Desk:
    """The open store and the settings of a command."""

    store: CaseStore
    settings: Settings

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that writes, and records the login of the person in the audit log.

        Raises:
            CasesError: the database fails, or another writer holds it for 30 seconds.
        """
        with self.store.writing() as connection:
            name_login(connection, system_login())
            yield connection

    def account(self, typed: str) -> str:
        """Return the name that the store has for an account, typed as its name or pseudonym.

        Raises:
            SettingsError: the key for pseudonyms cannot be used.
        """
        return name_in_use(typed, self.settings.privacy.pseudonym_key)

    def case(self, connection: Connection, typed: str) -> int:
        """Return the number of a case, typed as a number, or as an account or ring.

        Raises:
            CasesError: there is none, or there are several.
            SettingsError: the key for pseudonyms cannot be used.
        """
        try:
            return find_case(connection, typed)
        except CasesError:
            if (account := self.account(typed)) == typed:
                raise
            return find_case(connection, account)

    def case_to_change(self, connection: Connection, typed: str) -> int:
        """Return the number of the case that a command shall change, typed in the same way.

        Raises:
            CasesError: there is none, or more than one can be meant.
            SettingsError: the key for pseudonyms cannot be used.
        """
        return find_case_to_change(connection, (typed, self.account(typed)))


def open_desk(cases: str, config: Path | None, *, create: bool = False) -> Desk:
    """Open the store that the option or the settings name.

    Args:
        cases: the option.
        config: the settings file.
        create: make the store if it is missing.

    Raises:
        SettingsError: neither names one.
        CasesError: the store cannot be opened, or is missing.
    """
    settings = settings_from(config)
    url = cases or settings.cases.url
    if not url:
        raise SettingsError("no case store is given", hint=_NO_STORE)
    return Desk(open_store(url, create=create), settings)


def act_of(author: str, version: int | None = None) -> Act:
    """Return who acts now: the named person, or the one who is logged in."""
    return Act(Author(author or getpass.getuser()), now(), version)


def system_login() -> str:
    """Return the login that the operating system knows, whatever the environment says."""
    try:
        import pwd  # noqa: PLC0415 - Windows has no such module

        return pwd.getpwuid(os.getuid()).pw_name
    except ImportError:
        return getpass.getuser()
    except KeyError:
        return f"uid {os.getuid()}"


def day_of(text: str, option: str) -> int:
    """Return the beginning of a day as a moment.

    Raises:
        SettingsError: the text is not a date.
    """
    try:
        return to_moment(datetime.combine(date.fromisoformat(text), time(), UTC))
    except ValueError as error:
        raise SettingsError(
            f"{text} is not a date", where=option, hint="write it as 2027-06-30"
        ) from error
