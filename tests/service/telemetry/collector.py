"""A small collector of OpenTelemetry on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Collection:
    """The requests that were received.

    Attributes:
        address: of the collector.
        spans: the name and the attributes of each span, and whether it failed.
        sums: the newest sum of each counter and number of each histogram, by its name.
        about: attributes of the processes that have sent.
        raw: all bytes.
    """

    address: str = ""
    spans: list[tuple[str, dict[str, Any], bool]] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)
    about: list[dict[str, Any]] = field(default_factory=list)
    raw: bytes = b""

    def take(self, path: str, body: bytes) -> None:
        """Read a request."""
        from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

        self.raw += body
        if path == "/v1/traces":
            for resource in traces.ExportTraceServiceRequest.FromString(body).resource_spans:
                self.about.append(_values(resource.resource.attributes))
                for scope in resource.scope_spans:
                    self.spans += [
                        (one.name, _values(one.attributes), one.status.code == 2)
                        for one in scope.spans
                    ]
            return
        assert path == "/v1/metrics"
        for resource in metrics.ExportMetricsServiceRequest.FromString(body).resource_metrics:
            for scope in resource.scope_metrics:
                for one in scope.metrics:
                    points = [point.as_int for point in one.sum.data_points]
                    points += [point.count for point in one.histogram.data_points]
                    self.sums[one.name] = sum(points)


def _values(attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - of the library
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}


@contextmanager
def collector() -> Iterator[Collection]:
    """Run a collector."""
    collected = Collection()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collected.take(self.path, self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collected.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield collected
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
