"""The folder of a register: its files, its manifest, and the lock of the process that uses it.

    manifest.json                      which of the other files count
    partitions/pa7/links-000012.parquet  one row per link, sorted by host and link
    partitions/pa7/events-000012.parquet the other facts about these links
    deltas/000013/found/part=pa7/        rows that are not merged into their partition yet
    lock                               held by the process that uses the register

A link belongs to the partition that the first hexadecimal digits of its MD5 name. Their number, the
depth, is 0 in a small register and at most 2. Unlike a hash of the database, MD5 stays the same in
every version, and Spark has it too. It protects nothing here.

Files are written first and get their names, then the manifest is replaced in one step, then files
that it no longer names are removed. So a crash at any moment leaves the old register or the new
one. The next process removes what neither of them names.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ringfence.errors import LeakError, reason
from ringfence.leaks.register.states import LinkState
from ringfence.leaks.register.urls import URL_RULES
from ringfence.private_files import (
    foreign_link,
    make_folder,
    new_file,
    remove_partial_files,
    sync_folder,
)

ROWS_PER_PARTITION: Final = 4_000_000
"""Rows of a partition, about, at which the register gets 16 times as many partitions."""

_DEEPEST: Final = 2


def part_sql(depth: int) -> str:
    """Return SQL of the partition of a link; ``depth`` is that of the manifest."""
    return f"'p' || left(md5(url), {depth:d})"


def part_of(url: str, depth: int) -> str:
    """Return the partition of a link."""
    return "p" + hashlib.md5(url.encode(), usedforsecurity=False).hexdigest()[:depth]


def partitions_at(depth: int) -> tuple[str, ...]:
    """Return the names of all partitions."""
    return tuple("p" + "".join(digits) for digits in product("0123456789abcdef", repeat=depth))


def depth_for(rows: int) -> int:
    """Return the depth at which partitions of a register of this size are small enough."""
    depths = range(_DEEPEST)
    return next((one for one in depths if rows <= ROWS_PER_PARTITION * 16**one), _DEEPEST)


DeltaKind = Literal["found", "events"]
"""Rows of a delta: links that were found, or facts about known links."""

_FORMAT: Final = 1
_MOST_BYTES: Final = 100 << 20


class PartitionFacts(BaseModel):
    """A partition as the manifest describes it.

    Attributes:
        merged: number of the newest delta that is merged into it; names its files.
        links: number of its links.
        events: number of facts about them.
        states: number of links in each state.
    """

    model_config = ConfigDict(extra="forbid")

    merged: int = Field(0, ge=0)
    links: int = Field(0, ge=0)
    events: int = Field(0, ge=0)
    states: dict[LinkState, int] = {}


class Manifest(BaseModel):
    """The content of ``manifest.json``.

    Attributes:
        format: number of this layout.
        url_rules: number of the rules by which links are written.
        last: number of the newest delta that was ever made.
        depth: number of hexadecimal digits in the name of a partition.
        deltas: numbers of the deltas that are not merged into all partitions yet.
        waiting: rows of these deltas, at most.
        partitions: the partitions that have links.
    """

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = _FORMAT
    url_rules: int = URL_RULES
    last: int = Field(0, ge=0)
    depth: int = Field(0, ge=0, le=_DEEPEST)
    waiting: int = Field(0, ge=0)
    deltas: list[int] = []
    partitions: dict[str, PartitionFacts] = {}


@dataclass
class RegisterFolder:
    """The files of a register, for the process that holds its lock.

    Attributes:
        root: the folder.
        manifest: as it is on disk.
    """

    root: Path
    manifest: Manifest = field(default_factory=Manifest)

    @property
    def rows(self) -> int:
        """The number of rows of the register, at most: merged or not."""
        merged = sum(one.links + one.events for one in self.manifest.partitions.values())
        return merged + self.manifest.waiting

    def files(self) -> list[Path]:
        """Return all files that the manifest names."""
        names = self.manifest.partitions
        merged = [path for part in names for path in (self.links(part), self.events(part))]
        found = [
            path
            for number in self.manifest.deltas
            for path in self.delta(number).rglob("*.parquet")
        ]
        return [path for path in merged if path.exists()] + found

    def facts(self, part: str) -> PartitionFacts:
        """Return the facts of a partition, which may have no links."""
        return self.manifest.partitions.get(part, PartitionFacts())

    def links(self, part: str, merged: int | None = None) -> Path:
        """Return the file with the links of a partition."""
        return self._file(part, "links", merged)

    def events(self, part: str, merged: int | None = None) -> Path:
        """Return the file with the facts about the links of a partition."""
        return self._file(part, "events", merged)

    def delta(self, number: int) -> Path:
        """Return the folder of a delta."""
        return self.root / "deltas" / f"{number:06d}"

    def pending(self, part: str, kind: DeltaKind) -> list[Path]:
        """Return the files of the deltas that are not merged into a partition yet."""
        merged = self.facts(part).merged
        folders = [
            self.delta(number) / kind / f"part={part}"
            for number in self.manifest.deltas
            if number > merged
        ]
        return sorted(file for folder in folders for file in folder.glob("*.parquet"))

    def write_manifest(self) -> None:
        """Replace the manifest by the one in memory, in one step."""
        with new_file(self._manifest) as file:
            file.write(self.manifest.model_dump_json(indent=1).encode() + b"\n")

    def read_manifest(self) -> bool:
        """Read the manifest. Return whether there is one.

        Raises:
            LeakError: it is damaged, or of another version.
        """
        try:
            with self._manifest.open("rb") as file:
                text = file.read(_MOST_BYTES)
        except FileNotFoundError:
            return False
        try:
            self.manifest = Manifest.model_validate_json(text)
        except ValidationError as error:
            raise LeakError(
                "is not a manifest of a register of links, or another version wrote it",
                where=str(self._manifest),
                hint="restore it from a backup",
            ) from error
        if self.manifest.url_rules != URL_RULES:
            raise LeakError(
                "was made with other rules for links",
                where=str(self.root),
                hint="list its links, and add them to a new register",
            )
        return True

    def remove_leftovers(self) -> None:
        """Remove the files that the manifest does not name, and those of a process that died."""
        remove_partial_files(self.root)
        live = {self.delta(number).name for number in self.manifest.deltas}
        for folder in _entries(self.root / "deltas"):
            if folder.name not in live:
                shutil.rmtree(folder, ignore_errors=True)
        for folder in _entries(self.root / "partitions"):
            named = {self.links(folder.name), self.events(folder.name)}
            for file in _entries(folder):
                if file not in named and file.suffix == ".parquet":
                    file.unlink()
            remove_partial_files(folder)

    def remove_merged_deltas(self) -> None:
        """Forget the deltas that are merged into all partitions, and remove their files."""
        alive = [
            number
            for number in self.manifest.deltas
            if any(self.facts(part).merged < number for part in self._parts_of(number))
        ]
        if alive != self.manifest.deltas:
            merged = set(self.manifest.deltas) - set(alive)
            self.manifest.deltas = alive
            self.manifest.waiting = self.manifest.waiting if alive else 0
            self.write_manifest()
            for number in merged:
                shutil.rmtree(self.delta(number), ignore_errors=True)

    def stored_bytes(self) -> int:
        """Return the size of all files."""
        return sum(file.stat().st_size for file in self.root.rglob("*") if file.is_file())

    def _parts_of(self, number: int) -> set[str]:
        folders = self.delta(number).glob("*/part=*")
        return {folder.name.removeprefix("part=") for folder in folders}

    @property
    def _manifest(self) -> Path:
        return self.root / "manifest.json"

    def _file(self, part: str, kind: str, merged: int | None) -> Path:
        number = self.facts(part).merged if merged is None else merged
        return self.root / "partitions" / part / f"{kind}-{number:06d}.parquet"


@contextmanager
def locked_folder(root: Path, *, create: bool) -> Iterator[RegisterFolder]:
    """Open the folder of a register for this process alone.

    Args:
        root: the folder.
        create: whether an absent or empty folder becomes a new register.

    Raises:
        LeakError: it is not a register, is damaged, cannot be used, or another process uses it.
    """
    try:
        if create:
            _prepare(root)
        elif not (root / "manifest.json").is_file():
            raise LeakError(
                "is not a register of links",
                where=str(root),
                hint="make one with ringfence leak links add",
            )
        handle = os.open(
            root / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
    except OSError as error:
        raise _unusable(root, error) from error
    try:
        _take(handle, root)
        yield _opened(root)
    except OSError as error:
        raise _unusable(root, error) from error
    finally:
        os.close(handle)


def sync_files(folder: Path) -> None:
    """Wait until the disk has all files in a folder and below it."""
    for path, _, names in os.walk(folder):
        for name in names:
            with (Path(path) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(path))


def _prepare(root: Path) -> None:
    if os.fsencode(root) != str(root).encode(errors="replace"):
        raise LeakError("its name is not UTF-8, which the database requires", where=str(root))
    if link := foreign_link(root):
        raise LeakError(
            f"goes through the link {link}, which another user may have made",
            where=str(root),
            hint="name the folder itself",
        )
    if root.is_dir() and not (root / "manifest.json").exists():
        others = {one.name for one in root.iterdir()} - {"lock", "deltas", "partitions"}
        if others:
            raise LeakError(
                "has other files and is not a register of links",
                where=str(root),
                hint="name a new folder",
            )
    make_folder(root)


def _opened(root: Path) -> RegisterFolder:
    folder = RegisterFolder(root)
    if not folder.read_manifest():
        for name in ("deltas", "partitions"):
            make_folder(root / name)
        folder.write_manifest()
    folder.remove_leftovers()
    return folder


def _take(handle: int, root: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        text = os.pread(handle, 20, 0).strip()
        holder = int(text) if text.isdigit() else "unknown"
        raise LeakError(
            f"is in use by process {holder}", where=str(root), hint="wait until it has finished"
        ) from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _unusable(root: Path, error: OSError) -> LeakError:
    return LeakError(
        f"cannot be used: {reason(error)}",
        where=str(error.filename or root),
        hint="check its owner and the room on its disk",
    )
