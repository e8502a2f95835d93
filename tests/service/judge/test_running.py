"""The process of the judge folds, scans as a batch scan does, and stops when it is asked to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.service.judge.logs import add_segment, left, lines, service

import ringfence
from ringfence.cases import open_store
from ringfence.cases.listing import list_cases
from ringfence.service.files import ServiceFolder, read_status
from ringfence.settings import Settings
from ringfence.stats.arrays import Columns
from ringfence.testing import extractor, together, users

PATIENCE = 180.0
MANY = 150


def batches(events: Columns, number: int) -> Iterator[bytes]:
    """Yield the events in the order of their times, as records in some batches."""
    order = np.argsort(np.asarray(events["ts"]), kind="stable")
    names = list(events)
    for part in np.array_split(order, number):
        columns = [np.asarray(events[name])[part].astype(str).tolist() for name in names]
        yield lines(
            {name: value for name, value in zip(names, row, strict=True) if value != "None"}
            for row in zip(*columns, strict=True)
        )


@dataclass
class Judge:
    """A judge in a process of its own."""

    folder: ServiceFolder
    process: subprocess.Popen[str]

    def status(self) -> dict[str, Any]:
        """Return its status."""
        return read_status(self.folder, "judge") or {}

    def until(self, done: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait until its status is as wanted, and return it."""
        end = time.monotonic() + PATIENCE
        while not done(status := self.status()):
            assert time.monotonic() < end, status
            assert self.process.poll() is None
            time.sleep(0.1)
        return status

    def stop(self, number: signal.Signals = signal.SIGTERM) -> str:
        """Stop it, and return what it said."""
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=PATIENCE)
        return said


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Judge]]:
    """Return a function that starts a judge on the folder of the test."""
    running: list[Judge] = []

    def start(**options: float) -> Judge:
        worker = "tests.service.judge.judge_worker"
        command = [sys.executable, "-m", worker, str(tmp_path / "service"), json.dumps(options)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
        )
        running.append(Judge(ServiceFolder(tmp_path / "service"), process))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            os.kill(one.process.pid, signal.SIGKILL)
        one.process.communicate()


@pytest.mark.slow
def test_a_scan_of_the_service_finds_what_a_batch_scan_finds(
    tmp_path: Path, started: Callable[..., Judge]
) -> None:
    """Twenty folds and one scan give the findings of one scan of a file with the same events."""
    folder = service(tmp_path / "service")
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    events = list(batches(together(users(60), bold), 20))
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"".join(events))
    settings = Settings.model_validate({"engine": {"threads": 1}})
    batch = ringfence.scan(file, settings=settings, cases=tmp_path / "batch.sqlite")
    for records in events:
        add_segment(folder, ("http", records))
    judge = started(scan_seconds=1e9, fold_bytes=1, fold_seconds=0.1)
    status = judge.until(lambda told: told.get("last_scan"))
    assert status["last_scan"]["error"] == ""
    assert status["folds"] == 20
    assert "scanned in" in judge.stop()
    assert judge.process.returncode == 0
    assert left(folder) == []
    told = [
        json.loads(line) for line in (folder.report / "findings.jsonl").read_text().splitlines()
    ]
    assert [one["id"] for one in told] == [one.id for one in batch.findings] != []
    for mine, theirs in zip(told, batch.findings, strict=True):
        assert (mine["verdict"], mine["items"]) == (theirs.verdict, theirs.items)
        assert mine["p_value"] == pytest.approx(theirs.p_value, rel=1e-9)
        assert [one["sentence"] for one in mine["evidence"]] == [
            one.sentence for one in theirs.evidence
        ]
    with open_store(folder.cases) as store, store.reading() as connection:
        assert len(list_cases(connection)) == len(told)


@pytest.mark.slow
def test_a_judge_stops_when_it_is_asked_to(started: Callable[..., Judge]) -> None:
    """SIGTERM ends it with status 0, and the last status says so."""
    judge = started()
    judge.until(lambda told: told.get("doing") == "waiting")
    assert judge.stop() == ""
    assert judge.process.returncode == 0
    assert judge.status()["doing"] == "stopped"


@pytest.mark.slow
def test_a_ledger_in_use_is_tried_again(tmp_path: Path, started: Callable[..., Judge]) -> None:
    """While another process has the ledger open, the status says so and no event is lost."""
    folder = service(tmp_path / "service")
    book = ringfence.ledger.open_writable(folder.ledger, Settings())
    add_segment(folder, ("http", lines([{"ts": 1, "account": "ana", "item": "a"}])))
    judge = started(scan_seconds=1e9)
    status = judge.until(lambda told: told.get("error"))
    assert "is in use by process" in status["error"]
    assert status["waiting_segments"] == 1
    book.engine.close()
    judge.until(lambda told: told.get("folds") == 1 and not told.get("error"))
    assert "it is tried again" in judge.stop()
    assert left(folder) == []


@pytest.mark.slow
def test_a_ledger_that_cannot_be_copied_stops_no_fold(
    tmp_path: Path, started: Callable[..., Judge]
) -> None:
    """The status has the error of the scan, and folds go on."""
    folder = service(tmp_path / "service")
    folder.scan_ledger.with_name(f"{folder.scan_ledger.name}.wal").mkdir()
    add_segment(folder, ("http", lines([{"ts": 1, "account": "ana", "item": "a"}])))
    judge = started(scan_seconds=0.1, fold_seconds=0.05)
    judge.until(lambda told: (told.get("last_scan") or {}).get("error"))
    add_segment(folder, ("http", lines([{"ts": 100, "account": "ana", "item": "b"}])))
    status = judge.until(lambda told: told.get("folds") == 2)
    assert status["ledger_bytes"] > 0
    assert status["free_bytes"] > 0
    judge.stop()
    assert left(folder) == []


@pytest.mark.slow
def test_a_judge_that_lags_scans_nevertheless(
    tmp_path: Path, started: Callable[..., Judge]
) -> None:
    """A scan ends while events still wait, although each fold is followed by another one."""
    folder = service(tmp_path / "service")
    for number in range(MANY):
        add_segment(folder, ("http", lines([{"ts": number, "account": "ana", "item": "a"}])))
    judge = started(scan_seconds=1, fold_bytes=1, fold_seconds=0.01)
    status = judge.until(lambda told: told.get("last_scan"))
    assert status["last_scan"]["error"] == ""
    assert status["waiting_segments"] > 0
    judge.stop()
