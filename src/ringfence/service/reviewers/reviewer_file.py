"""The file with all reviewers. Only its owner can read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

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
        found = _named(folder, known, name)
        stored.write([one for one in known if one is not found])
    return found


def disable_reviewer(folder: ServiceFolder, name: str) -> Reviewer:
    """Keep a person out, and return him or her. A running service refuses all sessions at once.

    Raises:
        SettingsError: nobody has the name, or the file cannot be written.
    """
    return change_reviewer(folder, name, disabled=True)


def enable_reviewer(folder: ServiceFolder, name: str, created: str) -> Reviewer:
    """Let a person log in again, and return him or her.

    Args:
        folder: of the service.
        name: of the person.
        created: the time, as ISO 8601 in UTC. Sessions from before it stay refused.

    Raises:
        SettingsError: nobody has the name, or the file cannot be written.
    """
    return change_reviewer(folder, name, disabled=False, created=created)


def change_reviewer(folder: ServiceFolder, name: str, **values: Any) -> Reviewer:  # noqa: ANN401 - of a reviewer
    """Change some values of a person, and return him or her.

    Raises:
        SettingsError: nobody has the name, or the file cannot be written.
    """
    stored = _stored(folder)
    with stored.changing():
        known = stored.read()
        found = _named(folder, known, name)
        changed = replace(found, **values)
        stored.write([changed if one is found else one for one in known])
    return changed


def _named(folder: ServiceFolder, known: Sequence[Reviewer], name: str) -> Reviewer:
    found = next((one for one in known if one.name == name), None)
    if found is None:
        raise SettingsError(
            f"there is no reviewer {name}",
            where=str(folder.reviewers),
            hint="see ringfence reviewer list",
        )
    return found


def _stored(folder: ServiceFolder) -> StoredList[Reviewer]:
    return StoredList(folder, folder.reviewers, _REVIEWERS, "reviewers")
