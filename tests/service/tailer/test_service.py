"""The whole service follows a log: its lines become takes, and a kill changes nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tests.service.judge.logs import opened
from tests.service.supervising.test_serve import Serving
from tests.service.tailer.tail_worker import line, until

from ringfence.service.files import read_status


@pytest.mark.slow
def test_a_log_is_followed_by_the_service(tmp_path: Path) -> None:
    """Each line is one take in the ledger, although the tailer is killed between two of them."""
    log = tmp_path / "access.log"
    log.write_text("".join(map(line, range(300))))
    more = f'[[service.files]]\npath = "{log}"\n'
    one = Serving(tmp_path, more)
    folder = one.folder

    def taken(count: int) -> bool:
        told = read_status(folder, "judge") or {}
        return int(told.get("events", 0)) >= count

    try:
        until(lambda: taken(300))
        tailer = (read_status(folder, "service") or {})["processes"]["tailer"]["process"]
        os.kill(tailer, signal.SIGKILL)
        with log.open("a") as file:
            file.write("".join(map(line, range(300, 500))))
        until(lambda: taken(500))
    finally:
        one.process.terminate()
        one.process.wait(20)
    ledger = opened(folder)
    with ledger.engine as engine:
        ledger.compact()
        assert engine.rows("SELECT count(*), sum(uses) FROM holdings")[0] == (500, 500)
