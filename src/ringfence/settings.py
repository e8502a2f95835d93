"""Every setting of ``ringfence.toml``, with its default and its meaning.

Importing this module reads no file; :func:`load_settings` reads the file it is given.
An unknown name is an error, so that a misspelt setting is never taken for a default.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import (
    BaseModel,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ringfence.enforcement_settings import TAKES_PSEUDONYMS, EnforcementSettings
from ringfence.errors import SettingsError
from ringfence.leak_settings import LeakSettings
from ringfence.notice_settings import NoticeSettings
from ringfence.page_templates import check_page_template
from ringfence.policy_settings import PolicySettings
from ringfence.reading_settings import (
    AccountSettings,
    ColumnSettings,
    EventSettings,
    FormatName,
    ItemRule,
    ItemSettings,
    Section,
    SettingsPath,
)
from ringfence.service_settings import ServiceSettings
from ringfence.settings_errors import refused_setting
from ringfence.statement_settings import StatementSettings
from ringfence.toml_files import read_toml

__all__ = [
    "AccountSettings",
    "AccountsTableSettings",
    "CanarySettings",
    "CaseSettings",
    "CatalogueSettings",
    "ColumnSettings",
    "EngineSettings",
    "EventSettings",
    "FormatName",
    "ItemRule",
    "ItemSettings",
    "LedgerSettings",
    "NoticeSettings",
    "PolicySettings",
    "PrivacySettings",
    "ReportSettings",
    "RobotSettings",
    "ServiceSettings",
    "Settings",
    "StatementSettings",
    "UseSettings",
    "VerdictSettings",
    "check_type",
    "load_settings",
    "setting_names",
]


class UseSettings(Section):
    """``[uses]``: when two accesses count as one use."""

    double_click_seconds: int = Field(
        30,
        ge=0,
        le=3600,
        description="Accesses of one account to one item within this many seconds are one use.",
    )


class LedgerSettings(Section):
    """``[ledger]``: what the ledger file keeps apart."""

    recent_sources: int = Field(
        31,
        ge=0,
        le=1_000_000,
        description="Number of sources that can still be replaced: the last ones that were folded. "
        "The rows of older sources are merged, which saves space.",
    )


class CatalogueSettings(Section):
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


class AccountsTableSettings(Section):
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


class RobotSettings(Section):
    """``[robots]``: how the names of robots are verified."""

    networks: SettingsPath = Field(
        "",
        description="File, or folder of files, with the networks that crawlers publish, such as "
        "googlebot.json. A visitor with a crawler's name from elsewhere is an impostor. All "
        "impostors of a name are judged together, as one account. Empty: names are believed.",
    )


class PlaceSettings(Section):
    """``[places]``: what is known about networks of clients."""

    prefixes: SettingsPath = Field(
        "",
        description="File with a table of prefixes: csv with the columns prefix, provider and "
        "country. It tells which networks are one place to an account, and forms cohorts of "
        "visitors. Empty: every network is a place.",
    )


class CanarySettings(Section):
    """``[canaries]``: items that no user can reach."""

    file: SettingsPath = Field(
        "",
        description="Secret list of canary items, as `ringfence canary make` writes it. A scan "
        "then asks which accounts use them. Empty: there are none.",
    )


class VerdictSettings(Section):
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


class CaseSettings(Section):
    """``[cases]``: where cases are kept, and how long an appeal may wait."""

    url: SettingsPath = Field(
        "",
        description="Case store: a file, or `postgresql://user@host/database`. `scan` and all "
        "commands on cases use it. The option `--cases` names another one. Empty: no store, unless "
        "`--cases` is given.",
    )
    appeal_days: int = Field(
        14, ge=1, le=365, description="Days within which an appeal must be answered."
    )
    case_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days for which `case prune` keeps closed and dismissed cases, with their "
        "decisions and appeals. 0: for ever.",
    )
    outbox_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days for which `case prune` keeps delivered effects. 0: for ever.",
    )
    audit_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days for which `case prune` keeps the content of the audit. The chain stays. "
        "0: for ever.",
    )


class EngineSettings(Section):
    """``[engine]``: the resources that a scan may use."""

    threads: int = Field(0, ge=0, le=1024, description="Number of threads. 0: all cores.")
    memory_limit: str = Field(
        "2GB",
        pattern=r"^\d{1,9}(\.\d{1,9})? ?([KMGT]i?B)$",
        description="Memory limit of the database, from 1MB to 1000TB. Beyond it, data is written "
        "to disk. The whole process needs more, see the "
        "[threat model](../threat-model.md#many-accounts).",
    )
    temp_directory: SettingsPath = Field(
        "", description="Folder for temporary data. Empty: the system's temporary folder."
    )

    @field_validator("memory_limit")
    @classmethod
    def _is_enough(cls, limit: str) -> str:
        number, unit = limit.rstrip("iB").rstrip()[:-1], limit.rstrip("iB")[-1]
        if not 1 <= float(number) * 1000.0 ** ("KMGT".index(unit) - 1) <= 10**9:
            raise ValueError(f"must be from 1MB to 1000TB, not {limit}")
        return limit


class ReportSettings(Section):
    """``[report]``: the contents of the report."""

    findings_shown: int = Field(
        50, ge=1, le=100_000, description="Number of findings with a page of evidence."
    )
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


class PrivacySettings(Section):
    """``[privacy]``: pseudonyms in place of names."""

    pseudonym_key: SettingsPath = Field(
        "",
        description="File with a secret key of at least 32 random bytes, which only its owner may "
        "read. Accounts, devices and means of payment then have pseudonyms in everything that is "
        "stored. Empty: names are used.",
    )


class Settings(Section):
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
    places: PlaceSettings = Field(default_factory=PlaceSettings)
    canaries: CanarySettings = Field(default_factory=CanarySettings)
    privacy: PrivacySettings = Field(default_factory=PrivacySettings)
    verdicts: VerdictSettings = Field(default_factory=VerdictSettings)
    policy: PolicySettings = Field(default_factory=PolicySettings)
    cases: CaseSettings = Field(default_factory=CaseSettings)
    statements: StatementSettings = Field(default_factory=StatementSettings)
    leaks: LeakSettings = Field(default_factory=LeakSettings)
    notices: NoticeSettings = Field(default_factory=NoticeSettings)
    enforcement: EnforcementSettings = Field(default_factory=EnforcementSettings)
    engine: EngineSettings = Field(default_factory=EngineSettings)
    service: ServiceSettings = Field(default_factory=ServiceSettings)
    report: ReportSettings = Field(default_factory=ReportSettings)

    @model_validator(mode="after")
    def _can_verify_robots(self) -> Self:
        if self.robots.networks and self.privacy.pseudonym_key:
            raise ValueError(
                "robots.networks needs the addresses of visitors, which privacy.pseudonym_key hides"
            )
        return self

    @model_validator(mode="after")
    def _are_known_by_name(self) -> Self:
        if self.privacy.pseudonym_key:
            for sink in self.enforcement.sinks:
                if sink.type not in TAKES_PSEUDONYMS:
                    raise ValueError(
                        f"the sink {sink.name} knows accounts by their names, which "
                        "privacy.pseudonym_key hides"
                    )
            for stream in self.enforcement.streams:
                raise ValueError(
                    f"the stream {stream.name} knows accounts by their names, which "
                    "privacy.pseudonym_key hides"
                )
        return self

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_in_one_line(cls, data: Any, build: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - any input
        try:
            return build(data)
        except ValidationError as error:
            raise refused_setting(error.errors()[0], setting_names()) from error


def load_settings(path: str | Path | None = None) -> Settings:
    """Read the settings from a TOML file; without a file, return the defaults.

    Relative paths in the file begin in its folder.

    Raises:
        SettingsError: the file cannot be read, is not TOML, has more than 1 MiB, or has an unknown
            or wrong setting.
    """
    if path is None:
        return Settings()
    data = read_toml(path)
    file = Path(path)
    # A pipe has no folder that means anything.
    context = {"folder": file.parent} if file.is_file() else None
    try:
        return Settings.model_validate(data, context=context)
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
