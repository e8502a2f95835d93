"""The errors for a ledger file that cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ringfence.engine import ENGINE_ENDINGS, is_database
from ringfence.errors import EngineError, LedgerError, reason
from ringfence.private_files import foreign_link, leads_elsewhere

TO_READ: Final = "name a file that ringfence scan --ledger has written"
"""The hint for a reader whose file is not a ledger."""

TO_WRITE: Final = "name another file, or one that does not exist yet"
"""The hint for a scan whose ledger file is something else."""


def check_file(path: Path, hint: str) -> None:
    """Refuse a path that can be no ledger file. A file that does not exist yet passes.

    The check comes before the engine, which would open some other files, such as csv, as tables.

    Args:
        path: the file.
        hint: what the operator can do if something else is there.

    Raises:
        LedgerError: the path is a folder, another kind of file, or in a folder that does not exist.
    """
    if path.is_dir():
        raise LedgerError("is a folder, not a ledger file", where=str(path), hint=hint)
    if not path.parent.is_dir():
        raise LedgerError(
            f"cannot be created: the folder {path.parent} does not exist",
            where=str(path),
            hint="create the folder first, or name a file in another one",
        )
    try:
        other = path.exists() and not is_database(path)
    except OSError as error:
        raise cannot_open(path, error) from error
    if other:
        raise LedgerError("is not a ledger", where=str(path), hint=hint)


def check_links(path: Path) -> None:
    """Refuse a ledger file that writing would follow to a file with another name.

    Args:
        path: the file, which need not exist. The engine's own files beside it are checked, too.

    Raises:
        LedgerError: one of the files is a link, or another user's link leads to the folder.
        OSError: a file cannot be examined.
    """
    if link := foreign_link(path.parent):
        raise LedgerError(
            f"is reached through the link {link}, which another user may have made",
            where=str(path),
            hint="name the file in its own folder",
        )
    for name in (path.name, *(path.name + ending for ending in ENGINE_ENDINGS)):
        file = path.with_name(name)
        if elsewhere := leads_elsewhere(file):
            raise LedgerError(
                f"{elsewhere}, and a ledger is never written through another name",
                where=str(file),
                hint="name the file itself, or make a copy of it and name that",
            )


def check_log(path: Path) -> None:
    """Refuse to create a ledger beside the log of another one, which the engine would replay.

    Args:
        path: the file, which does not exist.

    Raises:
        LedgerError: there is such a log.
    """
    for ending in ENGINE_ENDINGS:
        log = path.with_name(path.name + ending)
        if log.exists():
            raise LedgerError(
                f"there is {log.name} beside it, with the last changes of a ledger of this name",
                where=str(path),
                hint="put that ledger back, or remove this file as well",
            )


def cannot_open(path: Path, error: EngineError | OSError) -> LedgerError:
    """Return the error that says why a ledger file cannot be opened, and what to do."""
    if isinstance(error, EngineError) and error.fault == "locked":
        holder = f"process {error.process}" if error.process else "this process or another one"
        return LedgerError(
            f"is in use by {holder}",
            where=str(path),
            hint="wait until that scan or session has ended, or name another ledger",
        )
    hint = "check that it is a Ringfence ledger, and that you may write to it"
    if isinstance(error, EngineError) and error.fault != "other":
        hint = error.hint
    return LedgerError(f"cannot be opened: {reason(error)}", where=str(path), hint=hint)
