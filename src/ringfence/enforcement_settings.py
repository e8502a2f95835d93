"""The settings of enforcement: the connected systems, called sinks.

A secret is never in the settings. A setting names the environment variable that holds it.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from ringfence.reading_settings import Section, SettingsPath

_ACCOUNT: Final = re.compile(r"(?<![:\\\w]):account(?![:\w])")
"""The value ``:account`` as SQLAlchemy reads it: ``::account`` is a cast, ``\\:account`` text."""

SINK_NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,63}$"
"""The pattern of the names of sinks."""

SinkName = Annotated[str, Field(pattern=SINK_NAME)]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
Command = Annotated[tuple[str, ...], Field(min_length=1)]


class NginxSettings(Section):
    """A file for nginx's ``map``, and the command that reloads nginx."""

    type: Literal["nginx"]
    name: SinkName = Field(description="Name of the sink.")
    file: SettingsPath = Field(min_length=1, description="File that a `map` block includes.")
    reload: tuple[str, ...] = Field(
        description="Command after which nginx uses the new file, such as "
        '`["nginx", "-s", "reload"]`. `[]`: something else reloads nginx.'
    )


class EzproxySettings(Section):
    """A section of EZproxy's ``user.txt`` with one line per suspended account."""

    type: Literal["ezproxy"]
    name: SinkName = Field(description="Name of the sink.")
    file: SettingsPath = Field(min_length=1, description="EZproxy's `user.txt`.")
    page: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._-]*$",
        description="Page of EZproxy's folder `docs` that a suspended account is shown.",
    )


class WebhookSettings(Section):
    """A web address that gets a signed message for each effect."""

    type: Literal["webhook"]
    name: SinkName = Field(description="Name of the sink.")
    url: str = Field("", description="Address, with https.")
    url_env: Variable | None = Field(
        None, description="Environment variable with the address, if it is a secret."
    )
    secret_env: Variable | None = Field(
        None, description="Environment variable with the secret that signs, such as `whsec_…`."
    )
    format: Literal["cloudevents", "slack"] = Field(
        "cloudevents", description="Form of the message."
    )
    allow_private: bool = Field(
        False, description="Whether the address may be in a private network, and without https."
    )


class CommandSettings(Section):
    """A program that gets each effect as JSON on its standard input."""

    type: Literal["command"]
    name: SinkName = Field(description="Name of the sink.")
    command: Command = Field(description="The program and its arguments. There is no shell.")


class SqlSettings(Section):
    """A statement that is run in a database of yours for each effect."""

    type: Literal["sql"]
    name: SinkName = Field(description="Name of the sink.")
    url_env: Variable = Field(
        description="Environment variable with SQLAlchemy's address of the database."
    )
    statement: str = Field(
        min_length=1,
        description="Statement, such as `UPDATE users SET state = :effect WHERE login = :account`.",
    )

    @field_validator("statement")
    @classmethod
    def _is_about_one_account(cls, statement: str) -> str:
        # Without the account, one decision would change every row of the table.
        if not _ACCOUNT.search(statement):
            raise ValueError("the statement needs :account, such as WHERE login = :account")
        return statement


class SsfSettings(Section):
    """A receiver of OpenID Shared Signals that signed tokens are pushed to."""

    type: Literal["ssf"]
    name: SinkName = Field(description="Name of the sink.")
    issuer: str = Field(pattern=r"^https://", description="Issuer of the tokens.")
    audience: str = Field(min_length=1, description="Audience of the tokens: the receiver.")
    url: str = Field("", description="Address of the receiver, with https.")
    url_env: Variable | None = Field(
        None, description="Environment variable with the address, if it is a secret."
    )
    keys_env: Variable = Field(
        description="Environment variable with the private keys, as a JSON Web Key Set."
    )
    authorization_env: Variable | None = Field(
        None, description="Environment variable with the header `Authorization`."
    )
    allow_private: bool = Field(
        False, description="Whether the address may be in a private network, and without https."
    )


class SubsonicSettings(Section):
    """A music server with the Subsonic API, on which passwords are changed."""

    type: Literal["subsonic"]
    name: SinkName = Field(description="Name of the sink.")
    url: str = Field(min_length=1, description="Address that ends in `/rest`.")
    user: str = Field(min_length=1, description="An administrator of the server.")
    password_env: Variable = Field(
        description="Environment variable with the administrator's password."
    )
    folder: SettingsPath = Field(
        min_length=1, description="Folder with a mark for each suspended account."
    )
    reset: Command = Field(description="Program that gets an account and its new password as JSON.")
    allow_private: bool = Field(
        False, description="Whether the address may be in a private network, and without https."
    )


class StreamSettings(Section):
    """`[[enforcement.streams]]`: a receiver of OpenID Shared Signals that polls the live service.

    It shows a token with the scope `signals` and the name of the stream.
    """

    name: SinkName = Field(description="Name of the stream. No sink may have it.")
    issuer: str = Field(pattern=r"^https://", description="Issuer of the tokens.")
    audience: str = Field(min_length=1, description="Audience of the tokens: the receiver.")
    keys_env: Variable = Field(
        description="Environment variable with the private keys, as a JSON Web Key Set."
    )


SinkSettings = Annotated[
    NginxSettings
    | EzproxySettings
    | WebhookSettings
    | CommandSettings
    | SqlSettings
    | SsfSettings
    | SubsonicSettings,
    Field(discriminator="type"),
]
"""One sink, by its type."""


TAKES_PSEUDONYMS: Final = frozenset({"webhook", "command", "sql"})
"""Types of sinks that may get pseudonyms: a program or a table of a database can look them up."""


class EnforcementSettings(Section):
    """``[enforcement]``: the systems in which decisions take effect."""

    sinks: tuple[SinkSettings, ...] = Field(
        (),
        description="Connected systems, each a section `[[enforcement.sinks]]`. "
        "[Connect a sink](../how-to/connect-a-sink.md) lists their settings.",
    )

    streams: tuple[StreamSettings, ...] = Field(
        (), max_length=100, description="Receivers that poll signed tokens from the live service."
    )

    @field_validator("sinks")
    @classmethod
    def _have_different_names(cls, sinks: tuple[SinkSettings, ...]) -> tuple[SinkSettings, ...]:
        names = [sink.name for sink in sinks]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sinks are named {name}")
        return sinks

    @model_validator(mode="after")
    def _are_apart(self) -> Self:
        # Deliveries to a stream are kept under its name, as those to a sink.
        for name in self.names:
            if self.names.count(name) > 1:
                raise ValueError(f"two sinks or streams are named {name}")
        if len({one.issuer for one in self.streams}) > 1:
            raise ValueError("all streams need the same issuer: the service is one transmitter")
        return self

    @property
    def names(self) -> list[str]:
        """The names of all sinks and streams."""
        return [one.name for one in (*self.sinks, *self.streams)]
