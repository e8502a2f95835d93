"""``ringfence leak notice`` and the commands for its key and its packs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from ringfence.cli.config import Config, settings_from
from ringfence.cli.leak_marks import AsDocument
from ringfence.errors import SettingsError
from ringfence.statement_settings import Language

if TYPE_CHECKING:
    from ringfence.leaks.notices import Law, NoticePack, PackCheck
    from ringfence.notice_settings import Recipient

_LAWS = ("dmca", "dsa")
_SHOWN = 20


def notice_key(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", show_default=False, help="File for the key.")
    ],
) -> None:
    """Make a file with a secret key that signs packs of notices.

    Tell recipients the fingerprint that is printed, so that they can check who signed.
    """
    from ringfence.leaks.notices import create_notice_key  # noqa: PLC0415

    typer.echo(f"Fingerprint of the key: {create_notice_key(file).fingerprint}")


def notice(  # noqa: PLR0913, PLR0917 - one parameter per option
    assessment: Annotated[
        Path,
        typer.Option(
            metavar="DIR", show_default=False, help="Folder that leak assess --out wrote."
        ),
    ],
    key: Annotated[
        Path, typer.Option(metavar="FILE", show_default=False, help="File of the signing key.")
    ],
    out: Annotated[
        Path, typer.Option(metavar="DIR", show_default=False, help="New folder for the pack.")
    ],
    links: Annotated[
        Path | None,
        typer.Argument(
            metavar="LINKS",
            show_default=False,
            help="Links, one per line, or csv, JSON lines or Parquet with a column url.",
        ),
    ] = None,
    register: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            show_default=False,
            help="Instead of a file: the links of this register about which a recipient has not "
            "been told.",
        ),
    ] = None,
    law: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAW",
            show_default=False,
            help="dmca (17 U.S.C. § 512) or dsa (Article 16 of the EU's DSA). Repeatable. "
            "Default: dmca.",
        ),
    ] = None,
    language: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            show_default=False,
            help="Language of notices under the DSA: en or fr. Default: notices.language.",
        ),
    ] = "",
    day: Annotated[
        str,
        typer.Option(
            "--date",
            metavar="DAY",
            show_default=False,
            help="Date of the notices, such as 2026-03-09. Default: today, UTC.",
        ),
    ] = "",
    stix: Annotated[
        bool, typer.Option("--stix", help="Also write a STIX bundle for partners.")
    ] = False,
    config: Config = None,
    as_json: AsDocument = False,
) -> None:
    """Write notices about a published copy to hosts and search engines, with signed evidence.

    Nothing is sent, and no site is visited. A person must check and send the notices.

    Exit status: 0 if the notices are written; 2 if a file or an option cannot be used, or if the
    settings lack what a law requires.
    """
    from ringfence.leaks.notices import (  # noqa: PLC0415
        NoticeRequest,
        make_notices,
        open_notice_key,
    )
    from ringfence.pipeline.folders import check_folder  # noqa: PLC0415

    settings = settings_from(config)
    if (links is None) == (register is None):
        raise SettingsError(
            "give either a file of links or --register", where="links", hint="one of them"
        )
    request = NoticeRequest(
        links or register or Path(),
        assessment,
        _laws(law or ["dmca"]),
        _language(language) or settings.notices.language,
        _day(day),
        stix,
        registered=links is None,
    )
    made = make_notices(request, check_folder(out), open_notice_key(key), settings)
    typer.echo(json.dumps(made.to_json(), indent=2) if as_json else "\n".join(_made(made, out)))


def notice_check(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", show_default=False, help="Folder of a pack.")
    ],
    fingerprint: Annotated[
        str,
        typer.Option(
            metavar="HEX",
            show_default=False,
            help="Fingerprint of the key that must have signed, as its owner told you.",
        ),
    ] = "",
    as_json: AsDocument = False,
) -> None:
    """Check that a pack of notices is as it was signed.

    Exit status: 0 if it is; 1 if a file or the signature differs; 2 if the folder is not a pack.
    """
    from ringfence.leaks.notices import check_pack  # noqa: PLC0415

    found = check_pack(folder)
    expected = "".join(fingerprint.lower().split()).replace(":", "")
    known = not expected or found.fingerprint == expected
    if as_json:
        document = {
            "intact": found.intact and known,
            "fingerprint": found.fingerprint,
            "files": found.files,
            "changed": list(found.changed),
            "missing": list(found.missing),
            "added": list(found.added),
        }
        typer.echo(json.dumps(document, indent=2))
    else:
        typer.echo("\n".join(_checked(found, known=known)))
    if not (found.intact and known):
        raise typer.Exit(1)


def _laws(names: list[str]) -> tuple[Law, ...]:
    for name in names:
        if name not in _LAWS:
            raise SettingsError(f"{name[:80]!r} is not a law", where="--law", hint="dmca, dsa")
    return cast("tuple[Law, ...]", tuple(dict.fromkeys(names)))


def _language(code: str) -> Language | None:
    for language in get_args(Language):
        if code == language:
            return cast("Language", language)
    if code:
        raise SettingsError(
            f"{code[:80]!r} is not a language of notices", where="--language", hint="en, fr"
        )
    return None


def _day(text: str) -> date:
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(
            f"{text[:80]!r} is not a day", where="--date", hint="give one such as 2026-03-09"
        ) from error


def _made(made: NoticePack, out: Path) -> list[str]:
    """Return the result as text."""
    from ringfence.leaks.notices.texts import ENGINE_NAMES  # noqa: PLC0415
    from ringfence.model.phrases import counted  # noqa: PLC0415
    from ringfence.visible import visible  # noqa: PLC0415

    names: dict[Recipient, str] = {"host": "hosts", **ENGINE_NAMES}
    total = counted(sum(made.notices.values()), "notice")
    by_recipient = ", ".join(f"{number:,} to {names[one]}" for one, number in made.notices.items())
    about = f"{counted(made.links, 'link')} of {counted(made.hosts, 'host')}"
    refused = f"Not used: {counted(made.refused, 'link')}, see refused.jsonl."
    return [
        f"{total} about {about}: {by_recipient}.",
        *([refused] if made.refused else []),
        *made.warnings,
        f"{visible(str(out))} has {made.files:,} files, signed with the key {made.fingerprint}.",
        "Nothing was sent. A person must check the notices, and answers for their statements.",
    ]


def _checked(found: PackCheck, *, known: bool) -> list[str]:
    """Return the result of a check as text: what differs, and who signed."""
    from ringfence.visible import visible  # noqa: PLC0415

    lines = [
        f"{visible(name, 200)}: {what}"
        for what, names in (
            ("changed", found.changed),
            ("missing", found.missing),
            ("not listed", found.added),
        )
        for name in names[:_SHOWN]
    ]
    if found.fingerprint is None:
        lines.append("The signature of the manifest is wrong.")
    elif not known:
        lines.append(f"Another key signed the pack: {found.fingerprint}")
    else:
        lines.append(f"The manifest of {found.files:,} files was signed by {found.fingerprint}.")
    if found.intact and known:
        lines.append("Every file is as it was signed.")
    return lines
