"""The settings that decide how sources are read: events, accounts and items."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from ringfence.model.networks import PRIVATE_WORD, parse_networks
from ringfence.suggestions import did_you_mean

FormatName = str
"""The name of a format, as :func:`ringfence.events.formats.format_names` lists them."""


class Section(BaseModel):
    """A section of the settings file: immutable, and without unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _has_no_end_inside(cls, value: object) -> object:
        # Paths and statements end at this sign.
        if isinstance(value, str) and "\0" in value:
            raise ValueError("must not contain the character U+0000")
        return value


def _beside_the_settings(path: str, info: ValidationInfo) -> str:
    folder = (info.context or {}).get("folder")
    return str(folder / path) if folder is not None and path and "://" not in path else path


SettingsPath = Annotated[str, AfterValidator(_beside_the_settings)]
"""A file or folder. In a settings file, a relative path begins in the folder of that file, because
a command may be run in any folder. An address such as ``postgresql://host`` stays as it is."""


def check_time_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises:
        ValueError: there is no such time zone.
    """
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        advice = did_you_mean(name, available_timezones()) or "give one such as Europe/Paris"
        raise ValueError(f"{name!r} is not an IANA time zone; {advice}") from error
    return name


class ColumnSettings(Section):
    """``[events.columns]``: the columns of a csv, ndjson or parquet source, or of a table.

    Each setting is the source's own column name. An empty setting stands for the usual names.
    """

    ts: str = Field("", description="Time of the access: text, timestamp, or seconds since 1970.")
    account: str = Field("", description="Login, API key or account number.")
    item: str = Field(
        "", description="Requested item. Without this column, the item rules read `url`."
    )
    group: str = Field("", description="Artist, journal or collection of the item.")
    surface: str = Field("", description="Kind of access: stream, download, metadata or search.")
    ip: str = Field("", description="Client address.")
    forwarded: str = Field(
        "", description="Addresses that proxies passed on, as in the header X-Forwarded-For."
    )
    client: str = Field("", description="Client name, usually the user agent.")
    bytes: str = Field("", description="Bytes sent.")
    seconds: str = Field("", description="Seconds played. Never the time that a response took.")
    records: str = Field(
        "",
        description="Records that the answer shows or holds: hits of a page, items of an archive.",
    )
    seconds_unit: Literal["auto", "seconds", "milliseconds", "microseconds", "nanoseconds"] = Field(
        "auto",
        description="Unit of that column. auto goes by its name: `ms_played` and `duration_ms` "
        "are milliseconds, other names are seconds.",
    )
    device: str = Field("", description="Device number or fingerprint, unique to one device.")
    payment: str = Field(
        "",
        description="Token of the means of payment, unique to one card. Only a hash of it is "
        "stored. Never use card numbers.",
    )
    signed_up: str = Field("", description="Time at which the account was created.")
    referrer: str = Field(
        "", description="Referrer of the request. Only whether there is one is stored."
    )
    assets: str = Field(
        "", description="Number of styles, scripts and images that were fetched with the page."
    )
    status: str = Field("", description="HTTP status. Only successful requests count.")
    method: str = Field("", description="Request method. Only methods of the item rules count.")
    url: str = Field(
        "", description="Requested URL. The item rules read it if there is no item column."
    )
    request: str = Field("", description="Whole request line, such as `GET /tracks/11 HTTP/1.1`.")


class EventSettings(Section):
    """``[events]``: how sources are read."""

    format: FormatName = Field(
        "auto", description="Format of the sources. auto detects it from the content."
    )
    layout: str = Field(
        "",
        description="Layout of a text log in the notation of its owner: an Apache `LogFormat`, an "
        "nginx `log_format` or an EZproxy `LogFormat`. `events.columns` may name its directives.",
    )
    time_zone: str = Field("UTC", description="Time zone of times without a zone, as an IANA name.")
    time_format: str = Field(
        "",
        description="Form of times that are in none of the usual forms, as strptime directives: "
        "`%d.%m.%Y %H:%M:%S`. For csv, ndjson, parquet and logfmt.",
    )
    trusted_proxies: tuple[str, ...] = Field(
        (PRIVATE_WORD,),
        description="Networks of your proxies, load balancers and content delivery network, such "
        "as 203.0.113.0/24. The client is the last forwarded address outside them. The word "
        "private stands for private, loopback, link-local and carrier-grade networks.",
    )
    columns: ColumnSettings = Field(default_factory=ColumnSettings)

    @field_validator("time_format")
    @classmethod
    def _holds_a_date(cls, form: str) -> str:
        day = datetime(2026, 3, 9, 8, tzinfo=UTC)
        try:
            kept = datetime.strptime(day.strftime(form), form).date() if form else day.date()  # noqa: DTZ007 - only the date
        except (ValueError, OverflowError, MemoryError, re.error) as error:
            raise ValueError(f"{form!r} cannot be read by strptime: {error}") from error
        if kept != day.date():
            raise ValueError(f"{form!r} does not hold year, month and day")
        return form

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        parse_networks(names)
        return names

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        return check_time_zone(name)


class AccountSettings(Section):
    """``[account]``: the login or visitor to which an access is attributed."""

    key: Literal["auto", "login", "address", "visitor"] = Field(
        "auto",
        description="auto: the login, or address and client if there is no login. login: only "
        "accesses with a login. address: the address alone. visitor: address and client, even if "
        "there is a login.",
    )
    ipv6_prefix: int = Field(
        64,
        ge=16,
        le=128,
        multiple_of=4,
        description="Number of leading bits of an IPv6 address that distinguish visitors. A "
        "household has a network of 64 bits, and its devices change the rest. 128: the whole "
        "address.",
    )
    parameters: tuple[str, ...] | None = Field(
        None,
        description="Query parameters that hold a login or key. They are used if the log names no "
        "login. If this is not set, the parameters of the item rules are used, in URLs in which "
        "the rules find an item. Your own list applies to all URLs. A key is shown as a short "
        "hash.",
    )

    @field_validator("parameters")
    @classmethod
    def _are_names(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in names or ():
            if not re.fullmatch(r"[^\s?&#=%+]+", name):
                raise ValueError(f"{name!r} is not the name of a query parameter")
        return names


class ItemRule(Section):
    """``[[items.rules]]``: one rule that reads the item from a URL."""

    pattern: str = Field(
        description="RE2 regular expression that is searched in the URL. The named group `item` is "
        "required; the named groups `group` and `surface` are optional.",
    )
    surface: str = Field(
        "", description="Surface of URLs that match, if the pattern has no group `surface`."
    )
    prefix: str = Field(
        "",
        description="Text put before the item, so that two kinds of items with the same numbers "
        "stay apart.",
    )
    normalise: bool = Field(
        default=False,
        description="Whether the item is made lower-case, with `+` and `%20` as spaces and `%2F` "
        "and `%3A` as `/` and `:`.",
    )

    @field_validator("pattern")
    @classmethod
    def _has_an_item(cls, pattern: str) -> str:
        try:
            names = re.compile(pattern).groupindex
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if "item" not in names:
            raise ValueError("needs the named group (?P<item>...)")
        return pattern


class ItemSettings(Section):
    """``[items]``: how URLs become items."""

    preset: Literal["auto", "learned", "scholarly", "subsonic", "stream", "path"] = Field(
        "auto",
        description="Built-in rules. auto: the preset that explains most pages, or rules learned "
        "from the URLs if no preset fits. learned: always learned rules. path: the path is the "
        "item.",
    )
    rules: tuple[ItemRule, ...] = Field(
        (),
        max_length=1000,
        description="Your own rules, tried in order, at most 1000. They replace the preset.",
    )
