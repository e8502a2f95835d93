"""Debian's bouncer of CrowdSec, and a web server that gives it a store's decisions."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ringfence.cases import CaseStore
from ringfence.enforcement.bouncer_stream import BouncerStream

KEY = "a-key-of-the-test"

CONFIG = """
bin_path: {folder}/script
piddir: {folder}
update_frequency: 200ms
cache_retention_duration: 10s
daemonize: false
log_mode: stdout
log_level: info
api_url: {url}
api_key: {key}
prometheus:
  enabled: false
"""

SCRIPT = """#!/bin/sh
printf '%s\\037' "$@" >> {folder}/told
printf '\\n' >> {folder}/told
"""

Told = Callable[[int], list[list[str]]]
"""Waits for a number of calls of the bouncer's script, and returns them."""


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


@contextmanager
def debian_bouncer(folder: Path, url: str, key: str) -> Iterator[Told]:
    """Run Debian's bouncer, and return a function that waits for calls of its script."""
    program = shutil.which("crowdsec-custom-bouncer")
    if program is None:
        pytest.skip("install: apt-get install crowdsec-custom-bouncer")
    script = folder / "script"
    script.write_text(SCRIPT.format(folder=folder))
    script.chmod(0o700)
    config, log = folder / "bouncer.yaml", folder / "log-of-bouncer"
    config.write_text(CONFIG.format(folder=folder, url=url, key=key))
    with log.open("wb") as out:
        bouncer = subprocess.Popen([program, "-c", str(config)], stdout=out, stderr=out)

    def wait(calls: int) -> list[list[str]]:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = _calls(folder / "told")
            if len(found) >= calls:
                return found
            time.sleep(0.05)
        raise AssertionError(log.read_text())

    try:
        yield wait
    finally:
        bouncer.terminate()
        bouncer.wait(10)


def _calls(file: Path) -> list[list[str]]:
    if not file.exists():
        return []
    lines = file.read_text().split("\n")[:-1]
    return [line.split("\x1f")[:-1] for line in lines]
