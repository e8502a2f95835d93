"""A process gives signs of life to the one that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from ringfence.service.files import heartbeat
from ringfence.service.files.heartbeat import Heartbeat

CHILD = (
    "import sys, time\n"
    "from ringfence.service.files.heartbeat import beat\n"
    "beat(int(sys.argv[1])); time.sleep(60)"
)


def silence(heart: Heartbeat, seconds: float) -> float:
    """Look often for some time, and return the silence then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        heart.silence()
        time.sleep(0.05)
    return heart.silence()


def test_a_process_that_is_stopped_gives_no_sign_of_life() -> None:
    """Signs come each second while it runs, none while it is stopped, and then again."""
    heart = Heartbeat()
    command = [sys.executable, "-c", CHILD, str(heart.handle)]
    with subprocess.Popen(command, pass_fds=(heart.handle,)) as child:
        heart.handed_over()
        try:
            end = time.monotonic() + 20
            while heart.silence() > 0.2 and time.monotonic() < end:
                time.sleep(0.05)
            os.kill(child.pid, signal.SIGSTOP)
            assert silence(heart, 2.5) > 2
            os.kill(child.pid, signal.SIGCONT)
            assert silence(heart, 1.5) < 1.5
        finally:
            child.kill()
    heart.close()
    heart.close()


def test_a_time_in_which_nobody_looked_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pause of the machine of an hour, one second of silence is counted."""
    now = [100.0]
    monkeypatch.setattr(heartbeat.time, "monotonic", lambda: now[0])
    heart = Heartbeat()
    now[0] += 3_600
    assert heart.silence() == 1.0
    os.write(heart.handle, b".")
    now[0] += 3_600
    assert heart.silence() == 0.0
    heart.close()
