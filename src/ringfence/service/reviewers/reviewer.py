"""A reviewer: a person with a name, a role, and a password or an identity at a provider."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal, get_args

from ringfence.cases import Author
from ringfence.errors import CasesError, SettingsError

ReviewerRole = Literal["viewer", "reviewer", "admin"]
"""What a person may do on the pages: look, work on cases, or also see the settings and people."""

REVIEWER_ROLES: Final[tuple[ReviewerRole, ...]] = get_args(ReviewerRole)
"""All roles. Each one may do what the ones before it may do."""

_LONGEST_NAME: Final = 100


@dataclass(frozen=True)
class Reviewer:
    """A person who may log in.

    Attributes:
        name: as the audit names the person.
        role: what the person may do.
        password_hash: argon2 hash of the password, with its salt and parameters; empty for a person
            who logs in with OpenID Connect.
        created: when the person was added or enabled again, as ISO 8601 in UTC.
        issuer: the provider that knows the person; empty for a person with a password.
        subject: the provider's own name of the person.
        disabled: whether the person may not log in.
    """

    name: str
    role: ReviewerRole
    password_hash: str
    created: str
    issuer: str = ""
    subject: str = ""
    disabled: bool = False

    def __post_init__(self) -> None:
        """Refuse a name that the audit would refuse.

        Raises:
            SettingsError: the name is empty, too long, has hidden characters or spaces at its
                ends, or is a name of the program.
        """
        try:
            Author(self.name)
        except CasesError as error:
            raise SettingsError(error.what, where=self.name[:80], hint="choose a name") from error
        if self.name != self.name.strip() or len(self.name) > _LONGEST_NAME:
            raise SettingsError(
                f"{self.name[:80]!r} cannot be the name of a reviewer",
                hint=f"use at most {_LONGEST_NAME} characters, without spaces at the ends",
            )

    def may(self, role: ReviewerRole) -> bool:
        """Return whether the person may do what this role may do."""
        return REVIEWER_ROLES.index(self.role) >= REVIEWER_ROLES.index(role)

    @property
    def stamp(self) -> str:
        """A text that changes with the password, the role, and if the person is added again."""
        parts: tuple[str, ...] = (self.name, self.role, self.password_hash, self.created)
        if self.subject:
            parts += (self.issuer, self.subject)
        return hashlib.sha256(repr(parts).encode()).hexdigest()
