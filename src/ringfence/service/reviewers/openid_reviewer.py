"""People who log in with OpenID Connect: they are reviewers from their first login on."""

from __future__ import annotations

from typing import Literal

from ringfence.cases.appeals import same_person
from ringfence.errors import RingfenceError, SettingsError
from ringfence.service.files import ServiceFolder
from ringfence.service.reviewers.reviewer import Reviewer
from ringfence.service.reviewers.reviewer_file import (
    add_reviewer,
    change_reviewer,
    read_reviewers,
)

LoginRefusal = Literal["expired", "refused", "failed", "role", "name", "disabled"]
"""Why somebody cannot log in: came back too late; was refused by the provider; the provider cannot
be asked or its answer is not valid; has no role; has a name that cannot be used; is disabled."""


class RefusedLoginError(RingfenceError):
    """Somebody cannot log in with OpenID Connect.

    Args:
        why: what the person is told.
        what: what the log of the service says.
    """

    def __init__(self, why: LoginRefusal, what: str) -> None:
        self.why: LoginRefusal = why
        super().__init__(what)


def known_subject(folder: ServiceFolder, issuer: str, subject: str) -> Reviewer | None:
    """Return the reviewer with an identity at a provider; None if nobody has it.

    Raises:
        SettingsError: the file of the reviewers cannot be read.
    """
    for one in read_reviewers(folder):
        if (one.issuer, one.subject) == (issuer, subject):
            return one
    return None


def admit(folder: ServiceFolder, person: Reviewer) -> Reviewer:
    """Return the reviewer with this person's identity, who is added at the first login.

    The name at the first login never changes. The author of a decision must not answer an appeal
    against it, so nobody may become another person by changing the name. For the same reason,
    nobody gets the name of somebody else. A new role counts at once, and ends the sessions with the
    old one.

    Args:
        folder: of the service.
        person: name, role and identity, as the provider tells them now.

    Raises:
        RefusedLoginError: the person is disabled, or somebody else has the name.
        SettingsError: the file of the reviewers cannot be read or written.
    """
    known = known_subject(folder, person.issuer, person.subject)
    if known is None:
        try:
            add_reviewer(folder, person)
        except SettingsError as error:
            if any(same_person(one.name, person.name) for one in read_reviewers(folder)):
                raise RefusedLoginError("name", "somebody else has the name") from error
            raise
        return person
    if known.disabled:
        raise RefusedLoginError("disabled", f"{known.name} is disabled")
    if known.role != person.role:
        return change_reviewer(folder, known.name, role=person.role)
    return known
