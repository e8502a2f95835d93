"""The settings of sources that the live service reads by itself: log files and Kafka."""

from __future__ import annotations

from pydantic import Field, field_validator

from ringfence.reading_settings import (
    ColumnSettings,
    EventSettings,
    FormatName,
    Section,
    SettingsPath,
    check_time_zone,
)

_READING = ("format", "layout", "time_zone", "time_format")


class FollowedSource(Section):
    """The settings that files and topics share. An empty one stands for that in ``[events]``."""

    format: FormatName = Field("", description="Format, as `events.format`.")
    layout: str = Field("", description="Layout of a text log, as `events.layout`.")
    time_zone: str = Field("", description="Time zone of times without a zone.")
    time_format: str = Field("", description="Form of unusual times, as `events.time_format`.")
    columns: dict[str, str] = Field(
        {},
        description="Names of columns, as in `events.columns`. They replace those in that table.",
    )
    from_start: bool = Field(
        default=True,
        description="Whether existing content counts when the source is first found. false: only "
        "new content counts.",
    )

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        return check_time_zone(name) if name else name

    @field_validator("columns")
    @classmethod
    def _are_columns(cls, columns: dict[str, str]) -> dict[str, str]:
        ColumnSettings.model_validate(columns)
        return columns

    def events(self, usual: EventSettings) -> EventSettings:
        """Return how the source is read.

        Args:
            usual: ``[events]``.
        """
        own: dict[str, object] = {name: getattr(self, name) for name in _READING}
        if own["format"] and not own["layout"]:
            usual = usual.model_copy(update={"layout": ""})
        if own["layout"] and not own["format"]:
            usual = usual.model_copy(update={"format": "auto"})
        if self.columns:
            own["columns"] = ColumnSettings.model_validate(self.columns)
        return usual.model_copy(update={name: value for name, value in own.items() if value})


class FileSourceSettings(FollowedSource):
    """``[[service.files]]``: log files that the service follows."""

    path: SettingsPath = Field(
        min_length=1,
        description="A log file, or a pattern such as `/var/log/nginx/*.log`. Rotated files are "
        "read to their end, whether the pattern names them or not.",
    )


class KafkaSourceSettings(FollowedSource):
    """``[[service.kafka]]``: topics whose messages are records. Needs ``ringfence[kafka]``."""

    servers: str = Field(min_length=1, description="Addresses of brokers, joined by commas.")
    topics: tuple[str, ...] = Field(min_length=1, description="Names of topics.")
    options_file: SettingsPath = Field(
        "",
        description="File with further settings of librdkafka, such as passwords: one "
        "`name=value` per line.",
    )
