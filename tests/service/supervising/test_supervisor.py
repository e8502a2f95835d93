"""The supervisor keeps its processes running, and leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.supervising import Supervisor

PATIENCE = 60.0


class Service:
    """A service in a process of its own.

    Args:
        root: its folder.
        names: of the entries of its processes.
    """

    def __init__(self, root: Path, *names: str) -> None:
        self.folder = ServiceFolder(root)
        self.output = root.with_suffix(f".{time.monotonic_ns()}")
        command = [sys.executable, "-m", "tests.service.supervising.service_worker", str(root)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *names], stdout=output, cwd=Path(__file__).parents[3]
            )

    @property
    def said(self) -> str:
        """Its output until now."""
        return self.output.read_text()

    def until_said(self, text: str, times: int = 1) -> None:
        """Wait until it has printed a text."""
        until(lambda: self.said.count(text) >= times)

    def running(self) -> list[int]:
        """Return the ids of its processes, and of those that they have started."""
        found = [path for path in self.folder.root.iterdir() if path.name.startswith("idle-")]
        numbers = [int(path.name.removeprefix("idle-")) for path in found]
        return numbers + [int(text) for path in found if (text := path.read_text())]

    def wait(self) -> int:
        """Wait for its end, and return its exit status."""
        return self.process.wait(PATIENCE)


def until(done: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def lives(process: int) -> bool:
    """Return whether a process runs. One that has ended may wait for its parent."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Return a function that starts a service in the folder of the test."""
    services: list[Service] = []

    def begin(*names: str, root: str = "service") -> Service:
        services.append(Service(tmp_path / root, *names))
        return services[-1]

    yield begin
    for one in services:
        with suppress(ProcessLookupError):
            one.process.kill()
        one.process.wait()


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
