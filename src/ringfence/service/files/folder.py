"""Where each file of the service is."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.errors import SettingsError, reason
from ringfence.private_files import foreign_link, make_folder

_PRIVATE: Final = 0o700
_SETTING: Final = "service.folder"


@dataclass(frozen=True)
class ServiceFolder:
    """The folder in which the processes of the service meet.

    Attributes:
        root: the folder, as ``service.folder`` names it.
    """

    root: Path

    @property
    def log(self) -> Path:
        """The folder of the append log: events that were acknowledged and are not folded yet."""
        return self.root / "log"

    @property
    def tail_log(self) -> Path:
        """The append log of the lines that were read from log files and Kafka."""
        return self.root / "tail-log"

    @property
    def tail_positions(self) -> Path:
        """The places up to which log files and Kafka were read."""
        return self.root / "tail-positions.json"

    @property
    def stream_layouts(self) -> Path:
        """The folder that says how the lines of each stream of the tail log are read."""
        return self.root / "stream-layouts"

    @property
    def feed(self) -> Path:
        """The folder of the feed, which says who took what."""
        return self.root / "feed"

    @property
    def status(self) -> Path:
        """The folder with one status file per process."""
        return self.root / "status"

    @property
    def exposure(self) -> Path:
        """The folder of the exposure state."""
        return self.root / "exposure"

    @property
    def quarantine(self) -> Path:
        """The folder of records that the service received and could not read."""
        return self.root / "quarantine"

    @property
    def aside(self) -> Path:
        """The folder of records that were acknowledged and cannot be folded."""
        return self.root / "aside"

    @property
    def fold_plan(self) -> Path:
        """The plan of the fold that is being done."""
        return self.root / "fold.json"

    @property
    def fold_number(self) -> Path:
        """The number of the last fold plan."""
        return self.root / "fold-number"

    @property
    def scan_ledger(self) -> Path:
        """The copy of the ledger that is scanned now."""
        return self.root / "scan.duckdb"

    @property
    def population(self) -> Path:
        """The sample of accounts that the last scan has kept."""
        return self.root / "population.duckdb"

    @property
    def screened_part(self) -> Path:
        """The accounts that are examined now."""
        return self.root / "screened.duckdb"

    @property
    def report(self) -> Path:
        """The folder of what the last scan has written."""
        return self.root / "report"

    @property
    def charts(self) -> Path:
        """The folder with the charts of each case that the last scan has found."""
        return self.root / "charts"

    @property
    def ledger(self) -> Path:
        """The ledger, which only the judge opens."""
        return self.root / "ledger.duckdb"

    @property
    def cases(self) -> Path:
        """The case store, unless ``cases.url`` names another one."""
        return self.root / "cases.sqlite"

    @property
    def secret(self) -> Path:
        """The key of the hashes of names."""
        return self.root / "secret"

    @property
    def tokens(self) -> Path:
        """The hashes of the API tokens, with their scopes."""
        return self.root / "tokens.json"

    @property
    def reviewers(self) -> Path:
        """The people who log in, with the hashes of their passwords."""
        return self.root / "reviewers.json"

    @property
    def sessions(self) -> Path:
        """The sessions of the people who are logged in."""
        return self.root / "sessions.sqlite"

    @property
    def lock(self) -> Path:
        """The file whose lock the running service holds."""
        return self.root / "service.lock"

    @property
    def fold_lock(self) -> Path:
        """The file whose lock is held by the process that changes the ledger."""
        return self.root / "fold.lock"

    @property
    def form(self) -> Path:
        """The file that says which form the folder has."""
        return self.root / "form.json"

    def create(self) -> None:
        """Create the folder and those in it. Only their owner can enter the folders in it.

        Raises:
            SettingsError: a folder cannot be created, belongs to another user, or is a link.
        """
        try:
            link = foreign_link(self.root)
            if link is not None:
                raise SettingsError(
                    f"leads through {link}, a link of another user",
                    where=_SETTING,
                    hint="name a folder that only you can change",
                )
            make_folder(self.root)
            for folder in (
                *(self.log, self.tail_log, self.stream_layouts, self.feed, self.status),
                *(self.exposure, self.quarantine),
            ):
                make_folder(folder)
                _make_private(folder)
        except OSError as error:
            raise SettingsError(
                f"cannot be created: {reason(error)}",
                where=str(error.filename or self.root),
                hint=f"name another folder with {_SETTING}",
            ) from error


def _make_private(folder: Path) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise SettingsError(
            "is not a folder of the user that runs the service",
            where=str(folder),
            hint="remove it, or run the service as its owner",
        )
    if stat.S_IMODE(found.st_mode) != _PRIVATE:
        folder.chmod(_PRIVATE)
