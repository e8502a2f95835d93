"""The file with all reviewers. Only its owner can read it."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from ringfence.cases.appeals import same_person
from ringfence.errors import SettingsError
from ringfence.service.files import ServiceFolder, StoredList
from ringfence.service.reviewers.reviewer import Reviewer

_REVIEWERS: Final = TypeAdapter(tuple[Reviewer, ...])


def read_reviewers(folder: ServiceFolder) -> tuple[Reviewer, ...]:
    """Return all reviewers; none if nobody was ever added.

    Raises:
        SettingsError: the file cannot be read, or is damaged.
    """
    return _stored(folder).read()


def add_reviewer(folder: ServiceFolder, reviewer: Reviewer) -> None:
    """Store a reviewer.

    An appeal is answered by another person than the decision's author. So nobody may be added twice
    with a name that differs in capitals or spaces only.

    Raises:
        SettingsError: somebody has the name already, or the file cannot be written.
    """
    stored = _stored(folder)
    with stored.changing():
        known = stored.read()
        if any(same_person(one.name, reviewer.name) for one in known):
            raise SettingsError(
                f"there is a reviewer {reviewer.name}",
                where=str(folder.reviewers),
                hint="choose another name, or remove the reviewer first",
            )
        stored.write((*known, reviewer))


def remove_reviewer(folder: ServiceFolder, name: str) -> Reviewer:
    """Remove a reviewer, and return him or her. A running service refuses all sessions at once.

    Raises:
        SettingsError: nobody has the name, or the file cannot be written.
    """
    stored = _stored(folder)
    with stored.changing():
        known = stored.read()
        found = next((one for one in known if one.name == name), None)
        if found is None:
            raise SettingsError(
                f"there is no reviewer {name}",
                where=str(folder.reviewers),
                hint="see ringfence reviewer list",
            )
        stored.write([one for one in known if one is not found])
    return found


def _stored(folder: ServiceFolder) -> StoredList[Reviewer]:
    return StoredList(folder, folder.reviewers, _REVIEWERS, "reviewers")
