"""A backup of a service under load loses no acknowledged event and counts none twice."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from tests.service.judge.logs import fold, holdings, lines, take
from tests.service.supervising.test_serve import PROGRAM, Serving, serve
from tests.service.supervising.test_supervisor import until

from ringfence.service.event_log import LogWriter
from ringfence.service.files import ServiceFolder, read_status

__all__ = ["serve"]

PER_BATCH = 20


class Load:
    """Posts batches, each with its key, until it is stopped.

    Attributes:
        acknowledged: numbers of batches that were acknowledged.
    """

    def __init__(self, service: Serving) -> None:
        self.acknowledged: list[int] = []
        self._end = threading.Event()
        self._service = service
        self._token = service.token()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        """Stop it."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self._service.port}") as client:
            number = 0
            while not self._end.is_set():
                with suppress(httpx.TransportError):
                    if client.post("/api/v1/events", **self._batch(number)).is_success:
                        self.acknowledged.append(number)
                        number += 1

    def _batch(self, number: int) -> dict[str, object]:
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/x-ndjson",
            "Idempotency-Key": f"batch-{number}",
        }
        return {"content": records(number), "headers": headers}


def records(number: int) -> bytes:
    """Return the records of a batch: items that no other batch has."""
    first = number * PER_BATCH
    return lines(take("ann", f"t{first + one}", first + one) for one in range(PER_BATCH))


def run(*arguments: str) -> str:
    """Run the command, and return what it printed."""
    done = subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.slow
def test_no_event_is_lost_or_counted_twice(serve: Callable[..., Serving], tmp_path: Path) -> None:
    """Each of three backups has all events before it, each once, and folds go on afterwards."""
    service = serve("scan_every = 1000")
    config = str(service.config)
    load = Load(service)
    until(lambda: (read_status(service.folder, "judge") or {}).get("folds", 0) > 1)
    bounds = []
    for number in range(3):
        time.sleep(1.3)
        before = len(load.acknowledged)
        said = run("backup", str(tmp_path / f"backup-{number}"), "--config", config)
        assert " files, " in said
        bounds.append((before, len(load.acknowledged) + 1))
    folds = (read_status(service.folder, "judge") or {})["folds"]
    until(lambda: (read_status(service.folder, "judge") or {}).get("folds", 0) > folds)
    load.stop()
    assert service.stop() == 0
    for number, (least, most) in enumerate(bounds):
        restored = ServiceFolder(tmp_path / f"restored-{number}")
        own = tmp_path / f"restored-{number}.toml"
        own.write_text(f'[service]\nfolder = "{restored.root.name}"\n')
        assert "is as it was at" in run(
            "restore", str(tmp_path / f"backup-{number}"), "--config", str(own)
        )
        with LogWriter(restored.log):
            """Closes the segment that was open."""
        fold(restored)
        found = holdings(restored)
        assert all(uses == 1 for _, _, uses in found)
        assert len(found) % PER_BATCH == 0
        assert least <= len(found) // PER_BATCH <= most
