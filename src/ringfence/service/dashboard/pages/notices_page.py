"""The pages about notices: the links in the register, and the packs that were made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ringfence.errors import LeakError
from ringfence.leaks.overview import (
    UnreadableFolder,
    WrittenPack,
    hosts_of,
    written_pack,
    written_packs,
)
from ringfence.leaks.overview.packs import MOST_HOSTS
from ringfence.leaks.register.stored_summary import DayCounts, StoredSummary, stored_summary
from ringfence.service.dashboard.page_request import DashboardRequest

_DAYS: Final = 90
_WIDTH: Final = 560
_HEIGHT: Final = 140


@dataclass(frozen=True)
class LinkTrend:
    """The days of a register as a drawing.

    Attributes:
        days: the last ones, oldest first.
        most: the largest number that is drawn.
        there: corners of the line of links that are still there.
        removed: corners of the line of removed links.
    """

    days: Sequence[DayCounts]
    most: int
    there: str
    removed: str


def show(page: DashboardRequest) -> Response:
    """Answer with the state of the links, and all packs. No link is visited or listed."""
    leaks = page.office.settings.leaks
    links, fault = _register(leaks.link_register)
    packs, unreadable, packs_fault = _packs(leaks.packs)
    return page.page(
        "notices", links=links, fault=fault, packs=packs, unreadable=unreadable,
        packs_fault=packs_fault, settings=leaks, trend=trend_of(links.days) if links else None,
    )  # fmt: skip


def show_pack(page: DashboardRequest) -> Response:
    """Answer with the notices of one pack by host.

    Raises:
        HTTPException: there is no such pack.
    """
    folder = page.office.settings.leaks.packs
    found = written_pack(Path(folder), page.request.path_params["pack"]) if folder else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return page.page("pack", found=found, hosts=hosts_of(found), most=MOST_HOSTS)


def trend_of(days: Sequence[DayCounts]) -> LinkTrend | None:
    """Return the last 90 days as a drawing, by date; None for fewer than two.

    Args:
        days: oldest first.
    """
    shown = days[-_DAYS:]
    if len(shown) < 2:
        return None
    there = {one.day.toordinal(): one.still_there for one in shown}
    removed = {one.day.toordinal(): one.states.get("removed", 0) for one in shown}
    most = max(*there.values(), *removed.values(), 1)
    return LinkTrend(shown, most, _corners(there, most), _corners(removed, most))


def _corners(counts: Mapping[int, int], most: int) -> str:
    first, last = min(counts), max(counts)
    return " ".join(
        f"{60 + _WIDTH * (day - first) / (last - first):.1f},{160 - _HEIGHT * count / most:.1f}"
        for day, count in counts.items()
    )


def _register(folder: str) -> tuple[StoredSummary | None, str]:
    """Return the numbers of the register, or why they cannot be read."""
    if not folder:
        return None, ""
    try:
        return stored_summary(Path(folder)), ""
    except LeakError as error:
        return None, error.what


def _packs(folder: str) -> tuple[list[WrittenPack], list[UnreadableFolder], str]:
    """Return the packs, the folders that cannot be read, and why there are none at all."""
    if not folder:
        return [], [], ""
    try:
        return *written_packs(Path(folder)), ""
    except LeakError as error:
        return [], [], error.what
