"""Send work to an OpenTelemetry collector, with OTLP over HTTP.

A slow or unavailable collector does not delay the service: the library sends in its own threads,
and drops data that does not fit into its queue.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from ringfence.service.telemetry.work import WORK_COUNTS, WORK_NAMES, Work

_SCOPE: Final = "ringfence"
_NANOSECONDS: Final = 1_000_000_000
_PATIENCE: Final = 3.0
"""Seconds that the end of the process waits for a collector."""


class OtlpSender:
    """Sends a span for each work, and a histogram and counters for each kind.

    Args:
        process: name of this process.
        environment: the variables of OpenTelemetry. The library reads the rest of them itself.

    Raises:
        ModuleNotFoundError: the extra is not installed.
    """

    def __init__(self, process: str, environment: Mapping[str, str]) -> None:
        # The packages of an extra are loaded when they are needed.
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: PLC0415
            OTLPMetricExporter,
        )
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
        from opentelemetry.sdk.metrics.export import (  # noqa: PLC0415
            PeriodicExportingMetricReader,
        )
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415

        self._failed = Status(StatusCode.ERROR)
        # A collector that is down would be told of each few seconds.
        logging.getLogger("opentelemetry").setLevel(logging.ERROR)
        about = Resource.create(
            {
                "service.name": environment.get("OTEL_SERVICE_NAME") or _SCOPE,
                "service.version": version("ringfence"),
                "ringfence.process": process,
            }
        )
        self._spans = TracerProvider(resource=about, shutdown_on_exit=False)
        if environment.get("OTEL_TRACES_EXPORTER") != "none":
            self._spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        wanted = environment.get("OTEL_METRICS_EXPORTER") != "none"
        readers = [PeriodicExportingMetricReader(OTLPMetricExporter())] if wanted else []
        self._metrics = MeterProvider(readers, about, shutdown_on_exit=False)
        self._tracer = self._spans.get_tracer(_SCOPE)
        meter = self._metrics.get_meter(_SCOPE)
        self._seconds = {
            name: meter.create_histogram(f"ringfence.{name}.duration", "s") for name in WORK_NAMES
        }
        self._counts = {
            (name, count): meter.create_counter(f"ringfence.{name}.{count}")
            for name in WORK_NAMES
            for count in WORK_COUNTS[name]
        }

    def tell(self, work: Work) -> None:
        """Put some work into the queue."""
        began = int(work.began * _NANOSECONDS)
        span = self._tracer.start_span(
            work.name,
            attributes={f"ringfence.{name}": count for name, count in work.counts.items()},
            start_time=began,
        )
        if work.failed:
            span.set_status(self._failed)
        span.end(began + int(work.seconds * _NANOSECONDS))
        self._seconds[work.name].record(work.seconds, {"ringfence.failed": work.failed})
        for name, count in work.counts.items():
            self._counts[work.name, name].add(count)

    def close(self) -> None:
        """Send what is left. A collector that is down is waited for three seconds."""
        # The library would try again for longer than a process may take to stop.
        for end in (self._spans.shutdown, self._metrics.shutdown):
            threading.Thread(target=end, name="telemetry", daemon=True).start()
        for thread in threading.enumerate():
            if thread.name == "telemetry":
                thread.join(_PATIENCE)
