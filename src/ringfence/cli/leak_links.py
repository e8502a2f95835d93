"""``ringfence leak links``: a register of links to published copies, and of notices about them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ringfence.cli.commands import plain_app
from ringfence.cli.config import Config, settings_from
from ringfence.cli.leak_marks import AsDocument
from ringfence.errors import SettingsError
from ringfence.leaks.register.states import HOSTING, LINK_STATES, LinkState, check_recipient

if TYPE_CHECKING:
    from ringfence.leaks.register import LinkChoice

links_app = plain_app(
    help="Keep a register of links to published copies: found, sent, acknowledged, removed, back."
)

_Register = Annotated[
    Path, typer.Argument(metavar="REGISTER", show_default=False, help="Folder of the register.")
]
_Recipient = Annotated[
    str,
    typer.Option(metavar="NAME", help="host, or the name of a search engine, such as google."),
]
_Date = Annotated[
    str,
    typer.Option(metavar="DATE", show_default=False, help="When, ISO 8601. Default: now."),
]
_MOST_SHOWN: Final = 1_000_000


@links_app.command()
def add(  # noqa: PLR0913, PLR0917 - one parameter per option
    register: _Register,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            show_default=False,
            help="Links, one per line, or csv, JSON lines or Parquet with a column url.",
        ),
    ],
    date: _Date = "",
    source: Annotated[
        str,
        typer.Option(
            metavar="TEXT", show_default=False, help="Where the links come from. Default: the file."
        ),
    ] = "",
    config: Config = None,
    as_json: AsDocument = False,
) -> None:
    """Add links that were found. The register is made if it does not exist.

    Different spellings of one link count once. A link that is known already keeps its state.
    """
    from ringfence.cli.consoles import progress_console  # noqa: PLC0415
    from ringfence.cli.leak_links_result import added_document, added_lines  # noqa: PLC0415
    from ringfence.cli.progress import watched  # noqa: PLC0415
    from ringfence.leaks.register import open_register  # noqa: PLC0415
    from ringfence.leaks.register.stored_summary import keep_summary  # noqa: PLC0415

    at = _moment(date)
    with (
        open_register(register, settings_from(config), create=True) as opened,
        watched(progress_console()) as progress,
    ):
        before = opened.summary(0).links
        added = [(path, opened.add(path, at, source)) for path in files]
        opened.merge(progress)
        counted = opened.summary(0)
        keep_summary(register, counted, datetime.now(UTC))
        new = counted.links - before
    _print(added_document(added, new), added_lines(added, new), as_json=as_json)


@links_app.command("list")
def list_links(  # noqa: PLR0913, PLR0917 - one parameter per option
    register: _Register,
    url: Annotated[
        str,
        typer.Option(metavar="URL", show_default=False, help="Only this link, with its history."),
    ] = "",
    host: Annotated[
        str, typer.Option(metavar="NAME", show_default=False, help="Only links of this host.")
    ] = "",
    state: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STATE", show_default=False, help=f"{', '.join(LINK_STATES)}. Repeatable."
        ),
    ] = None,
    most: Annotated[
        int, typer.Option(metavar="N", min=1, max=_MOST_SHOWN, help="Links that are listed.")
    ] = 100,
    config: Config = None,
    as_json: AsDocument = False,
) -> None:
    """List links by host with their state, or everything that is known about one link."""
    from ringfence.cli.leak_links_result import (  # noqa: PLC0415
        history_document,
        history_lines,
        links_document,
        links_lines,
    )
    from ringfence.leaks.register import LinkChoice, open_register  # noqa: PLC0415

    choice = LinkChoice(_states(state or []), host=host.lower())
    with open_register(register, settings_from(config)) as opened:
        if url:
            history = opened.history(url)
            _print(history_document(history), history_lines(history), as_json=as_json)
            return
        found = opened.first_links(choice, most + 1)
    _print(links_document(found[:most]), links_lines(found, most), as_json=as_json)


@links_app.command()
def batches(  # noqa: PLR0913, PLR0917 - one parameter per option
    register: _Register,
    out: Annotated[
        Path,
        typer.Option(metavar="DIR", show_default=False, help="Folder for the files of links."),
    ],
    recipient: _Recipient = HOSTING,
    size: Annotated[
        int, typer.Option(metavar="N", min=1, max=1_000_000_000, help="Links per batch, at most.")
    ] = 1_000,
    config: Config = None,
    as_json: AsDocument = False,
) -> None:
    """Write the links that a recipient has not been told about, in batches.

    The files links-00001.csv and so on have the columns batch, host and url, sorted by host. A
    batch for host has links of one host only. Removed links are left out. Nothing is sent: mark
    what you have sent with ringfence leak links sent.
    """
    from ringfence.leaks.register import BatchNumbers, open_register  # noqa: PLC0415
    from ringfence.pipeline.folders import check_folder, prepare_folder  # noqa: PLC0415

    check_folder(out)
    choice = _untold(recipient)
    numbers = BatchNumbers(size, by_host=recipient == HOSTING)
    with open_register(register, settings_from(config)) as opened:
        files = opened.write_batches(choice, numbers, prepare_folder(out))
    document = {
        "recipient": recipient,
        "links": numbers.links,
        "batches": numbers.batches,
        "files": [str(path) for path in files],
    }
    lines = [f"{numbers.links:,} links for {recipient} are in {numbers.batches:,} batches."]
    _print(document, lines + [f"Written: {path}" for path in files], as_json=as_json)


@links_app.command()
def sent(  # noqa: PLR0913, PLR0917 - one parameter per option
    register: _Register,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="Links of the notice, as leak links batches writes them; or the folder of a pack "
            "that leak notice wrote.",
        ),
    ],
    recipient: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="host, or the name of a search engine. Default: host for a file, and every "
            "recipient of a pack.",
        ),
    ] = "",
    batch: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="Only this batch of the file. Repeatable."),
    ] = None,
    date: _Date = "",
    config: Config = None,
    as_json: AsDocument = False,
) -> None:  # fmt: skip
    """Record that notices were sent: those of a pack, or one about the links of a file."""
    from ringfence.cli.leak_links_result import facts_document, facts_lines  # noqa: PLC0415
    from ringfence.leaks.notices import LINKS_TABLE  # noqa: PLC0415
    from ringfence.leaks.register import open_register  # noqa: PLC0415

    at = _moment(date)
    if recipient:
        check_recipient(recipient)
    if file.is_dir() and batch:
        raise SettingsError("a pack has no batches", where="--batch", hint="use --recipient")
    with open_register(register, settings_from(config)) as opened:
        if file.is_dir():
            name = file.absolute().name
            found = opened.mark_notices(file / LINKS_TABLE, at, name, recipient)
        else:
            found = opened.mark_sent(file, recipient or HOSTING, at, batches=batch or ())
    _print(facts_document(found), facts_lines(found, answers=False), as_json=as_json)


@links_app.command()
def recheck(
    register: _Register,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="Answers: csv, JSON lines or Parquet with url, status or state, and date.",
        ),
    ],
    config: Config = None,
    as_json: AsDocument = False,
) -> None:
    """Record answers about links: removed, still there, back again, or notice acknowledged.

    The program visits no site: the answers come from your own check, from a host or from a search
    engine. The same file a second time changes nothing.
    """
    from ringfence.cli.leak_links_result import facts_document, facts_lines  # noqa: PLC0415
    from ringfence.leaks.register import open_register  # noqa: PLC0415

    with open_register(register, settings_from(config)) as opened:
        found = opened.recheck(file)
    _print(facts_document(found), facts_lines(found, answers=True), as_json=as_json)


@links_app.command()
def summary(register: _Register, config: Config = None, as_json: AsDocument = False) -> None:
    """Count the links in each state, and name the hosts with the most links.

    The counts are also kept in the register, one entry per day. The page about notices shows them.
    """
    from ringfence.cli.leak_links_result import summary_document, summary_lines  # noqa: PLC0415
    from ringfence.leaks.register import open_register  # noqa: PLC0415
    from ringfence.leaks.register.stored_summary import keep_summary  # noqa: PLC0415

    with open_register(register, settings_from(config)) as opened:
        found = opened.summary()
        keep_summary(register, found, datetime.now(UTC))
    _print(summary_document(found), summary_lines(found), as_json=as_json)


def _untold(recipient: str) -> LinkChoice:
    from ringfence.leaks.register import OPEN_STATES, LinkChoice  # noqa: PLC0415

    check_recipient(recipient)
    return LinkChoice(OPEN_STATES, untold=(recipient,))


def _states(names: list[str]) -> tuple[LinkState, ...]:
    known = {state: state for state in LINK_STATES}
    for name in names:
        if name not in known:
            raise SettingsError(
                f"{name[:80]!r} is not a state of links",
                where="--state",
                hint=f"use {', '.join(LINK_STATES)}",
            )
    return tuple(state for state in LINK_STATES if state in names)


def _moment(text: str) -> datetime:
    """Return a time; one without a zone is UTC."""
    if not text:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _no_date(text) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment.year < 1990 or moment > datetime.now(UTC) + timedelta(days=1):
        raise _no_date(text)
    return moment


def _no_date(text: str) -> SettingsError:
    return SettingsError(
        f"{text[:80]!r} is not a date from 1990 until today",
        where="--date",
        hint="write it as 2026-01-31, or with a time and zone",
    )


def _print(document: object, lines: list[str], *, as_json: bool) -> None:
    from ringfence.visible import visible  # noqa: PLC0415

    if as_json:
        typer.echo(json.dumps(document, indent=2))
        return
    for line in lines:
        typer.echo(visible(line))
