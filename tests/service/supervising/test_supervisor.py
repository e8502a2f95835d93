"""The supervisor keeps its processes running, and leaves none behind."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.service.supervising.running_service import Service, children, lives, parent, until

from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.supervising import Supervisor


def test_a_process_that_is_killed_is_started_again(start: Callable[..., Service]) -> None:
    """The new one has another number; what the old one had started is gone; a line says so."""
    service = start("idle")
    service.until_said("is idle")
    first = service.running()
    assert len(first) == 2
    os.kill(first[0], signal.SIGKILL)
    service.until_said("is idle", 2)
    until(lambda: not any(map(lives, first)))
    assert "idle-0 ended with signal 9; it starts again in 0.5 s" in service.said
    until(
        lambda: (
            (read_status(service.folder, "service") or {})["processes"]["idle-0"]["restarts"] == 1
        )
    )


@pytest.mark.slow
def test_all_processes_start_again_after_the_fork_server_was_killed(
    start: Callable[..., Service],
) -> None:
    """None of the old ones is left, nor what they had started, and the new ones stop gracefully."""
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    first = service.running()
    assert len(first) == 4
    (server,) = {parent(one) for one in first} & set(children(service.process.pid))
    os.kill(server, signal.SIGKILL)
    service.until_said("is idle", 4)
    until(lambda: not any(map(lives, first)))
    assert service.said.count("ended with signal 9; it starts again in 0.5 s") == 2
    service.process.send_signal(signal.SIGTERM)
    assert service.wait() == 0
    assert not any(map(lives, service.running()))
    assert (service.folder.root / "graceful").exists()


@pytest.mark.slow
def test_a_process_that_hangs_is_started_again(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is stopped gives no sign of life; it is killed, and the others are left alone."""
    monkeypatch.setenv("HUNG_SECONDS", "3")
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    first = service.running()
    os.kill(first[0], signal.SIGSTOP)
    service.until_said("is idle", 3)
    assert "gave no sign of life for 3 s and was killed" in service.said
    assert "ended with silent for 3 s; it starts again" in service.said
    assert not lives(first[0])
    assert lives(first[1])
    assert service.said.count("ended with") == 1


@pytest.mark.slow
def test_an_event_loop_that_is_blocked_is_a_process_that_hangs(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its threads still run, but it answers nobody, so it is started again."""
    monkeypatch.setenv("HUNG_SECONDS", "2")
    service = start("blocked", "idle")
    service.until_said("is blocked", 2)
    assert service.said.count("gave no sign of life") == 1


def test_a_stop_ends_all_processes_gracefully(start: Callable[..., Service]) -> None:
    """The status is 0, the processes were not killed, and none is left."""
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    everything = service.running()
    assert len(everything) == 4
    service.process.send_signal(signal.SIGINT)
    assert service.wait() == 0
    assert not any(map(lives, everything))
    assert (service.folder.root / "graceful").exists()
    status = read_status(service.folder, "service") or {}
    assert status["doing"] == "stopped"


@pytest.mark.slow
def test_no_process_outlives_a_supervisor_that_is_killed(start: Callable[..., Service]) -> None:
    """They stop by themselves, and the next service begins when the last one has."""
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    everything = service.running()
    service.process.kill()
    service.wait()
    for path in service.folder.root.glob("idle-*"):
        path.rename(path.with_name(f"old-{path.name}"))
    after = start("idle")
    after.until_said("is idle")
    assert not any(map(lives, everything))
    assert (service.folder.root / "graceful").exists()


def test_a_folder_has_one_service(start: Callable[..., Service]) -> None:
    """The second one ends at once with one line, and the first one goes on."""
    first = start("idle")
    first.until_said("is idle")
    begin = time.monotonic()
    root = first.folder.root
    second = start("idle")
    assert second.wait() == 2
    assert f"{root}: is in use by another service, process {first.process.pid} (stop" in second.said
    assert time.monotonic() - begin < 10
    assert first.process.poll() is None


def test_a_process_that_refuses_its_settings_ends_the_service(
    start: Callable[..., Service],
) -> None:
    """Its line says what is wrong, and the others are stopped."""
    service = start("idle", "refuse")
    assert service.wait() == 2
    assert "refuse-1: service.folder: cannot be used (name another)" in service.said
    assert not any(map(lives, service.running()))


@pytest.mark.slow
def test_a_process_that_ends_again_and_again_is_started_later_each_time(
    start: Callable[..., Service],
) -> None:
    """The pauses grow, and each end is one line."""
    service = start("crash")
    service.until_said("ended with", 3)
    assert "crash-0: unexpected ValueError at child.py:" in service.said
    pauses = [float(line.split()[-2]) for line in service.said.splitlines() if "again in" in line]
    assert pauses[:3] == [0.5, 1.0, 2.0]


@pytest.mark.slow
def test_a_process_that_does_not_stop_is_killed(start: Callable[..., Service]) -> None:
    """The service waits for some seconds, and ends with status 0 all the same."""
    service = start("stubborn")
    service.until_said("is stubborn")
    service.process.send_signal(signal.SIGTERM)
    assert service.wait() == 0
    assert "stubborn-0 did not stop in time and was killed" in service.said


def test_it_ends_when_its_caller_says_so(tmp_path: Path) -> None:
    """A supervisor whose caller says that it is over stops without a signal."""
    asked = iter([False, False, True])
    folder = ServiceFolder(tmp_path / "live")
    Supervisor(folder, (), None, lambda _: None).run(is_over=lambda: next(asked))
    status = read_status(folder, "service")
    assert status is not None
    assert status["doing"] == "stopped"
