"""The file with all reviewers. Only its owner can read it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from pydantic import TypeAdapter, ValidationError

from ringfence.cases.appeals import same_person
from ringfence.errors import SettingsError, reason
from ringfence.private_files import new_file
from ringfence.service.files import ServiceFolder
from ringfence.service.reviewers.reviewer import Reviewer

_REVIEWERS: Final = TypeAdapter(tuple[Reviewer, ...])


def read_reviewers(folder: ServiceFolder) -> tuple[Reviewer, ...]:
    """Return all reviewers; none if nobody was ever added.

    Raises:
        SettingsError: the file cannot be read, or is damaged.
    """
    try:
        return _REVIEWERS.validate_json(folder.reviewers.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {reason(error)}", where=str(folder.reviewers), hint="check its owner"
        ) from error
    except ValidationError as error:
        raise SettingsError(
            "is not a file of reviewers",
            where=str(folder.reviewers),
            hint="restore it from a backup",
        ) from error


def add_reviewer(folder: ServiceFolder, reviewer: Reviewer) -> None:
    """Store a reviewer.

    An appeal is answered by another person than the decision's author. So nobody may be added twice
    with a name that differs in capitals or spaces only.

    Raises:
        SettingsError: somebody has the name already, or the file cannot be written.
    """
    with _changing(folder):
        known = read_reviewers(folder)
        if any(same_person(one.name, reviewer.name) for one in known):
            raise SettingsError(
                f"there is a reviewer {reviewer.name}",
                where=str(folder.reviewers),
                hint="choose another name, or remove the reviewer first",
            )
        _write(folder, (*known, reviewer))


def remove_reviewer(folder: ServiceFolder, name: str) -> Reviewer:
    """Remove a reviewer, and return him or her. A running service refuses all sessions at once.

    Raises:
        SettingsError: nobody has the name, or the file cannot be written.
    """
    with _changing(folder):
        known = read_reviewers(folder)
        found = next((one for one in known if one.name == name), None)
        if found is None:
            raise SettingsError(
                f"there is no reviewer {name}",
                where=str(folder.reviewers),
                hint="see ringfence reviewer list",
            )
        _write(folder, [one for one in known if one is not found])
    return found


def _write(folder: ServiceFolder, reviewers: Sequence[Reviewer]) -> None:
    with new_file(folder.reviewers) as file:
        file.write(_REVIEWERS.dump_json(tuple(reviewers), indent=1) + b"\n")


@contextmanager
def _changing(folder: ServiceFolder) -> Iterator[None]:
    """Let one process at a time change the reviewers.

    Raises:
        SettingsError: the file cannot be written.
    """
    try:
        folder.create()
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        handle = os.open(folder.root / "reviewers.lock", flags, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
    except OSError as error:
        raise SettingsError(
            f"cannot be written: {reason(error)}",
            where=str(folder.reviewers),
            hint="check the disk",
        ) from error
