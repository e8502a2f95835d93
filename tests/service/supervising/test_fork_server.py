"""Processes are forked where that is safe, and start by themselves where it is not."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.service.supervising.running_service import Service, children, lives, parent, until

from ringfence.service.supervising.fork_order import ForkOrder
from ringfence.service.supervising.forking import ForkServer
from ringfence.service.supervising.started_process import StartedProcess

FAULTY = "tests.service.supervising.faulty_modules"
WITHOUT = "processes load their libraries themselves, because the fork server cannot be used: "


def fork_server(service: Service) -> int:
    """Return the process that has forked the processes of a service."""
    (server,) = {parent(one) for one in service.running()} & set(children(service.process.pid))
    return server


def environment(process: int, name: str) -> list[str]:
    """Return a variable of a process, as it was when the process began."""
    listed = Path(f"/proc/{process}/environ").read_text().split("\0")
    return [one for one in listed if one.startswith(f"{name}=")]


def works_without_it(service: Service, reason: str) -> None:
    """Check that two idle processes work without a fork server, and are started again."""
    service.until_said("is idle", 2)
    first = service.running()[:2]
    assert {parent(one) for one in first} == {service.process.pid}
    assert service.said.count(f"{WITHOUT}{reason}\n") == 1
    os.kill(first[0], signal.SIGKILL)
    service.until_said("is idle", 3)
    assert "ended with signal 9; it starts again" in service.said
    assert not lives(first[0])
    assert lives(first[1])
    service.process.send_signal(signal.SIGTERM)
    assert service.wait() == 0
    assert not any(map(lives, service.running()))
    assert (service.folder.root / "graceful").exists()


@pytest.mark.slow
def test_a_fork_server_that_hangs_is_started_again(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was ordered of it, but it would not say that a process has ended."""
    monkeypatch.setenv("HUNG_SECONDS", "3")
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    first = [*service.running(), fork_server(service)]
    os.kill(first[-1], signal.SIGSTOP)
    service.until_said("is idle", 4)
    assert service.said.count("the fork server gave no sign of life for 3 s and was killed") == 1
    assert not any(map(lives, first))


def test_orders_that_cannot_be_sent_are_sent_later(tmp_path: Path) -> None:
    """While the fork server does not read, few long messages fill its socket; none is lost."""
    server = ForkServer([], 60.0)
    long = ("idle", "no.module:none", str(tmp_path), "x" * 60_000)
    with (tmp_path / "file").open("w") as file:
        handles = (file.fileno(),) * 3
        first, more = StartedProcess(), [StartedProcess() for _ in range(9)]
        server.order(first, long, handles)
        until(lambda: server.look() or first.status is not None)
        (process,) = children(os.getpid())
        os.kill(process, signal.SIGSTOP)
        for one in more:
            server.order(one, long, handles)
        server.look()
        assert all(one.number is None for one in more)
        os.kill(process, signal.SIGCONT)
        until(lambda: server.look() or all(one.status is not None for one in more))
    assert all(one.number is not None for one in more)
    assert children(os.getpid()) == [process]
    server.close()


