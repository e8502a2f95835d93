"""Make the sinks that the settings name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ringfence.enforcement.sink import AnySink
from ringfence.enforcement.sinks.command import CommandSink
from ringfence.enforcement.sinks.ezproxy import EzproxySink
from ringfence.enforcement.sinks.nginx import NginxSink
from ringfence.enforcement.sinks.sql import SqlSink
from ringfence.enforcement_settings import (
    CommandSettings,
    EnforcementSettings,
    EzproxySettings,
    NginxSettings,
    SinkSettings,
    SqlSettings,
    SsfSettings,
    SubsonicSettings,
    WebhookSettings,
)
from ringfence.errors import SettingsError


def make_sinks(
    settings: EnforcementSettings, environment: Mapping[str, str] = os.environ, store: str = ""
) -> tuple[AnySink, ...]:
    """Return the sinks of the settings, in their order.

    Args:
        settings: the section ``enforcement``.
        environment: the variables that hold the secrets.
        store: id of the case store, for the files that sinks write.

    Raises:
        SettingsError: a variable that a sink names is not set, or a sink has no address.
    """
    return tuple(_make(one, environment, store) for one in settings.sinks)


def state_sinks(settings: EnforcementSettings) -> frozenset[str]:
    """Return the names of the sinks that are given the state of all accounts at once."""
    whole = (NginxSettings, EzproxySettings)
    return frozenset(one.name for one in settings.sinks if isinstance(one, whole))


def _make(  # noqa: PLR0911 - one for each type
    one: SinkSettings, environment: Mapping[str, str], store: str
) -> AnySink:
    match one:
        case NginxSettings():
            return NginxSink(one.name, Path(one.file), one.reload, store)
        case EzproxySettings():
            return EzproxySink(one.name, Path(one.file), one.page, store)
        case CommandSettings():
            return CommandSink(one.name, one.command)
        case SqlSettings():
            return SqlSink(one.name, sink_secret(one.name, one.url_env, environment), one.statement)
        case WebhookSettings():
            return _webhook(one, environment)
        case SsfSettings():
            return _ssf(one, environment)
        case SubsonicSettings():
            return _subsonic(one, environment)


def _webhook(one: WebhookSettings, environment: Mapping[str, str]) -> AnySink:
    # Loads an HTTP client, which other sinks do not need.
    from ringfence.enforcement.sinks.webhook import WebhookSink  # noqa: PLC0415

    url = _url(one, environment)
    secret = sink_secret(one.name, one.secret_env, environment)
    return WebhookSink(one.name, url, secret, one.format, one.allow_private)


def _ssf(one: SsfSettings, environment: Mapping[str, str]) -> AnySink:
    # Loads a library of signatures, which other sinks do not need.
    from ringfence.enforcement.sinks.ssf import SsfSink  # noqa: PLC0415
    from ringfence.enforcement.streams import issuer_of  # noqa: PLC0415

    issuer = issuer_of(one, environment)
    authorization = sink_secret(one.name, one.authorization_env, environment)
    return SsfSink(one.name, issuer, _url(one, environment), authorization, one.allow_private)


def _subsonic(one: SubsonicSettings, environment: Mapping[str, str]) -> AnySink:
    # Loads an HTTP client.
    from ringfence.enforcement.sinks.subsonic import SubsonicSink  # noqa: PLC0415

    password = sink_secret(one.name, one.password_env, environment)
    return SubsonicSink(
        one.name, one.url, one.user, password, Path(one.folder), one.reset, one.allow_private
    )


def _url(one: WebhookSettings | SsfSettings, environment: Mapping[str, str]) -> str:
    url = sink_secret(one.name, one.url_env, environment) or one.url
    if not url:
        raise SettingsError(f"the sink {one.name} has no address", hint="set url or url_env")
    return url


def sink_secret(sink: str, variable: str | None, environment: Mapping[str, str]) -> str:
    """Return the value of a variable; empty if none is named.

    Raises:
        SettingsError: the variable is not set.
    """
    if variable is None:
        return ""
    found = environment.get(variable, "").strip()
    if not found:
        raise SettingsError(
            f"the environment variable {variable} of the sink {sink} is not set",
            hint="set it where ringfence runs",
        )
    return found
