"""Two runs at once lose no effect on a sink that is given the whole state."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.enforcement.acts import end, open_case, order
from tests.enforcement.state_worker import FileState

from ringfence.cases import CaseStore
from ringfence.cases.schema import DELIVERIES
from ringfence.enforcement import deliver

ROOT = Path(__file__).parents[2]


def command(url: str, file: Path, *more: str) -> list[str]:
    """Return the command of a run in a process of its own."""
    return [sys.executable, "-m", "tests.enforcement.state_worker", url, str(file), *more]


@contextmanager
def a_run_that_has_read(url: str, file: Path) -> Iterator[None]:
    """Start a run that has read the state, and let it write the file at the end."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command(url, file, "wait"), stdin=pipe, stdout=pipe, cwd=ROOT) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"read\n"
        yield
        out, _ = run.communicate(b"go on\n", timeout=30)
    assert (run.returncode, out) == (0, b"1\n")


def second_run(url: str, file: Path) -> str:
    """Run another delivery to its end, and return what it says."""
    done = subprocess.run(command(url, file), capture_output=True, text=True, cwd=ROOT, check=True)
    return done.stdout.strip()


@pytest.mark.slow
def test_a_reinstatement_during_a_run_reaches_the_sink(
    url: str, store: CaseStore, tmp_path: Path
) -> None:
    """A second run starts while the first one writes an older state: the next one corrects it."""
    file = tmp_path / "gate"
    case = open_case(store, "ann")
    order(store, case, "suspend")
    with a_run_that_has_read(url, file):
        end(store, case)
        assert second_run(url, file) == "busy"
    assert file.read_text() == "ann suspend\n"
    deliver(store, [FileState(file)])
    assert file.read_text() == ""


@pytest.mark.slow
def test_a_decision_during_a_run_reaches_the_sink(
    url: str, store: CaseStore, tmp_path: Path
) -> None:
    """So does a suspension, and in the end nothing waits."""
    file = tmp_path / "gate"
    order(store, open_case(store, "ann"), "suspend")
    other = open_case(store, "bob")
    with a_run_that_has_read(url, file):
        order(store, other, "suspend")
        assert second_run(url, file) == "busy"
    assert second_run(url, file) == "1"
    assert file.read_text() == "ann suspend\nbob suspend\n"
    with store.reading() as connection:
        assert set(connection.execute(select(DELIVERIES.c.state)).scalars()) == {"done"}
