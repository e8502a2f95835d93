"""The settings of OpenID Connect: the provider with which people log in to the pages."""

from __future__ import annotations

import ipaddress
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from ringfence.reading_settings import Section, SettingsPath

_OPENID_SCOPE: Final = "openid"


class OpenIdSettings(Section):
    """``[service.openid]``: the provider with which people log in to the pages.

    It needs `service.public_url`, because the provider sends people back to
    `/login/openid/return` there.
    """

    issuer: str = Field(
        "",
        max_length=300,
        description="Issuer of the provider, such as `https://id.example.org`. Empty: people log "
        "in with passwords only.",
    )
    client_id: str = Field(
        "", max_length=300, description="Name that the provider has given to Ringfence."
    )
    client_secret_env: str = Field(
        "",
        pattern=r"^([A-Za-z_][A-Za-z0-9_]{0,99})?$",
        description="Environment variable with the secret of the client.",
    )
    client_secret_file: SettingsPath = Field(
        "",
        description="File with the secret of the client. Without a file and a variable, the "
        "client has no secret.",
    )
    title: str = Field(
        "OpenID Connect",
        min_length=1,
        max_length=60,
        description="Name of the provider on the login page.",
    )
    scopes: tuple[str, ...] = Field(
        (_OPENID_SCOPE, "profile", "email"),
        max_length=50,
        description="Scopes that are asked for. Some providers name groups only with a scope "
        "such as `groups`.",
    )
    name_claim: str = Field(
        "email",
        min_length=1,
        max_length=200,
        description="Claim with the name of the person, as the audit log names him or her.",
    )
    role_claim: str = Field(
        "groups",
        min_length=1,
        max_length=200,
        description="Claim that decides the role: a text, or a list of texts.",
    )
    viewers: tuple[str, ...] = Field(
        (), max_length=1000, description="Values of this claim that make a person a viewer."
    )
    reviewers: tuple[str, ...] = Field(
        (), max_length=1000, description="Values that make a person a reviewer."
    )
    admins: tuple[str, ...] = Field(
        (), max_length=1000, description="Values that make a person an admin."
    )

    @field_validator("issuer")
    @classmethod
    def _is_an_issuer(cls, issuer: str) -> str:
        if issuer and not _is_usable(issuer):
            raise ValueError(
                f"{issuer!r} is not an address with https and without a query. An address of this "
                "machine may have http"
            )
        return issuer

    @field_validator("scopes")
    @classmethod
    def _have_openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if _OPENID_SCOPE not in scopes or any(not one or one.split() != [one] for one in scopes):
            raise ValueError("scopes are words, and one of them is openid")
        return scopes

    @model_validator(mode="after")
    def _are_complete(self) -> Self:
        if not self.issuer:
            return self
        if not self.client_id:
            raise ValueError("set client_id too")
        if self.client_secret_env and self.client_secret_file:
            raise ValueError("set client_secret_env or client_secret_file, not both")
        if not (self.viewers or self.reviewers or self.admins):
            raise ValueError("set viewers, reviewers or admins: nobody could log in")
        return self


def _is_usable(issuer: str) -> bool:
    try:
        parts = urlsplit(issuer)
        _ = parts.port
    except ValueError:
        return False
    plain = parts.query or parts.fragment or "@" in parts.netloc or issuer != issuer.strip()
    if not parts.hostname or plain or not issuer.isascii() or not issuer.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_local(parts.hostname))


def is_local(host: str) -> bool:
    """Return whether the name of a host is that of this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
