"""``ringfence leak attribute``: through which accounts and rings a published copy left."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ringfence.cli.config import Config, settings_from
from ringfence.cli.leak_marks import AsDocument
from ringfence.errors import SettingsError

if TYPE_CHECKING:
    from ringfence.leaks.attribution import Attribution
    from ringfence.settings import Settings


def attribute(  # noqa: PLR0913, PLR0917 - one parameter per option
    dump: Annotated[
        Path,
        typer.Argument(
            metavar="DUMP",
            show_default=False,
            help="The copy, one row per item, in any format of leak assess.",
        ),
    ],
    ledger: Annotated[
        Path, typer.Option(metavar="FILE", show_default=False, help="Ledger of all accounts.")
    ],
    catalogue: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False, help="Table with all items."),
    ] = None,
    item_column: Annotated[
        str, typer.Option(metavar="NAME", help="Column of the copy with the item.")
    ] = "item",
    date_column: Annotated[
        str,
        typer.Option(
            metavar="NAME", show_default=False, help="Column of the copy with a date per item."
        ),
    ] = "",
    published: Annotated[
        str,
        typer.Option(
            metavar="T",
            show_default=False,
            help="When the copy was published, ISO 8601. Later takes do not count.",
        ),
    ] = "",
    sample: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            help="Compare 1 of N items, for a ledger that keeps only these, or to save time.",
        ),
    ] = 1,
    cases: Annotated[
        str,
        typer.Option(
            metavar="URL",
            show_default=False,
            help="Case store in which the result opens cases: a file, or a PostgreSQL address.",
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            show_default=False,
            help="Folder for attribution.json, such as that of the assessment.",
        ),
    ] = None,
    config: Config = None,
    as_json: AsDocument = False,
) -> None:
    """Name the accounts and rings through which a published copy left.

    The chance of naming any account that took no part is at most verdicts.false_accusation_rate.
    With --cases, each opens or joins a case. The pages about leaks show the file of --out.

    Exit status: 0 if a source is named; 1 if none is; 2 if a file or an option cannot be used.
    """
    from ringfence.leaks.attribution import LeakFiles, attribute_leak  # noqa: PLC0415
    from ringfence.leaks.attribution.written import write_attribution  # noqa: PLC0415
    from ringfence.pipeline.folders import check_folder, prepare_folder  # noqa: PLC0415

    settings = settings_from(config)
    if out:
        check_folder(out)
    files = LeakFiles(dump, ledger, catalogue, item_column, date_column, _moment(published), sample)
    found = attribute_leak(files, settings)
    if cases:
        _record(found, settings, cases)
    if out:
        write_attribution(found, prepare_folder(out))
    typer.echo(json.dumps(found.to_json(), indent=2) if as_json else "\n".join(_lines(found)))
    if not found.sources:
        raise typer.Exit(1)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    from datetime import UTC  # noqa: PLC0415

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"{text[:80]!r} is not a time",
            where="--published",
            hint="give ISO 8601, such as 2026-03-09 or 2026-03-09T08:02:00+01:00",
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _record(found: Attribution, settings: Settings, cases: str) -> None:
    """Open a case for each source, or join the one that there is."""
    from ringfence.cases import check_store_names, open_store  # noqa: PLC0415
    from ringfence.cases.moments import now  # noqa: PLC0415
    from ringfence.leaks.attribution.findings import leak_findings, record_leak  # noqa: PLC0415

    with open_store(cases) as store, store.writing() as connection:
        check_store_names(connection, pseudonyms=bool(settings.privacy.pseudonym_key))
        record_leak(connection, leak_findings(found, settings), now())


def _lines(found: Attribution) -> list[str]:
    """Return the result as text: one line per source, and what remains."""
    from ringfence.visible import visible  # noqa: PLC0415

    others = found.items - found.explained - found.unheld - found.unknown
    return [
        *(f"{one.kind} {visible(one.name)}: {one.sentence}" for one in found.sources),
        (
            f"{len(found.sources):,} of {found.candidates:,} accounts and rings are named. They "
            f"hold {found.explained:,} of the {found.items:,} items of the copy."
        ),
        (
            f"Of the others, {others:,} are held by accounts that are not named, "
            f"{found.unheld:,} by no account, and {found.unknown:,} are not in the catalogue."
        ),
        f"The chance that any account is named that took no part is at most {found.rate:g}.",
        *found.notes,
    ]
