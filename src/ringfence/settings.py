"""Every setting of ``ringfence.toml``, with its default and its meaning.

Importing this module reads no file; :func:`load_settings` reads the file it is given.
An unknown name is an error, so that a misspelt setting is never taken for a default.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ringfence.errors import SettingsError
from ringfence.model.finding import Action
from ringfence.model.networks import PRIVATE_WORD, parse_networks
from ringfence.page_templates import check_page_template
from ringfence.settings_errors import refused_setting
from ringfence.suggestions import did_you_mean

FormatName = str
"""The name of a format, as :func:`ringfence.events.formats.format_names` lists them."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSettings(_Section):
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
    status: str = Field("", description="HTTP status. Only successful requests count.")
    method: str = Field("", description="Request method. Only methods of the item rules count.")
    url: str = Field(
        "", description="Requested URL. The item rules read it if there is no item column."
    )
    request: str = Field("", description="Whole request line, such as `GET /tracks/11 HTTP/1.1`.")


class EventSettings(_Section):
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
        except ValueError as error:
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
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:
            advice = did_you_mean(name, available_timezones()) or "give one such as Europe/Paris"
            raise ValueError(f"{name!r} is not an IANA time zone; {advice}") from error
        return name


class AccountSettings(_Section):
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
        description="Bits of an IPv6 address that tell visitors apart. A household has a network "
        "of 64 bits, and its devices change the rest. 128: the whole address.",
    )
    parameters: tuple[str, ...] | None = Field(
        None,
        description="Query parameters that hold a login or key, where the log names no login. "
        "Not set: those of the item rules, for URLs in which they find an item. Your own list "
        "holds for all URLs. Keys are shown as a short hash.",
    )

    @field_validator("parameters")
    @classmethod
    def _are_names(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for name in names or ():
            if not re.fullmatch(r"[^\s?&#=%+]+", name):
                raise ValueError(f"{name!r} is not the name of a query parameter")
        return names


class ItemRule(_Section):
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
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if "item" not in names:
            raise ValueError("needs the named group (?P<item>...)")
        return pattern


class ItemSettings(_Section):
    """``[items]``: how URLs become items."""

    preset: Literal["auto", "learned", "scholarly", "subsonic", "stream", "path"] = Field(
        "auto",
        description="Built-in rules. auto selects the preset that explains most pages. If none "
        "does, it learns rules from the URLs. learned: always learn them. path: the path is the "
        "item.",
    )
    rules: tuple[ItemRule, ...] = Field(
        (), description="Your own rules, tried in order. They replace the preset."
    )


class UseSettings(_Section):
    """``[uses]``: when two accesses count as one use."""

    double_click_seconds: int = Field(
        30,
        ge=0,
        le=3600,
        description="Accesses of one account to one item within this many seconds are one use.",
    )


class LedgerSettings(_Section):
    """``[ledger]``: what the ledger file keeps apart."""

    recent_sources: int = Field(
        31,
        ge=0,
        description="Number of sources that can still be replaced: the last ones that were read. "
        "The rows of older sources are merged, which saves room.",
    )


class CatalogueSettings(_Section):
    """``[catalogue]``: the columns of the catalogue file, if there is one."""

    item: str = Field("item", description="Column of the catalogue file with the item.")
    group: str = Field("group", description="Column with the item's group. Optional.")
    genre: str = Field(
        "genre",
        description="Column with a category that is coarser than the group and that separates "
        "users, such as genre or market. Optional.",
    )
    title: str = Field(
        "title", description="Column with the title that reports show beside the item. Optional."
    )
    group_name: str = Field(
        "group_name", description="Column with the name of the item's group. Optional."
    )
    popularity: str = Field("popularity", description="Column with the number of uses. Optional.")
    rights: str = Field("rights", description="Column with the item's rights. Optional.")


class AccountsTableSettings(_Section):
    """``[accounts]``: the columns of the accounts table, if there is one.

    Each setting is the table's own column name. An empty setting stands for the usual names.
    """

    account: str = Field("", description="Login or account number, as the logs name it.")
    created: str = Field("", description="Time at which the account was created.")
    plan: str = Field("", description="Plan or tariff. It is shown and is never evidence.")
    country: str = Field("", description="Country. It is shown and is never evidence.")
    payment: str = Field(
        "",
        description="Token of the means of payment, unique to one card. Only a hash of it is "
        "used. Never use card numbers.",
    )
    device: str = Field("", description="Device number or fingerprint, unique to one device.")
    display_name: str = Field("", description="Name that reports show beside the account.")
    status: str = Field("", description="State of the account, such as active or closed.")


class RobotSettings(_Section):
    """``[robots]``: how the names of robots are verified."""

    networks: str = Field(
        "",
        description="File, or folder of files, with the networks that crawlers publish, such as "
        "googlebot.json. A visitor with a crawler's name from elsewhere is an impostor. All "
        "impostors of a name are judged together, as one account. Empty: names are believed.",
    )


class VerdictSettings(_Section):
    """``[verdicts]``: how much certainty a verdict needs."""

    false_accusation_rate: float = Field(
        0.01,
        gt=0,
        lt=1,
        description="Chance that a scan gives the verdict extracting to at least one honest "
        "account.",
    )
    reference_distribution: Literal["auto", "music", "library", "general"] = Field(
        "auto",
        description="Measured users to compare with where the population is too small. auto "
        "selects them by the items and columns.",
    )


class PolicySettings(_Section):
    """``[policy]``: the action that is advised for each verdict. A scan takes no action."""

    extracting: Action = Field("suspend", description="Advice for the verdict extracting.")
    suspect: Action = Field("challenge", description="Advice for the verdict suspect.")


class EngineSettings(_Section):
    """``[engine]``: the resources that a scan may use."""

    threads: int = Field(0, ge=0, description="Number of threads. 0: all cores.")
    memory_limit: str = Field(
        "2GB",
        pattern=r"^\d+(\.\d+)? ?([KMGT]i?B)$",
        description="Memory limit. Beyond it, data is written to disk.",
    )
    temp_directory: str = Field(
        "", description="Folder for temporary data. Empty: the system's temporary folder."
    )


class ReportSettings(_Section):
    """``[report]``: the contents of the report."""

    findings_shown: int = Field(50, ge=1, description="Number of findings with a page of evidence.")
    account_url: str = Field(
        "",
        description="Address of an account in your own tools, such as "
        "`https://admin.example.org/users/{account}`. Reports link to it.",
    )
    item_url: str = Field(
        "",
        description="Address of an item, such as `https://www.example.org/track/{item}`. Reports "
        "link to it.",
    )

    @field_validator("account_url", "item_url")
    @classmethod
    def _is_a_template(cls, template: str, info: ValidationInfo) -> str:
        if template:
            check_page_template(template, (info.field_name or "").removesuffix("_url"))
        return template


class Settings(_Section):
    """All settings, as in ``ringfence.toml``. Every section and every setting is optional.

    Raises:
        SettingsError: a setting is unknown, or its value is wrong.

    Example:
        >>> settings = Settings(events={"columns": {"account": "customer"}})
        >>> settings.events.columns.account
        'customer'
    """

    events: EventSettings = Field(default_factory=EventSettings)
    account: AccountSettings = Field(default_factory=AccountSettings)
    items: ItemSettings = Field(default_factory=ItemSettings)
    uses: UseSettings = Field(default_factory=UseSettings)
    ledger: LedgerSettings = Field(default_factory=LedgerSettings)
    catalogue: CatalogueSettings = Field(default_factory=CatalogueSettings)
    accounts: AccountsTableSettings = Field(default_factory=AccountsTableSettings)
    robots: RobotSettings = Field(default_factory=RobotSettings)
    verdicts: VerdictSettings = Field(default_factory=VerdictSettings)
    policy: PolicySettings = Field(default_factory=PolicySettings)
    engine: EngineSettings = Field(default_factory=EngineSettings)
    report: ReportSettings = Field(default_factory=ReportSettings)

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_one_line(cls, data: Any, build: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - any input
        try:
            return build(data)
        except ValidationError as error:
            raise refused_setting(error.errors()[0], setting_names()) from error


def load_settings(path: str | Path | None = None) -> Settings:
    """Read the settings from a TOML file; without a file, return the defaults.

    Raises:
        SettingsError: the file cannot be read, is not TOML, or has an unknown or wrong setting.
    """
    if path is None:
        return Settings()
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            hint="give a readable file with --config",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"is not TOML: {error}", where=str(path)) from error
    try:
        return Settings.model_validate(data)
    except SettingsError as error:
        raise SettingsError(error.what, where=str(path), hint=error.hint) from error


def check_type(settings: object) -> None:
    """Refuse any object that is not ``Settings``.

    Raises:
        SettingsError: the object is of another type, such as a path or a dict.
    """
    if not isinstance(settings, Settings):
        raise SettingsError(
            f"settings must be a ringfence.Settings, not an object of type "
            f"{type(settings).__name__}",
            hint="use ringfence.Settings(...), or ringfence.load_settings(file), or pass a file "
            "to scan with config=...",
        )


def setting_names() -> tuple[str, ...]:
    """Return the dotted names of all sections and settings, such as ``engine.threads``."""
    return tuple(_names(Settings, ""))


def _names(model: type[BaseModel], section: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield section + name
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from _names(kind, f"{section}{name}.")
