"""An erasure that is killed leaves nothing that the same command does not complete."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cases.findings import finding, moment
from tests.leaks.leak_folders import attribution

from ringfence.cases import open_store, record
from ringfence.cases.account_export import export_account
from ringfence.cli import case_privacy
from ringfence.cli.case_privacy import forget
from ringfence.errors import CasesError, LeakError
from ringfence.leaks.overview.erasing import erase_from_attribution

KILLED = """
import os, signal, sys
from ringfence.cli import case_privacy

store, config, place = sys.argv[1:]
when, name, count = place.split()
left, run = int(count), getattr(case_privacy, name)

def dying(*args, **named):
    global left
    left -= 1
    if not left and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = run(*args, **named)
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(case_privacy, name, dying)
case_privacy.forget("ann", reason="request 17", author="bo", cases=store, config=config)
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Write a store with a case about ann, and three attributions that name her."""
    with open_store(str(tmp_path / "cases.sqlite")) as store, store.writing() as connection:
        record(connection, [finding("ann")], moment(0))
    for name in "abc":
        folder = tmp_path / "leaks" / name
        folder.mkdir(parents=True)
        (folder / "attribution.json").write_text(json.dumps(attribution("ann", "bob")))
    path = tmp_path / "ringfence.toml"
    path.write_text(f'[leaks]\nassessments = "{tmp_path / "leaks"}"\n')
    return path


def named_in(config: Path) -> tuple[bool, int]:
    """Return whether the store has a case about ann, and how many attributions name her."""
    with open_store(str(config.parent / "cases.sqlite")) as store, store.reading() as connection:
        try:
            stored = bool(export_account(connection, "ann")["cases"])
        except CasesError:
            stored = False
    files = config.parent.glob("leaks/*/attribution.json")
    sources = [json.loads(path.read_text())["sources"] for path in files]
    assert [len(one) for one in sources] == [2, 2, 2]
    return stored, sum("ann" in (one["id"], *one["accounts"]) for both in sources for one in both)


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ("after erase_account 1", (True, 3)),
        ("before erase_from_attribution 1", (False, 3)),
        ("after erase_from_attribution 1", (False, 2)),
        ("before erase_from_attribution 3", (False, 1)),
        ("after erase_from_attribution 3", (False, 0)),
    ],
)
def test_no_file_changes_before_the_store(config: Path, place: str, left: tuple[bool, int]) -> None:
    """After kill -9, no attribution lost a name that the store has; the command goes on."""
    store = str(config.parent / "cases.sqlite")
    died = subprocess.run(
        [sys.executable, "-c", KILLED, store, str(config), place],
        cwd=Path(__file__).parents[2], check=False, capture_output=True,
    )  # fmt: skip
    assert (died.returncode, died.stderr) == (-signal.SIGKILL, b"")
    assert named_in(config) == left
    if left == (False, 0):
        with pytest.raises(CasesError, match="holds nothing about it"):
            forget("ann", reason="request 17", author="bo", cases=store, config=config)
    else:
        forget("ann", reason="request 17", author="bo", cases=store, config=config)
    assert named_in(config) == (False, 0)


def test_a_file_that_cannot_be_written_stops_no_other(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the file and what to do. Then the same command completes the erasure."""
    store = str(config.parent / "cases.sqlite")
    first = config.parent / "leaks" / "a" / "attribution.json"

    def failing(path: Path, account: str) -> None:
        if path == first:
            raise LeakError("cannot be written: no space left", where=str(path))
        erase_from_attribution(path, account)

    with monkeypatch.context() as patched:
        patched.setattr(case_privacy, "erase_from_attribution", failing)
        with pytest.raises(LeakError, match=r"a/attribution\.json: it still names .* run the same"):
            forget("ann", reason="request 17", author="bo", cases=store, config=config)
    assert named_in(config) == (False, 1)
    forget("ann", reason="request 17", author="bo", cases=store, config=config)
    assert named_in(config) == (False, 0)
