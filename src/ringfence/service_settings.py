"""The settings of the live service: its folder, its addresses, its limits, and the budget."""

from __future__ import annotations

import re
from typing import Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from ringfence.openid_settings import OpenIdSettings
from ringfence.reading_settings import Section, SettingsPath
from ringfence.source_settings import FileSourceSettings, KafkaSourceSettings

_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+/?")


class BudgetSettings(Section):
    """``[service.budget]``: the number of items new to it that an account may take.

    An item that the account has taken before is free.
    """

    enforce: bool = Field(
        default=False,
        description="Whether gateways refuse requests beyond the budget. false: they are only "
        "counted.",
    )
    hour: int = Field(800, ge=1, le=10_000_000, description="New items of a new account per hour.")
    day: int = Field(1_000, ge=1, le=10_000_000, description="New items per day.")
    month: int = Field(4_000, ge=1, le=100_000_000, description="New items per 30 days.")
    growth: float = Field(
        0.5,
        ge=0,
        le=100,
        description="Part of the budget that is added within the first year of an account.",
    )
    trusted: float = Field(
        2.0,
        ge=1,
        le=1000,
        description="Factor of the budget of an account in whose favour a person has decided.",
    )
    throttled: float = Field(
        0.1, gt=0, le=1, description="Factor of the budget of an account that is throttled."
    )
    sync_allowance: int = Field(
        10_000,
        ge=0,
        le=10_000_000,
        description="Items that a device may copy per year beyond the budget.",
    )
    most_devices: int = Field(
        3, ge=0, le=1000, description="Devices of an account that have this allowance."
    )


class ExposureSettings(Section):
    """``[service.exposure]``: the sizes of the files that record all takes.

    ``pairs`` applies when the files are created. Later, the filter grows by itself.
    """

    pairs: int = Field(
        50_000_000,
        ge=1_000,
        le=100_000_000_000,
        description="Pairs of account and item for which there is room at first: 1.5 bytes per "
        "pair. More are added when they are needed.",
    )
    accounts: int = Field(
        10_000_000,
        ge=1_000,
        le=1_000_000_000,
        description="Accounts that have a budget: at most 160 bytes of disk and memory per "
        "account. Items of further accounts are not counted.",
    )


class ServiceSettings(Section):
    """``[service]``: the live service."""

    folder: SettingsPath = Field(
        "ringfence-live",
        min_length=1,
        description="Folder of all files of the service. It is created, and only its owner can "
        "read them.",
    )
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        max_length=255,
        description="Address on which the service listens. Other machines reach it if this is one "
        "of the addresses of the machine. Set a certificate then, or use a proxy with TLS.",
    )
    port: int = Field(8470, ge=1, le=65_534, description="Port for events and pages.")
    public_url: str = Field(
        "",
        max_length=300,
        description="Address of the pages as browsers see it, such as "
        "`https://ringfence.example.org`. With https, cookies are sent over TLS only.",
    )
    authorize_port: int = Field(
        0, ge=0, le=65_535, description="Port that answers gateways. 0: the port after `port`."
    )
    certificate: SettingsPath = Field(
        "",
        description="File with the certificate of the service and its chain, as PEM. Empty: no "
        "TLS.",
    )
    certificate_key: SettingsPath = Field(
        "", description="File with the key of the certificate, as PEM without a password."
    )
    authorize_tls: bool = Field(
        default=True,
        description="Whether gateways use TLS too, if there is a certificate.",
    )
    log_format: Literal["text", "json"] = Field(
        "text",
        description="Form of the lines that the service prints: text, or one JSON object per line.",
    )
    catalogue: SettingsPath = Field(
        "",
        description="File with all items, as for `ringfence scan --catalogue`: their titles, "
        "groups and popularity. It is read at each scan. Empty: the items in events are the "
        "catalogue.",
    )
    accounts: SettingsPath = Field(
        "",
        description="File with what you know of your accounts, as for `ringfence scan --accounts`: "
        "their plans, states and names. It is read at each scan and each examination.",
    )
    scan_every: float = Field(
        30.0, gt=0, le=100_000, description="Seconds from the end of a scan to the next one."
    )
    screening: bool = Field(
        default=True,
        description="Whether accounts that take many items are examined at once, between two "
        "scans.",
    )
    keep_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days for which the ledger keeps what accounts took, and up to a tenth longer. "
        "Older rows are forgotten as by `ringfence ledger forget --before`. 0: for ever.",
    )
    trace_logs: tuple[SettingsPath, ...] = Field(
        (),
        max_length=1000,
        description="Logs that the page Trace searches beside the ledger: files, patterns or "
        "folders, read as `[events]` says. Empty: the logs of `service.files`, with their rotated "
        "files.",
    )
    fail_open: bool = Field(
        default=True,
        description="Whether a request is allowed if the service cannot decide about it.",
    )
    largest_body_mb: int = Field(
        32, ge=1, le=200, description="Megabytes of the largest batch of events, after unpacking."
    )
    waiting_mb: int = Field(
        128,
        ge=2,
        le=100_000,
        description="Megabytes of batches that may be in memory at once. Beyond it, clients are "
        "told to retry later.",
    )
    lag_mb: int = Field(
        2_000,
        ge=1,
        le=10_000_000,
        description="Megabytes of stored events that may wait for the judge. Beyond it, clients "
        "are told to retry later.",
    )
    free_disk_mb: int = Field(
        500,
        ge=0,
        le=100_000_000,
        description="Megabytes of free disk below which the service says that it is not ready.",
    )
    body_seconds: float = Field(
        30.0, gt=0, le=1000, description="Seconds in which a client must have sent its batch."
    )
    source_lag_seconds: float = Field(
        60.0,
        gt=0,
        le=1_000_000,
        description="Seconds for which lines of a file or topic may wait before the service says "
        "that this source lags.",
    )
    budget: BudgetSettings = Field(default_factory=BudgetSettings)
    openid: OpenIdSettings = Field(default_factory=OpenIdSettings)
    exposure: ExposureSettings = Field(default_factory=ExposureSettings)
    files: tuple[FileSourceSettings, ...] = Field(
        (), max_length=1000, description="Log files that are followed while they grow."
    )
    kafka: tuple[KafkaSourceSettings, ...] = Field(
        (), max_length=100, description="Topics of Kafka that are read."
    )

    @field_validator("host")
    @classmethod
    def _is_one_name(cls, host: str) -> str:
        if any(sign.isspace() or sign in "/@" for sign in host):
            raise ValueError(f"{host!r} is not an address")
        return host

    @model_validator(mode="after")
    def _have_both_files(self) -> Self:
        if bool(self.certificate) != bool(self.certificate_key):
            raise ValueError("set certificate and certificate_key together")
        return self

    @model_validator(mode="after")
    def _have_an_address_to_return_to(self) -> Self:
        if self.openid.issuer and not self.public_url:
            raise ValueError("set public_url: the provider of openid sends people back to it")
        return self

    @field_validator("public_url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url and not _ADDRESS.fullmatch(url):
            raise ValueError(
                f"{url!r} is not an address without a path, such as https://ringfence.example.org"
            )
        return url.rstrip("/")

    @property
    def port_of_authorize(self) -> int:
        """The port that answers gateways."""
        return self.authorize_port or self.port + 1
