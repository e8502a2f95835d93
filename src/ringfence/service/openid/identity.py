"""Read the identity and the role of a person from the claims of the provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringfence.openid_settings import OpenIdSettings
from ringfence.service.reviewers import REVIEWER_ROLES, RefusedLoginError, ReviewerRole

Claims = Mapping[str, Any]
"""The claims of a provider about a person, by name."""


@dataclass(frozen=True)
class OpenIdIdentity:
    """A person as the provider knows him or her.

    Attributes:
        issuer: the provider.
        subject: its own name of the person, which never changes.
        name: as the claim of the settings says it; empty if the claim is missing.
        role: None if no value of the role claim is in the settings.
    """

    issuer: str
    subject: str
    name: str
    role: ReviewerRole | None


def lacks_claims(settings: OpenIdSettings, claims: Claims) -> bool:
    """Return whether a claim that the settings need is missing."""
    return settings.name_claim not in claims or settings.role_claim not in claims


def identity_of(settings: OpenIdSettings, claims: Claims) -> OpenIdIdentity:
    """Return the person of these claims.

    Raises:
        RefusedLoginError: the name or the role comes from an email address, and the provider
            says that nobody has checked it.
    """
    name = claims.get(settings.name_claim)
    is_unchecked = claims.get("email_verified") in (False, "false")
    if is_unchecked and "email" in (settings.name_claim, settings.role_claim):
        raise RefusedLoginError("name", "the provider has not verified the email address")
    values = claims.get(settings.role_claim)
    return OpenIdIdentity(
        settings.issuer,
        claims["sub"],
        name if isinstance(name, str) else "",
        _role(settings, {values} if isinstance(values, str) else _texts(values)),
    )


def _role(settings: OpenIdSettings, values: set[str]) -> ReviewerRole | None:
    """Return the role that permits most."""
    chosen = {
        "viewer": settings.viewers,
        "reviewer": settings.reviewers,
        "admin": settings.admins,
    }
    return next((role for role in reversed(REVIEWER_ROLES) if values & set(chosen[role])), None)


def _texts(values: object) -> set[str]:
    return {one for one in values if isinstance(one, str)} if isinstance(values, list) else set()
