"""One ``ringfence.toml``: every setting, its default and its meaning.

Importing this module reads nothing; :func:`load_settings` reads the one file it is given.
Unknown keys are errors, so that a misspelt setting never passes for a default.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ringfence.errors import SettingsError

FormatName = Literal[
    "auto", "combined", "ezproxy", "caddy", "cloudfront", "ndjson", "csv", "parquet"
]
"""The names of the formats that can be read; ``auto`` looks at the content."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSettings(_Section):
    """``[events.columns]``: which column of a csv, ndjson or parquet source holds what.

    Each is the source's own column name. Left empty, the usual names are looked for.
    """

    ts: str = Field("", description="Time of the access: text, timestamp, or seconds since 1970.")
    account: str = Field("", description="Login, API key or account number.")
    item: str = Field("", description="The item taken; with none, the item rules read `url`.")
    group: str = Field("", description="Artist, journal or collection of the item.")
    surface: str = Field("", description="How it was taken: stream, download, metadata, search.")
    ip: str = Field("", description="Client address.")
    client: str = Field("", description="Client name, usually the user agent.")
    bytes: str = Field("", description="Bytes sent.")
    seconds: str = Field("", description="Seconds played.")
    device: str = Field("", description="Device number or fingerprint, one device's alone.")
    payment: str = Field(
        "",
        description="Token of the means of payment, one card's alone; only a hash of it is kept. "
        "Never give card numbers.",
    )
    signed_up: str = Field("", description="Time at which the account was made.")
    status: str = Field("", description="HTTP status; only successful ones count as a take.")
    url: str = Field("", description="Requested URL, read by the item rules when there is no item.")


class EventSettings(_Section):
    """``[events]``: how sources are read."""

    format: FormatName = Field(
        "auto", description="Format of the sources; auto looks at the content."
    )
    time_zone: str = Field("UTC", description="Zone of times that carry none, as an IANA name.")
    columns: ColumnSettings = Field(default_factory=ColumnSettings)


class AccountSettings(_Section):
    """``[account]``: who is held responsible for an access."""

    key: Literal["auto", "login", "address", "visitor"] = Field(
        "auto",
        description="auto: the login, else address and client; login: only accesses with a login; "
        "address: the address alone; visitor: address and client, whatever the login.",
    )


class ItemRule(_Section):
    """``[[items.rules]]``: one way to read the item out of a URL."""

    pattern: str = Field(
        description="RE2 regular expression searched in the URL; the named group `item` is the "
        "item, `group` and `surface` are optional.",
    )
    surface: str = Field("", description="Surface of what this rule matches, where not in the URL.")

    @field_validator("pattern")
    @classmethod
    def _has_an_item(cls, pattern: str) -> str:
        try:
            names = re.compile(pattern).groupindex
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if "item" not in names:
            raise ValueError("needs a named group (?P<item>...)")
        return pattern


class ItemSettings(_Section):
    """``[items]``: what counts as an item."""

    preset: Literal["auto", "scholarly", "subsonic", "stream", "path"] = Field(
        "auto", description="Ready-made rules; auto takes the preset that most lines match."
    )
    rules: tuple[ItemRule, ...] = Field(
        (), description="Own rules, tried in order; they replace the preset."
    )


class UseSettings(_Section):
    """``[uses]``: when two accesses are one use."""

    double_click_seconds: int = Field(
        30, ge=0, le=3600, description="Accesses of one item by one account this close are one use."
    )


class CatalogueSettings(_Section):
    """``[catalogue]``: the list of what there is to take, when there is one."""

    item: str = Field("item", description="Column of the catalogue file that names the item.")
    group: str = Field("group", description="Column with the item's group; may be absent.")
    genre: str = Field(
        "genre",
        description="Column with a kind of items coarser than groups (genre, market) that keeps "
        "users apart; may be absent.",
    )
    popularity: str = Field("popularity", description="Column with the item's use; may be absent.")
    rights: str = Field("rights", description="Column with the item's rights; may be absent.")


class VerdictSettings(_Section):
    """``[verdicts]``: how sure before anybody is accused."""

    false_accusation_rate: float = Field(
        0.01,
        gt=0,
        lt=1,
        description="The chance that a scan accuses any honest account at all (verdict "
        "extracting).",
    )
    reference_distribution: Literal["auto", "music", "library", "general"] = Field(
        "auto", description="Which measured users stand in where the population is small."
    )


Action = Literal["observe", "throttle", "challenge", "suspend"]


class PolicySettings(_Section):
    """``[policy]``: what is advised for each verdict. Advice only: nothing is done to anybody."""

    extracting: Action = Field("suspend", description="Advised for the verdict extracting.")
    suspect: Action = Field("challenge", description="Advised for the verdict suspect.")


class EngineSettings(_Section):
    """``[engine]``: the resources a scan may use."""

    threads: int = Field(0, ge=0, description="Threads; 0 takes all cores.")
    memory_limit: str = Field(
        "2GB",
        pattern=r"^\d+(\.\d+)? ?([KMGT]i?B)$",
        description="Memory before work spills to disk.",
    )
    temp_directory: str = Field("", description="Where work spills; empty takes the system's.")


class ReportSettings(_Section):
    """``[report]``: what the report shows."""

    findings_shown: int = Field(50, ge=1, description="Findings that get a page of evidence.")


class Settings(_Section):
    """All settings, as read from ``ringfence.toml``; every section may be left out."""

    events: EventSettings = Field(default_factory=EventSettings)
    account: AccountSettings = Field(default_factory=AccountSettings)
    items: ItemSettings = Field(default_factory=ItemSettings)
    uses: UseSettings = Field(default_factory=UseSettings)
    catalogue: CatalogueSettings = Field(default_factory=CatalogueSettings)
    verdicts: VerdictSettings = Field(default_factory=VerdictSettings)
    policy: PolicySettings = Field(default_factory=PolicySettings)
    engine: EngineSettings = Field(default_factory=EngineSettings)
    report: ReportSettings = Field(default_factory=ReportSettings)


def load_settings(path: Path | None) -> Settings:
    """Read settings from a TOML file; without one, all defaults.

    Raises:
        SettingsError: the file cannot be read, is not TOML, or a setting is unknown or wrong.
    """
    if path is None:
        return Settings()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            hint="name a readable file with --config",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"is not TOML: {error}", where=str(path)) from error
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        setting = ".".join(str(part) for part in first["loc"])
        unknown = first["type"] == "extra_forbidden"
        raise SettingsError(
            f"{setting}: {'there is no such setting' if unknown else first['msg']}",
            where=str(path),
            hint="docs/reference/settings.md lists every setting",
        ) from error
