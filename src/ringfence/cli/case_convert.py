"""``ringfence case convert``: print cases in the formats of other systems."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any, Final

import typer
from sqlalchemy import Connection

from ringfence.cases.listing import cases_since
from ringfence.cli.case_options import Cases, day_of, open_desk
from ringfence.cli.config import Config
from ringfence.errors import SettingsError
from ringfence.exports import dsa, ocsf, stix
from ringfence.exports.record import CaseRecord, read_records

_Documents = Callable[[CaseRecord], list[dict[str, Any]]]

_LINES: Final[dict[str, _Documents]] = {
    "ocsf": lambda record: [ocsf.detection_finding(record)],
    "dsa": dsa.statements_of_reasons,
}
"""The formats of which each document is a line."""

_NEEDED: Final = {
    "ocsf": "a case",
    "dsa": "a decision in force that suspends or throttles, not in shadow mode, with a ground "
    "without names",
    "stix": "a ring of several accounts that is open, decided or appealed",
}
"""A case that can be expressed in each format."""


def convert(
    to: Annotated[
        str, typer.Option("--to", metavar="FORMAT", show_default=False, help="ocsf, stix or dsa.")
    ],
    case: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[CASE]...",
            show_default=False,
            help="Numbers of cases, or accounts or rings. Default: all cases.",
        ),
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE", show_default=False, help="Only cases that have changed since this day."
        ),
    ] = "",
    cases: Cases = "",
    config: Config = None,
) -> None:
    """Print cases for other systems: a SIEM, other services, or the DSA transparency database.

    ocsf: one Detection Finding per line. stix: one bundle with rings, without personal data.
    dsa: one statement of reasons per line, for each account that is restricted. Nothing is sent.
    """
    if to not in _NEEDED:
        raise SettingsError(f"{to} is not a format", where="--to", hint="ocsf, stix or dsa")
    begin = day_of(since, "--since") if since else 0
    desk = open_desk(cases, config)
    with desk.store, desk.store.reading() as connection:
        named = [desk.case(connection, name) for name in case or ()]
        numbers = _numbers(connection, named, begin)
        records = read_records(connection, numbers)
        written = _print_bundle(records) if to == "stix" else _print_lines(records, _LINES[to])
    if written < len(numbers):
        left = f"{len(numbers) - written:,} of {len(numbers):,} cases"
        typer.echo(f"ringfence: left out {left}: {to} needs {_NEEDED[to]}", err=True)


def _numbers(connection: Connection, named: Sequence[int], since: int) -> list[int]:
    """Return the numbers of the cases that are named, or of all, without those before a day."""
    changed = cases_since(connection, since)
    chosen = [one for one in dict.fromkeys(named) if one in set(changed)]
    return chosen if named else changed


def _print_lines(records: Iterable[CaseRecord], documents_of: _Documents) -> int:
    """Print the documents of cases, and return the number of cases that have any."""
    written = 0
    for record in records:
        documents = documents_of(record)
        for document in documents:
            typer.echo(json.dumps(document))
        written += bool(documents)
    return written


def _print_bundle(records: Iterable[CaseRecord]) -> int:
    """Print a bundle of the rings that can be shared, and return their number."""
    shared = list(_shared(records))
    typer.echo(json.dumps(stix.ring_bundle(shared), indent=2))
    return len(shared)


def _shared(records: Iterable[CaseRecord]) -> Iterator[CaseRecord]:
    return (record for record in records if stix.can_be_shared(record))
