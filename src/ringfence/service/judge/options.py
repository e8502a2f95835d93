"""The pace of the judge, and what it takes from the settings."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.reading_settings import ColumnSettings
from ringfence.service.files import ServiceFolder
from ringfence.service.judge.folding import MOST_BYTES
from ringfence.settings import Settings


@dataclass(frozen=True)
class JudgeOptions:
    """The pace of the judge.

    Attributes:
        fold_seconds: least time from the beginning of a fold to that of the next one.
        scan_seconds: time from the end of a scan to the next one.
        deliver_seconds: time between two deliveries of decisions.
        keep_days: days for which the ledger keeps what was taken; 0 for ever.
        screens: whether accounts are examined between two scans.
        fold_bytes: bytes of segments that are folded at once.
    """

    fold_seconds: float = 1.0
    scan_seconds: float = 30.0
    deliver_seconds: float = 10.0
    keep_days: int = 0
    screens: bool = True
    fold_bytes: int = MOST_BYTES


def record_settings(settings: Settings) -> Settings:
    """Return the settings by which the records of the log are read.

    They are JSON lines with the names of the event schema, whatever sources of other scans are.
    """
    events = settings.events.model_copy(
        update={"format": "ndjson", "layout": "", "columns": ColumnSettings()}
    )
    return settings.model_copy(update={"events": events})


def cases_address(folder: ServiceFolder, settings: Settings) -> str:
    """Return the address of the case store: that of the settings, or the file in the folder."""
    return settings.cases.url or str(folder.cases)
