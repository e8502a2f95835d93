"""``ringfence leak overview``: what the pages about leaks show, as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ringfence.cli.config import Config, settings_from
from ringfence.cli.leak_marks import AsDocument
from ringfence.errors import SettingsError

if TYPE_CHECKING:
    from ringfence.leaks.overview import CanaryCounts, UnreadableFolder, WrittenLeak, WrittenPack
    from ringfence.leaks.register.stored_summary import StoredSummary
    from ringfence.settings import Settings


@dataclass(frozen=True)
class _Overview:
    """All that is shown. None or empty: the settings do not say where it is."""

    leaks: list[WrittenLeak]
    canaries: CanaryCounts | None
    links: StoredSummary | None
    packs: list[WrittenPack]
    unreadable: list[UnreadableFolder]


def overview(config: Config = None, as_json: AsDocument = False) -> None:
    """List assessed copies, and count canaries, links and packs of notices.

    The section [leaks] of the settings says where they are, and canaries.file has the canaries.
    The register of links is not opened, so another command may use it.

    Exit status: 0; 2 if a folder cannot be read, or if the settings name none.
    """
    from ringfence.visible import visible  # noqa: PLC0415

    found = _found(settings_from(config))
    if as_json:
        typer.echo(json.dumps(_document(found), indent=2))
        return
    for line in _lines(found):
        typer.echo(visible(line))


def _found(settings: Settings) -> _Overview:
    """Return what the folders of the settings have.

    Raises:
        SettingsError: the settings name no folder.
    """
    from ringfence.leaks.overview import count_canaries, written_leaks, written_packs  # noqa: PLC0415
    from ringfence.leaks.register.stored_summary import stored_summary  # noqa: PLC0415

    places, canaries = settings.leaks, settings.canaries.file
    if not (places.assessments or places.packs or places.link_register or canaries):
        raise SettingsError(
            "the settings do not say where assessments, packs, links or canaries are",
            hint="set leaks.assessments, leaks.packs, leaks.link_register or canaries.file",
        )
    leaks, lost = written_leaks(Path(places.assessments)) if places.assessments else ([], [])
    packs, lost_packs = written_packs(Path(places.packs)) if places.packs else ([], [])
    return _Overview(
        leaks,
        count_canaries(canaries) if canaries else None,
        stored_summary(Path(places.link_register)) if places.link_register else None,
        packs,
        lost + lost_packs,
    )


def _lines(found: _Overview) -> list[str]:
    """Return the overview as text."""
    lines = []
    for leak in found.leaks:
        said = leak.assessment.headline if leak.assessment else "It was not assessed."
        lines.append(f"{leak.name}, {leak.written:%Y-%m-%d}: {said}")
        if leak.attribution:
            named, compared = len(leak.attribution.sources), leak.attribution.candidates
            lines.append(f"  {named:,} of {compared:,} accounts and rings are named as its source.")
    if found.canaries:
        lines.append(f"Canaries: {found.canaries.planted:,} are planted.")
    if found.links:
        states = ", ".join(f"{count:,} {state}" for state, count in found.links.states.items())
        lines.append(f"Links: {found.links.links:,}: {states}.")
        if found.links.waiting:
            lines.append(f"  At most {found.links.waiting:,} new rows are not counted yet.")
    lines += [_pack_line(one) for one in found.packs]
    return lines + [f"{one.name} cannot be read: {one.why}" for one in found.unreadable]


def _pack_line(found: WrittenPack) -> str:
    if not found.pack or not found.signed:
        return f"Pack {found.path.name}: it is not complete."
    notices = sum(found.pack.notices.values())
    return (
        f"Pack {found.path.name}, {found.pack.day}: notices {notices:,}, "
        f"links {found.pack.links:,}, hosts {found.pack.hosts:,}."
    )


def _document(found: _Overview) -> dict[str, Any]:
    """Return the overview as a document."""
    links = found.links
    return {
        "leaks": [
            {
                "name": one.name,
                "written": f"{one.written:%Y-%m-%dT%H:%M:%SZ}",
                "assessment": one.assessment.model_dump(mode="json") if one.assessment else None,
                "attribution": one.attribution.model_dump(mode="json") if one.attribution else None,
            }
            for one in found.leaks
        ],
        "canaries": found.canaries.planted if found.canaries else None,
        "links": links and {
            "states": links.states,
            "waiting": links.waiting,
            "days": [one.model_dump(mode="json") for one in links.days],
        },
        "packs": [
            {
                "name": one.path.name,
                "signed": one.signed,
                "pack": one.pack.model_dump(mode="json") if one.pack else None,
            }
            for one in found.packs
        ],
        "unreadable": [{"name": one.name, "why": one.why} for one in found.unreadable],
    }  # fmt: skip
