"""Make a backup: files that belong together, of one moment, while the service runs.

The judge folds no events while its files are copied; the service still takes events and answers
gateways. The backup has each event that was acknowledged before it began, either in the ledger or
in the log.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from ringfence.engine import ENGINE_ENDINGS
from ringfence.errors import OutputError, SettingsError
from ringfence.own_folders import OwnFolder
from ringfence.private_files import PARTIAL, make_folder, sync_folder
from ringfence.service.backup.backup_contents import CASES_FILE, BackupContents, CopiedFile
from ringfence.service.backup.copying import copied, copied_store
from ringfence.service.event_log.reading import (
    CLOSED_ENDING,
    OPEN_ENDING,
    closed_segments,
    segment_number,
    segment_path,
    segments_named,
)
from ringfence.service.event_log.recent_keys import KEY_FILES
from ringfence.service.files import ServiceFolder, awaited_fold_turn, write_status

BACKUP_STATUS: Final = "backup"
"""The name of the status that tells about the last backup."""

_LONGEST_FOLD: Final = 900.0
"""Seconds to wait for the end of a fold."""

_COUNTERS: Final = "accounts.table"
_WHOLE: Final = "whole"


def back_up(folder: ServiceFolder, cases: Path | None, target: Path) -> BackupContents:
    """Copy the folder of a service, which may be running, into a new folder.

    Args:
        folder: of the service.
        cases: the file of the case store; None if it is in another database.
        target: the folder to make. It appears when the backup is complete.

    Raises:
        SettingsError: there is no service folder, or the target cannot be used.
        OutputError: the judge did not finish a fold.
        CasesError: the case store cannot be copied.
        OSError: a file cannot be read or written.
    """
    _check(folder, target)
    began = time.time()
    made = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    make_folder(target.parent)
    with OwnFolder(f".{target.name[:50]}.", PARTIAL, target.parent) as place:
        work = _Copying(folder, place.path / _WHOLE)
        make_folder(work.target)
        late = OutputError(
            f"a fold takes longer than {_LONGEST_FOLD:.0f} s",
            where=str(folder.root),
            hint="see status/judge.json, and try again",
        )
        with awaited_fold_turn(folder, _LONGEST_FOLD, late):
            work.log()
            work.tail()
            work.counts()
        has_cases = cases is not None and cases.exists()
        if cases is not None and has_cases:
            work.files[CASES_FILE] = copied_store(cases, work.target / CASES_FILE)
        work.others()
        contents = BackupContents(made, version("ringfence"), has_cases, work.files)
        contents.write(work.target)
        sync_folder(work.target)
        work.target.rename(target)
    sync_folder(target.parent)
    with suppress(OSError):
        values = {"time": began, "seconds": time.time() - began, "bytes": contents.size}
        write_status(folder, BACKUP_STATUS, values)
    return contents


class _Copying:
    """Copies the parts of a service, and notes what was copied."""

    def __init__(self, folder: ServiceFolder, target: Path) -> None:
        self.folder = folder
        self.target = target
        self.files: dict[str, CopiedFile] = {}

    def log(self) -> None:
        """Copy the log. The judge must not remove segments meanwhile; events may come.

        The keys are first: a batch whose key is known must be there, or a repetition would be lost.
        The open segment is next, because it may be closed meanwhile, and is then copied again.
        """
        log = self.folder.log
        for name in KEY_FILES:
            self._copy(log / name)
        opened = sorted(log.glob(f"*{OPEN_ENDING}"))
        for path in opened:
            self._copy(path)
        for path in closed_segments(log):
            self._copy(path)
        for path in opened:
            if self._name(path.with_suffix(CLOSED_ENDING)) in self.files:
                self._drop(path)

    def tail(self) -> None:
        """Copy the log of the lines that were read from files and Kafka, and how far these were.

        The places that are copied first have all segments that were closed before. Later segments
        become open ones in the backup, because the tailer reads the places of these from their
        frames. So no line is left out, and none is read again.
        """
        log = self.folder.tail_log
        for name in KEY_FILES:
            self._copy(log / name)
        before = closed_segments(log)
        self._copy(self.folder.tail_positions)
        for path in before:
            self._copy(path)
        known = {segment_number(path) for path in before}
        there = (*segments_named(log, OPEN_ENDING), *closed_segments(log))
        for number in sorted({segment_number(path) for path in there} - known):
            opened = segment_path(log, number, OPEN_ENDING)
            self._copy(opened)
            # It may have been closed meanwhile.
            self._copy(segment_path(log, number, CLOSED_ENDING), opened)
        for path in sorted(self.folder.stream_layouts.glob("[!.]*")):
            self._copy(path)

    def counts(self) -> None:
        """Copy the ledger and what belongs to it, and then the exposure, in the order of writing.

        The counters have the position in the feed. Behind it, a pair is in the filter before it is
        counted, so no pair is counted twice.
        """
        for path in sorted(self.folder.feed.glob("[!.]*")):
            self._copy(path)
        self._copy(self.folder.exposure / _COUNTERS)
        for path in sorted(self.folder.exposure.glob("[!.]*")):
            if path.name != _COUNTERS:
                self._copy(path)
        self._copy(self.folder.fold_plan)
        ledger = self.folder.ledger
        for path in (ledger, *(ledger.with_name(ledger.name + one) for one in ENGINE_ENDINGS)):
            self._copy(path)

    def others(self) -> None:
        """Copy the small files: tokens, people, the secret, and records that could not be used."""
        if self.folder.sessions.exists():
            name = self._name(self.folder.sessions)
            self.files[name] = copied_store(self.folder.sessions, self.target / name)
        for path in sorted(self.folder.root.glob("[!.]*")):
            if path.is_file() and not _is_separate(path.name):
                self._copy(path)
        for folder in (self.folder.quarantine, self.folder.aside):
            for path in sorted(folder.glob("[!.]*")):
                self._copy(path)

    def _copy(self, path: Path, called: Path | None = None) -> None:
        """Copy a file, under its own name or another; one that is gone meanwhile is left out."""
        name = self._name(called or path)
        if name in self.files or path.is_symlink() or path.is_dir():
            return
        with suppress(FileNotFoundError):
            self.files[name] = copied(path, self.target / name)

    def _drop(self, path: Path) -> None:
        name = self._name(path)
        if self.files.pop(name, None):
            (self.target / name).unlink()

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder.root).as_posix()


def _is_separate(name: str) -> bool:
    """Return whether a file is copied otherwise, or is of no use in a backup."""
    databases = (
        "ledger.duckdb", "scan.duckdb", "population.duckdb", "screened.duckdb", "cases.sqlite",
        "sessions.sqlite",
    )  # fmt: skip
    others = ("fold.json", "tail-positions.json")
    return name.startswith(databases) or name.endswith(".lock") or name in others


def _check(folder: ServiceFolder, target: Path) -> None:
    if not folder.secret.exists() and not folder.log.is_dir():
        raise SettingsError(
            "is not the folder of a service",
            where=str(folder.root),
            hint="name it with service.folder",
        )
    if target.exists() or target.is_symlink():
        raise SettingsError("exists", where=str(target), hint="name a new folder for the backup")
    if target.resolve().is_relative_to(folder.root.resolve()):
        raise SettingsError(
            "is in the folder of the service", where=str(target), hint="name a folder elsewhere"
        )
