"""The numbers in status files that are metrics. Texts never are: they may name accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

MetricKind = Literal["gauge", "counter", "flag"]
"""A value that goes up and down, one that only grows, or whether a value is there: 1 or 0."""


@dataclass(frozen=True)
class StatusMetric:
    """One number in a status file.

    Attributes:
        name: of the metric, without the ending of counters.
        meaning: one line for the reader of the metrics.
        process: whose status has it.
        path: the names that lead to it.
        kind: how it is shown.
    """

    name: str
    meaning: str
    process: str
    path: tuple[str, ...]
    kind: MetricKind = "gauge"


def _judge(name: str, meaning: str, path: str, kind: MetricKind = "gauge") -> StatusMetric:
    return StatusMetric(f"ringfence_judge_{name}", meaning, "judge", tuple(path.split(".")), kind)


def _authorize(name: str, meaning: str, path: str, kind: MetricKind = "gauge") -> StatusMetric:
    return StatusMetric(f"ringfence_authorize_{name}", meaning, "authorize", (path,), kind)


def _tailer(name: str, meaning: str, path: str, kind: MetricKind = "gauge") -> StatusMetric:
    return StatusMetric(f"ringfence_tailer_{name}", meaning, "tailer", (path,), kind)


STATUS_METRICS: Final = (
    _judge("folds", "Folds of events into the ledger", "folds", "counter"),
    _judge("events", "Events that were new to the ledger", "events", "counter"),
    _judge("fold_seconds", "Time of the last fold", "fold_seconds"),
    _judge("records", "Records that were folded, read or not", "input.lines", "counter"),
    _judge("records_unreadable", "Records that could not be read", "input.unreadable", "counter"),
    _judge("bad_times", "Records with an unreadable or future time", "input.bad_times", "counter"),
    _judge(
        "implausible",
        "Whether the events of the last minutes are implausible",
        "input.problem",
        "flag",
    ),
    _judge("failing", "Whether the last step failed", "error", "flag"),
    _judge("scanning", "Whether a scan runs", "scanning"),
    _judge("scan_began_timestamp_seconds", "Begin of the last scan", "last_scan.began"),
    _judge("scan_seconds", "Time of the last scan", "last_scan.seconds"),
    _judge("scan_findings", "Findings of the last scan", "last_scan.findings"),
    _judge("scan_failed", "Whether the last scan failed", "last_scan.error", "flag"),
    _judge(
        "scan_withheld", "Whether the last scan judged no account", "last_scan.withheld", "flag"
    ),
    _judge("waiting_segments", "Segments of the log that are not folded", "waiting_segments"),
    _judge("waiting_bytes", "Bytes of events that are not folded", "waiting_bytes"),
    _judge("waiting_seconds", "Age of the oldest events that are not folded", "waiting_seconds"),
    _judge("ledger_bytes", "Size of the ledger", "ledger_bytes"),
    _judge("ledger_log_bytes", "Size of the ledger's own log", "ledger_log_bytes"),
    _judge("aside_files", "Files with records that cannot be folded", "aside"),
    _judge("delivery_failing", "Whether nothing could be delivered", "delivery_error", "flag"),
    _authorize("accounts", "Accounts with counters", "accounts"),
    _authorize("uncounted", "Accounts for which there is no room", "uncounted"),
    _authorize("pairs", "Pairs of account and item in the filter", "pairs"),
    _authorize("filters", "Parts of the filter", "filters"),
    _authorize("standings", "Accounts that are restricted, trusted or under a grant", "standings"),
    _authorize("feed_position", "Number of the last file of the feed", "feed_position"),
    _authorize("feed_pairs", "New pairs that came by the feed", "feed_new", "counter"),
    _authorize("feed_damaged", "Damaged files of the feed", "feed_damaged", "counter"),
    _authorize("shadow", "Whether requests beyond the budget are only counted", "shadow"),
    _authorize("fail_open", "Whether requests that cannot be decided are allowed", "fail_open"),
    _authorize("failing", "Whether a task of the process fails", "problems", "flag"),
    _tailer("lines", "Lines and messages that were stored", "lines", "counter"),
    _tailer("waiting_bytes", "Bytes of lines that are not folded", "waiting_bytes"),
    _tailer("failing", "Whether lines cannot be stored", "error", "flag"),
    StatusMetric(
        "ringfence_backup_timestamp_seconds", "Begin of the last backup", "backup", ("time",)
    ),
    StatusMetric("ringfence_backup_bytes", "Size of the last backup", "backup", ("bytes",)),
)
"""All metrics without labels that come from status files."""
