"""The settings of the service that runs beside a catalogue: ``[service]`` and its parts."""

from __future__ import annotations

from pydantic import Field

from ringfence.reading_settings import Section, SettingsPath


class IngestSettings(Section):
    """``[service.ingest]``: how much may come in, and how it is stored."""

    segment_seconds: float = Field(
        1.0,
        gt=0,
        le=60,
        description="Seconds after which the events that came in are handed to the judge.",
    )
    segment_bytes: int = Field(
        16_000_000,
        ge=1_000,
        le=1_000_000_000,
        description="Bytes after which they are handed over earlier.",
    )
    body_bytes: int = Field(
        50_000_000,
        ge=1_000,
        le=1_000_000_000,
        description="Greatest size of one request, also after it is unpacked.",
    )
    waiting_bytes: int = Field(
        2_000_000_000,
        ge=1_000_000,
        description="Bytes that may wait for the judge. Beyond it, the answer is 429.",
    )


class JudgeSettings(Section):
    """``[service.judge]``: when accounts and rings are judged."""

    scan_minutes: float = Field(
        10, gt=0, le=1_440, description="Minutes between two scans of all accounts."
    )
    keep_days: int = Field(
        0, ge=0, le=36_500, description="Days of use that the ledger keeps. 0: all."
    )


class BudgetSettings(Section):
    """``[service.budget]``: how many items that are new to it an account may take."""

    enforce: bool = Field(
        False, description="Whether a spent budget slows an account. Otherwise it is only counted."
    )
    per_hour: int = Field(500, ge=1, description="New items within an hour.")
    per_day: int = Field(1_000, ge=1, description="New items within a day.")
    per_30_days: int = Field(5_000, ge=1, description="New items within 30 days.")


class ServiceSettings(Section):
    """``[service]``: where the service listens, and where its files are."""

    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(8460, ge=1, le=65_534, description="Port of events, pages and metrics.")
    authorize_port: int = Field(
        0, ge=0, le=65_535, description="Port of the answers for gateways. 0: `port` + 1."
    )
    folder: SettingsPath = Field(
        "ringfence-data",
        min_length=1,
        validate_default=True,
        description="Folder with all files of the service.",
    )
    ingest: IngestSettings = Field(default_factory=IngestSettings)
    judge: JudgeSettings = Field(default_factory=JudgeSettings)
    budget: BudgetSettings = Field(default_factory=BudgetSettings)
