"""A web server that gives a store's decisions to bouncers, as CrowdSec does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ringfence.cases import CaseStore
from ringfence.enforcement.bouncer_stream import BouncerStream

KEY = "a-key-of-the-test"


@contextmanager
def decisions_served(store: CaseStore) -> Iterator[str]:
    """Serve ``/v1/decisions/stream`` to one bouncer, and return the address of the server."""
    bouncer = BouncerStream("debian", store)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if self.headers["X-Api-Key"] != KEY or parts.path != "/v1/decisions/stream":
                self.send_error(403)
                return
            startup = parse_qs(parts.query).get("startup") == ["true"]
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            for piece in bouncer.answer(startup=startup):
                self.wfile.write(piece.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
