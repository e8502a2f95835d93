"""Folders of killed processes are removed by the next one, and no other folder is."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.own_folders import OwnFolder, remove_abandoned
from ringfence.private_files import remove_partial_files

MAKES_ONE = """
import sys, time
from pathlib import Path
from ringfence.own_folders import OwnFolder
from ringfence.private_files import new_file
parent = Path(sys.argv[1])
folder = OwnFolder("ringfence-", parent=parent)
(folder.path / "deep").mkdir()
(folder.path / "deep" / "data").write_text("much")
with new_file(parent / "report.html") as file:
    print(folder.path, flush=True)
    time.sleep(60)
"""


@contextmanager
def other_process(parent: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that has a scratch folder and is writing a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAKES_ONE, str(parent)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def names(parent: Path) -> set[str]:
    """Return the names in a folder."""
    return {one.name for one in parent.iterdir()}


def test_only_folders_of_ended_processes_are_removed(tmp_path: Path) -> None:
    """Folders of a living process stay. After kill -9 the next process removes them."""
    with other_process(tmp_path) as process:
        alive = names(tmp_path)
        assert len(alive) == 2
        with OwnFolder("ringfence-", parent=tmp_path) as own:
            remove_partial_files(tmp_path)
            assert names(tmp_path) == alive | {own.path.name}
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert names(tmp_path) == alive
        with OwnFolder("ringfence-", parent=tmp_path) as own:
            remove_partial_files(tmp_path)
            assert names(tmp_path) == {own.path.name}
    assert names(tmp_path) == set()


def lock_of(folder: Path) -> Path:
    """Return the lock file of a folder."""
    return next(one for one in folder.iterdir() if "lock" in one.name)


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    """Files, links, folders without a lock file, and folders with another name are left alone."""
    with OwnFolder("ringfence-", parent=tmp_path) as one:
        lock = lock_of(one.path).name
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / lock).touch()
    (tmp_path / "ringfence-link").symlink_to(elsewhere)
    (tmp_path / "ringfence-file").touch()
    (tmp_path / "ringfence-notes").mkdir()
    (tmp_path / "ringfence-notes" / "mine").touch()
    (tmp_path / "ringfence-linked-lock").mkdir()
    (tmp_path / "ringfence-linked-lock" / lock).symlink_to(elsewhere / lock)
    before = names(tmp_path)
    remove_abandoned(tmp_path, "ringfence-")
    remove_abandoned(tmp_path / "nowhere", "ringfence-")
    assert names(tmp_path) == before
    assert names(elsewhere) == {lock}


def test_a_folder_of_another_user_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a shared folder for temporary files, only one's own folders are removed."""
    with OwnFolder("ringfence-", parent=tmp_path) as one:
        lock = lock_of(one.path).name
    (tmp_path / "ringfence-other").mkdir()
    (tmp_path / "ringfence-other" / lock).touch()
    with monkeypatch.context() as patch:
        patch.setattr("os.geteuid", lambda: -7)
        remove_abandoned(tmp_path, "ringfence-")
    assert names(tmp_path) == {"ringfence-other"}
    remove_abandoned(tmp_path, "ringfence-")
    assert names(tmp_path) == set()
