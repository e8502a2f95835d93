"""Copy the ledger between two folds, while the judge has it open."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from ringfence.engine import ENGINE_ENDINGS
from ringfence.errors import LedgerError, reason
from ringfence.own_folders import OwnFolder
from ringfence.private_files import new_place
from ringfence.service.files import ServiceFolder, awaited_fold_turn

COPY_PREFIX: Final = ".question-"
"""The beginning of the names of folders with copies. A later copy removes those of a crash."""

_LONGEST_FOLD: Final = 300.0
"""Seconds to wait for the end of a fold."""


def copy_ledger(source: Path, target: Path) -> None:
    """Copy a ledger that nobody changes meanwhile, with the changes in its log.

    Raises:
        OSError: there is no room for it.
    """
    for ending in ENGINE_ENDINGS:
        log = beside(source, ending)
        if log.exists():
            with new_place(beside(target, ending)) as place:
                shutil.copyfile(log, place)
    # The copy is complete when it has its name.
    with new_place(target) as place:
        shutil.copyfile(source, place)


@contextmanager
def copied_ledger(folder: ServiceFolder, least_free: int) -> Iterator[Path | None]:
    """Give a copy of the ledger of a service that may be running; None if there is none yet.

    Args:
        folder: of the service.
        least_free: bytes of the disk that must stay free beside the copy.

    Raises:
        LedgerError: the disk has no room for a copy, or no fold came to its end.
    """
    with ExitStack() as until_closed:
        # An error of the caller, who uses the copy, is told under its own name.
        try:
            own = until_closed.enter_context(OwnFolder(COPY_PREFIX, parent=folder.root))
            copy = _copy_into(own.path, folder, least_free)
        except OSError as error:
            raise LedgerError(
                f"cannot be copied: {reason(error)}",
                where=str(folder.ledger),
                hint="the disk of service.folder needs room for a copy of the ledger",
            ) from error
        yield copy


def _copy_into(place: Path, folder: ServiceFolder, least_free: int) -> Path | None:
    """Copy the ledger between two folds; return the copy, or None if there is no ledger yet."""
    late = LedgerError(
        "the judge did not finish a fold", where=str(folder.ledger), hint="ask again later"
    )
    with awaited_fold_turn(folder, _LONGEST_FOLD, late):
        if not folder.ledger.exists():
            return None
        _check_room(folder, least_free)
        target = place / folder.ledger.name
        copy_ledger(folder.ledger, target)
        return target


def beside(path: Path, ending: str) -> Path:
    """Return the path of a file that the engine keeps beside a ledger."""
    return path.with_name(path.name + ending)


def _check_room(folder: ServiceFolder, least_free: int) -> None:
    files = (folder.ledger, *(beside(folder.ledger, one) for one in ENGINE_ENDINGS))
    size = sum(path.stat().st_size for path in files if path.exists())
    if shutil.disk_usage(folder.root).free < size + least_free:
        raise LedgerError(
            f"cannot be copied: the copy needs {size // 1_000_000 + 1:,} MB, and "
            f"{least_free // 1_000_000:,} MB must stay free",
            where=str(folder.ledger),
            hint="free some space on the disk of service.folder",
        )
