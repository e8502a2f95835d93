"""The commands of the README and of the guides work and print the output that is shown."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.blocks import PAGES, ROOT, Block, agree, blocks

# The environment is already installed when the tests run, so make must not install it again.
PRELUDE = """
set -e
make() { command make --no-print-directory -o .venv/.ready -o .venv/.ready-dev "$@"; }
ringfence() {
  if [ "$#" = 3 ] && [ "$1 $2" = "demo --out" ] && [ ! -e ringfence.toml ]; then
    cp -a "$DEMOS/$3" . && cat "$DEMOS/$3.txt"
  else
    command ringfence "$@"
  fi
}
"""

DEMO = re.compile(r"ringfence demo --out (\w+)")
"""A command with which many pages begin. It does the same in every folder without settings, so it
runs once. Each page has a copy of what it wrote and printed."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the Makefile and the environment of a fresh copy of the project."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.fixture(scope="session")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for demos, the same for all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demos"
    folder.mkdir(exist_ok=True)
    return folder


def make_demo(demos: Path, name: str) -> None:
    """Run the demo, unless a worker did, and keep its output beside its folder."""
    said = demos / f"{name}.txt"
    with (demos / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            done = execute(["ringfence", "demo", "--out", name], demos)
            assert done.returncode == 0, done.stdout
            said.write_text(done.stdout, encoding="utf-8")


def run(block: Block, folder: Path, demos: Path) -> subprocess.CompletedProcess[str]:
    """Run one block as a person who copies it would, with errors among the output."""
    if block.language == "python":
        return execute([sys.executable, "-c", block.code], folder)
    if not (folder / "ringfence.toml").exists():
        for name in DEMO.findall(block.code):
            make_demo(demos, name)
    return execute(["bash", "-c", PRELUDE + block.code], folder, DEMOS=str(demos))


def execute(program: list[str], folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with errors among the output."""
    environment = {
        "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
        # The package under test, if it is not the installed one.
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        **variables,
    }
    return subprocess.run(
        program,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_prints_the_output_on_the_page(page: Path, folder: Path, demos: Path) -> None:
    """Every block of a page ends with status 0 and prints the output below it."""
    found = blocks(page.read_text(encoding="utf-8"))
    assert found
    for block in found:
        done = run(block, folder, demos)
        place = f"{page.relative_to(ROOT)}:{block.line}"
        assert done.returncode == 0, f"{place} ended with {done.returncode}:\n{done.stdout}"
        if block.said is not None:
            assert agree(block.said, done.stdout), f"{place} printed:\n{done.stdout}"


@pytest.mark.parametrize(
    ("said", "printed", "same"),
    [
        ("one  \ntwo", "one\ntwo\n", True),
        ("a ... z", "a b\nc z", True),
        ("p 7e-09", "p 8e-09", True),
        ("p 7e-09", "p 8e-07", False),
        ("6 of 10", "7 of 10", False),
        ("one", "one\ntwo", False),
    ],
)
def test_output_is_compared_strictly(said: str, printed: str, same: bool) -> None:
    """Wildcards and small differences of p-values are accepted, and a wrong count is not."""
    assert agree(said, printed) is same


def test_blocks_are_found_with_their_output() -> None:
    """Commands, continued commands, their output, and the output of a program are distinguished."""
    page = (
        "```console\n$ cat <<END\n> x\n> END\nx\n```\n\n```python\nprint(1)\n```\n```text\n1\n```\n"
    )
    assert blocks(page) == [
        Block("console", 1, "cat <<END\nx\nEND", "x"),
        Block("python", 8, "print(1)\n", "1\n"),
    ]
