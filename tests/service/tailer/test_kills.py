"""A tailer that is killed at any moment stores each line once."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest
from tests.service.tailer.tail_worker import line, settings, stored, tailer, told, until

from ringfence.service.files import ServiceFolder


def rotated(log: Path, number: int) -> None:
    """Rotate a log in one of two ways."""
    former = log.with_name(f"{log.name}.{number}")
    if number % 2:
        log.rename(former)
        log.touch()
    else:
        shutil.copy(log, former)
        os.truncate(log, 0)


def kill_often(root: Path, times: int, seed: int) -> int:
    """Write and rotate two logs while the tailer is killed, and return the number of lines."""
    dice = random.Random(seed)  # noqa: S311 - a repeatable test
    folder = ServiceFolder(root / "live")
    folder.create()
    logs = [root / "a.log", root / "b.log"]
    for log in logs:
        log.touch()
    chosen = settings({"path": str(root / "*.log*")})
    written = 0
    for round_ in range(times):
        with tailer(folder, chosen) as running:
            end = time.monotonic() + dice.uniform(0.3, 1.6)
            while time.monotonic() < end:
                for log in logs:
                    count = dice.randrange(1, 3000)
                    text = "".join(line(written + one) for one in range(count))
                    written += count
                    # One write of many lines may be seen in part.
                    with log.open("ab", buffering=0) as file:
                        cut = dice.randrange(len(text))
                        file.write(text[:cut].encode())
                        file.write(text[cut:].encode())
                time.sleep(dice.uniform(0, 0.05))
            running.send_signal(signal.SIGKILL)
            running.wait()
        if dice.random() < 0.6:
            rotated(dice.choice(logs), round_)
    with tailer(folder, chosen):
        until(lambda: "sources" in told(folder) and told(folder)["lines"] >= 0)
        time.sleep(3)
        until(lambda: all(not one["behind"] for one in told(folder)["sources"]))
    found = stored(folder)
    assert {one: count for one, count in found.items() if count != 1} == {}
    assert set(found) == set(map(line, range(written)))
    return written


@pytest.mark.slow
def test_a_killed_tailer_stores_each_line_once(tmp_path: Path) -> None:
    """Three kills while two logs grow and are rotated."""
    assert kill_often(tmp_path, 3, 1) > 0


@pytest.mark.slow
def test_many_kills(tmp_path: Path) -> None:
    """Ten kills."""
    kill_often(tmp_path, 10, 2)


@pytest.mark.slow
def test_a_stopped_tailer_goes_on(tmp_path: Path) -> None:
    """After SIGTERM, the status says that it has stopped, and the next process reads on."""
    folder = ServiceFolder(tmp_path / "live")
    folder.create()
    log = tmp_path / "a.log"
    log.write_text("".join(map(line, range(100))))
    chosen = settings({"path": str(log)})
    for last in (100, 150):
        with tailer(folder, chosen) as running:
            until(lambda: told(folder).get("process") == running.pid)
            until(lambda: _read(folder) >= len(log.read_bytes()))
        assert not told(folder)["running"]
        if last == 100:
            with log.open("a") as file:
                file.write("".join(map(line, range(100, 150))))
    assert dict(stored(folder)) == dict.fromkeys(map(line, range(150)), 1)


def _read(folder: ServiceFolder) -> int:
    sources = told(folder).get("sources", [])
    if not sources or sources[0]["behind"] or not sources[0]["format"]:
        return 0
    return int(sources[0]["lines"]) * 10**6 or 10**9
