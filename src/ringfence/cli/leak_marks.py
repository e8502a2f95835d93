"""``ringfence leak marks`` and ``ringfence leak mark-key``: keyed marks in served values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from ringfence.cli.config import Config, settings_from
from ringfence.errors import SettingsError

if TYPE_CHECKING:
    from ringfence.leaks.marks import Detection, NamedAccount

AsDocument = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead of tables.")
]
"""The option, as the commands on leaks have it."""

_UNITS = ("unit", "thousand")


def mark_key(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="File of keys for marks.")
    ],
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Add a new key, and make marks with it from now on.")
    ] = False,
) -> None:
    """Make a file with a secret key for marks, or add a new key to it.

    Restart the services that make marks after a rotation. Keep every key: marks that were made
    with it can only be found with it. Only the id of a key is printed.
    """
    from ringfence.leaks.marks import create_mark_keys, rotate_mark_keys  # noqa: PLC0415

    keys = rotate_mark_keys(file) if rotate else create_mark_keys(file)
    typer.echo(f"Key {keys.current.id} is in use; the file has {len(keys.keys):,} in total.")


def marks(  # noqa: PLR0913, PLR0917 - one parameter per option
    dump: Annotated[
        Path,
        typer.Argument(
            metavar="DUMP", show_default=False, help="The copy, in any format of leak assess."
        ),
    ],
    keys: Annotated[
        Path, typer.Option(metavar="FILE", show_default=False, help="File of keys for marks.")
    ],
    ledger: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Ledger of all accounts. Each is compared on the items it holds.",
        ),
    ] = None,
    accounts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default=False,
            help="Table with the column account. Each is compared on all rows.",
        ),
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default=False, help="Table with the true values."),
    ] = None,
    field: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the marked field, as the marker has it.")
    ] = "duration_ms",
    item_column: Annotated[
        str, typer.Option(metavar="NAME", help="Column with the item.")
    ] = "item",
    value_column: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            show_default=False,
            help="Column of the copy with the value. Default: the name of the field.",
        ),
    ] = "",
    unit: Annotated[
        str,
        typer.Option(
            metavar="UNIT",
            show_default=False,
            help="Numbers of the copy: unit (as marked) or thousand (of it, such as seconds). "
            "Default: found out.",
        ),
    ] = "",
    error: Annotated[
        float,
        typer.Option(
            metavar="P",
            min=1e-300,
            max=0.5,
            help="Chance of naming any account that took no part.",
        ),
    ] = 1e-9,
    config: Config = None,
    as_json: AsDocument = False,
) -> None:
    """Name the accounts whose marks a published copy carries.

    The chance of naming an account that took no part is bounded for all accounts and keys together.
    Nothing is written.

    Exit status: 0 if an account is named; 1 if none is; 2 if a file or an option cannot be used.
    """
    if unit and unit not in _UNITS:
        raise SettingsError(
            f"{unit[:80]!r} is not a unit", where="--unit", hint="use unit or thousand"
        )
    from ringfence.leaks.marks.search import MarkColumns, search_marks  # noqa: PLC0415
    from ringfence.leaks.marks.values import ValueUnit  # noqa: PLC0415

    found = search_marks(
        dump,
        keys,
        ledger=ledger,
        accounts=accounts,
        catalogue=catalogue,
        columns=MarkColumns(
            item_column, field, value_column, cast("ValueUnit | None", unit or None)
        ),
        settings=settings_from(config),
        error=error,
    )
    typer.echo(json.dumps(_to_json(found), indent=2) if as_json else "\n".join(_lines(found)))
    if not found.named:
        raise typer.Exit(1)


def _lines(found: Detection) -> list[str]:
    """Return the result as text: one line per named account, and what was compared."""
    from ringfence.visible import visible  # noqa: PLC0415

    return [
        *(f"{visible(one.account)}: {_agreement(one)}" for one in found.named),
        (
            f"{len(found.named):,} of {found.accounts:,} accounts are named, from "
            f"{found.rows:,} rows and {found.keys:,} {'key' if found.keys == 1 else 'keys'}."
        ),
        f"The chance that any account is named that took no part is at most {found.error:.0e}.",
        *filter(None, [found.unreadable.sentence]),
    ]


def _agreement(one: NamedAccount) -> str:
    error = f"error at most 1e{int(one.log10_error)}"
    if one.question == "code":
        return f"score {one.observed:,.0f} in {one.rows:,} rows of a joint copy; {error}"
    return (
        f"{one.observed:,.0f} of {one.rows:,} marks agree, {one.expected:,.1f} expected by chance; "
        f"{error}"
    )


def _to_json(found: Detection) -> dict[str, Any]:
    return {
        "named": [
            {
                "account": one.account,
                "key": one.key,
                "question": one.question,
                "rows": one.rows,
                "observed": one.observed,
                "expected": round(one.expected, 3),
                "share": None if one.question == "code" else round(one.share, 4),
                "log10_error": round(one.log10_error, 2),
            }
            for one in found.named
        ],
        "accounts": found.accounts,
        "rows": found.rows,
        "items": found.items,
        "keys": found.keys,
        "error": found.error,
        "screened": found.screened,
        "unreadable": found.unreadable.count,
    }
