"""Make the issuers of the streams that the settings name."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ringfence.enforcement.connected import sink_secret
from ringfence.enforcement.security_events import Issuer
from ringfence.enforcement.signing_keys import read_signing_keys
from ringfence.enforcement_settings import EnforcementSettings, SsfSettings, StreamSettings


def make_streams(
    settings: EnforcementSettings, environment: Mapping[str, str] = os.environ
) -> dict[str, Issuer]:
    """Return the issuer of each stream that receivers poll, by its name.

    Args:
        settings: the section ``enforcement``.
        environment: the variables that hold the keys.

    Raises:
        SettingsError: a variable that a stream names is not set, or has no keys.
    """
    return {one.name: issuer_of(one, environment) for one in settings.streams}


def issuer_of(one: SsfSettings | StreamSettings, environment: Mapping[str, str]) -> Issuer:
    """Return the issuer of a sink or of a stream.

    Raises:
        SettingsError: its variable is not set, or has no keys.
    """
    keys = read_signing_keys(sink_secret(one.name, one.keys_env, environment), one.name)
    return Issuer(one.issuer, one.audience, keys)
