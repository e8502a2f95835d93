"""The numbers of a register for readers that must not open it: now, and day by day.

``manifest.json`` has the number of links in each state. It is replaced in one step, so it can be
read while another process uses the register, and it is as small at a billion links as at a
thousand. It has neither the past nor the hosts with the most links. Commands that have the register
open write these to ``summary.json``, one entry per day.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ringfence.errors import LeakError, SettingsError, reason
from ringfence.leaks.register.folder import RegisterFolder
from ringfence.leaks.register.results import RegisterSummary
from ringfence.leaks.register.states import LINK_STATES, LinkState
from ringfence.private_files import new_file
from ringfence.small_files import read_small_file

SUMMARY_FILE: Final = "summary.json"
"""The file in the folder of a register."""

DAYS_IN_SUMMARY: Final = 1_000
"""Days that are kept: the newest ones."""

_LARGEST: Final = 16 << 20


class DayCounts(BaseModel):
    """The register at the end of a day on which it was counted.

    Attributes:
        day: in UTC.
        states: number of links in each state.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    day: date
    states: dict[LinkState, int]

    @property
    def still_there(self) -> int:
        """The links that are not removed, as far as is known."""
        return sum(count for state, count in self.states.items() if state != "removed")


class _Summary(BaseModel):
    """The content of ``summary.json``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    format: Literal[1] = 1
    counted: datetime | None = None
    open_hosts: int = Field(0, ge=0)
    largest: tuple[tuple[str, int], ...] = ()
    days: tuple[DayCounts, ...] = ()


@dataclass(frozen=True)
class StoredSummary:
    """A register in numbers, as its files state them.

    Attributes:
        states: number of links in each state, now.
        waiting: rows, at most, that are not counted yet. The next command that lists or counts
            links counts them.
        counted: when the hosts were counted; None if they never were.
        open_hosts: number of hosts with links that were not removed then.
        largest: those with the most such links, and their number of them.
        days: the counts of past days, the oldest first.
    """

    states: dict[LinkState, int]
    waiting: int
    counted: datetime | None
    open_hosts: int
    largest: tuple[tuple[str, int], ...]
    days: tuple[DayCounts, ...]

    @property
    def links(self) -> int:
        """The number of links."""
        return sum(self.states.values())


def keep_summary(root: Path, found: RegisterSummary, at: datetime) -> None:
    """Keep the numbers of a register for today, in place of earlier ones of the same day.

    The process that calls it has the register open. Without the names of hosts, those that were
    kept before stay.

    Args:
        root: folder of the register.
        found: the register in numbers.
        at: when it was counted.

    Raises:
        LeakError: the file cannot be read or written.
    """
    before, at = _read(root), at.astimezone(UTC)
    days = {one.day: one for one in before.days}
    days[at.date()] = DayCounts(day=at.date(), states=found.states)
    newest = tuple(days[day] for day in sorted(days)[-DAYS_IN_SUMMARY:])
    changes: dict[str, object] = {"days": newest}
    if found.largest or not found.open_hosts:
        changes |= {"counted": at, "open_hosts": found.open_hosts, "largest": found.largest}
    try:
        with new_file(root / SUMMARY_FILE) as file:
            file.write(before.model_copy(update=changes).model_dump_json(indent=1).encode() + b"\n")
    except OSError as error:
        raise LeakError(
            f"cannot be written: {reason(error)}", where=str(root / SUMMARY_FILE)
        ) from error


def stored_summary(root: Path) -> StoredSummary:
    """Return a register in numbers without opening it, also while another process uses it.

    Raises:
        LeakError: the folder is not a register, or one of its files is damaged.
    """
    folder = RegisterFolder(root)
    try:
        known = folder.read_manifest()
    except OSError as error:
        raise LeakError(f"cannot be read: {reason(error)}", where=str(root)) from error
    if not known:
        raise LeakError(
            "is not a register of links",
            where=str(root),
            hint="make one with ringfence leak links add",
        )
    states: Counter[LinkState] = Counter()
    for one in folder.manifest.partitions.values():
        states.update(one.states)
    past = _read(root)
    return StoredSummary(
        {state: states[state] for state in LINK_STATES},
        folder.manifest.waiting,
        past.counted,
        past.open_hosts,
        past.largest,
        past.days,
    )


def _read(root: Path) -> _Summary:
    path = root / SUMMARY_FILE
    if not path.exists():
        return _Summary()
    try:
        return _Summary.model_validate_json(read_small_file(path, _LARGEST, "remove it"))
    except ValidationError as error:
        raise LeakError(
            "is damaged, or another version wrote it",
            where=str(path),
            hint="remove it: the counts of past days are lost, and the links stay",
        ) from error
    except SettingsError as error:
        raise LeakError(error.what, where=str(path), hint="remove it") from error
