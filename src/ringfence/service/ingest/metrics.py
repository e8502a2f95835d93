"""The metrics of the ingest process. None has an account, an item or a client as a label."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


class IngestMetrics:
    """The metrics of one process.

    Attributes:
        registry: all metrics.
        events: records that are on disk and acknowledged.
        refused: records that could not be read.
        repeated: batches that were there already.
        requests: answers to posted batches, by status.
        commit_seconds: time of a write to the log.
        commit_batches: batches in a write.
        waiting_bytes: bytes of batches in memory.
        lag_bytes: bytes that the judge has not used up.
        free_bytes: free bytes of the disk.
        failing: 1 while batches cannot be stored, or soon cannot.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.events = Counter(
            "ringfence_ingest_events", "Records on disk and acknowledged", registry=registry
        )
        self.refused = Counter(
            "ringfence_ingest_quarantined", "Records that could not be read", registry=registry
        )
        self.repeated = Counter(
            "ringfence_ingest_repeated_batches", "Batches stored before", registry=registry
        )
        self.requests = Counter(
            "ringfence_ingest_requests", "Answers to batches", ["status"], registry=registry
        )
        self.commit_seconds = Histogram(
            "ringfence_log_commit_seconds",
            "Time of a write to the log",
            buckets=_SECONDS,
            registry=registry,
        )
        self.commit_batches = Histogram(
            "ringfence_log_commit_batches",
            "Batches in a write to the log",
            buckets=_COUNTS,
            registry=registry,
        )
        self.waiting_bytes = Gauge(
            "ringfence_ingest_waiting_bytes", "Bytes of batches in memory", registry=registry
        )
        self.lag_bytes = Gauge(
            "ringfence_log_lag_bytes", "Bytes that wait for the judge", registry=registry
        )
        self.free_bytes = Gauge(
            "ringfence_disk_free_bytes", "Free bytes of the disk", registry=registry
        )
        self.failing = Gauge(
            "ringfence_ingest_failing",
            "Whether batches cannot be stored, or the disk is nearly full",
            registry=registry,
        )