def test_the_service_goes_on_while_the_system_starts_no_process(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each process is tried again after a pause, until the system starts one."""
    full = tmp_path / "full"
    monkeypatch.setenv("NO_PROGRAMS", str(full))
    full.touch()
    service = start("idle", "idle")
    service.until_said("idle-1 could not be started: Resource temporarily unavailable; it is tried")
    full.unlink()
    service.until_said("is idle", 2)
    full.touch()
    told = service.said.count("could not be started")
    os.kill(fork_server(service), signal.SIGKILL)
    service.until_said("could not be started", told + 2)
    full.unlink()
    service.until_said("is idle", 4)
    assert service.process.poll() is None
    assert len(children(service.process.pid)) == 1


@pytest.mark.slow
def test_a_process_that_is_stopped_does_not_outlive_its_supervisor(
    start: Callable[..., Service],
) -> None:
    """The next supervisor gets the folder soon after the time to stop."""
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    everything = [*service.running(), fork_server(service)]
    os.kill(service.running()[0], signal.SIGSTOP)
    service.process.kill()
    end = time.monotonic() + 13.0
    while any(map(lives, everything)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(lives, everything))


def test_an_order_that_cannot_be_made_leaves_no_file_open(tmp_path: Path) -> None:
    """There may be too many open files, and the order is tried again and again."""
    with (tmp_path / "file").open("w") as file:
        before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the names are not needed
        with pytest.raises(OSError, match="Bad file descriptor"):
            ForkOrder.create(1, (), (file.fileno(), file.fileno(), -1))
        assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - as above


def test_libraries_start_no_thread_before_a_fork(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """NumPy starts one per core when it is loaded, unless the environment forbids it."""
    monkeypatch.setenv("MODULES", "numpy duckdb pyarrow")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    server = fork_server(service)
    assert len(list(Path(f"/proc/{server}/task").iterdir())) == 1
    assert WITHOUT not in service.said
    started = service.running()[2:]
    # Commands that a process starts have the environment of the service.
    assert [environment(one, "OMP_NUM_THREADS") for one in started] == [["OMP_NUM_THREADS=7"]] * 2
    assert not any(environment(one, "OPENBLAS_NUM_THREADS") for one in started)


@pytest.mark.slow
def test_a_process_with_threads_is_not_forked(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that the other thread holds would stay locked in the new process for ever."""
    monkeypatch.setenv("MODULES", f"{FAULTY}.library_with_thread")
    works_without_it(start("idle", "idle"), "it has 2 threads")


@pytest.mark.slow
def test_the_service_runs_on_macos(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no sockets that keep messages apart."""
    monkeypatch.setenv("SYSTEM", "macOS")
    works_without_it(start("idle", "idle"), "the system has no SOCK_SEQPACKET")


@pytest.mark.slow
def test_a_system_that_lets_orphans_live_is_not_trusted_with_forks(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If prctl is refused, a process could outlive the fork server, and run twice."""
    monkeypatch.setenv("MODULES", f"{FAULTY}.no_prctl")
    reason = "the system does not end processes together with their parent"
    works_without_it(start("idle", "idle"), reason)


def test_a_fork_that_fails_ends_no_other_process(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process whose fork was refused is started again after a pause."""
    monkeypatch.setenv("MODULES", f"{FAULTY}.second_fork_fails")
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    assert service.said.count("ended with") == 1
    assert "idle-1 ended with status 1; it starts again in 0.5 s" in service.said
    assert all(map(lives, service.running()))


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("broken_library", "OSError at "),
        ("panicking_library", "PanicException at "),
        ("not_there", "ModuleNotFoundError at "),
    ],
)
def test_a_module_that_cannot_be_loaded_is_left_to_its_process(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch, module: str, reason: str
) -> None:
    """The others are loaded all the same, and one line says why this one was not."""
    monkeypatch.setenv("MODULES", f"{FAULTY}.{module}")
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    assert service.said.count(f"the fork server could not load {FAULTY}.{module}: {reason}") == 1
    assert "ended with" not in service.said
    assert fork_server(service)


@pytest.mark.slow
def test_a_library_that_crashes_when_it_is_loaded_does_not_end_the_service(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two fork servers in a row end before they have loaded it, so there is no third."""
    monkeypatch.setenv("MODULES", f"{FAULTY}.fatal_library")
    works_without_it(start("idle", "idle"), "it cannot load its modules")


@pytest.mark.slow
def test_a_service_without_fork_server_leaves_no_process_behind(
    start: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If its supervisor is killed, all processes stop by themselves."""
    monkeypatch.setenv("SYSTEM", "macOS")
    service = start("idle", "idle")
    service.until_said("is idle", 2)
    everything = service.running()
    service.process.kill()
    end = time.monotonic() + 20.0
    while any(map(lives, everything)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(lives, everything))
