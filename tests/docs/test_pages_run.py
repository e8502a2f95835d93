"""The commands of the README and of the guides work and print the output that is shown."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from tests.docs.blocks import PAGES, ROOT, Block, agree, blocks

# The environment is already installed when the tests run, so make must not install it again.
PRELUDE = """
set -e
make() { command make --no-print-directory -o .venv/.ready -o .venv/.ready-dev "$@"; }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the Makefile and the environment of a fresh copy of the project."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def run(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one block as a person who copies it would, with errors among the output."""
    program = ["bash", "-c", PRELUDE + block.code]
    if block.language == "python":
        program = [sys.executable, "-c", block.code]
    environment = {
        "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
        # The package under test, if it is not the installed one.
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
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


def page_to_run(page: Path) -> ParameterSet:
    """Return a page as a parameter; the other pages, which run dozens of commands, are slow."""
    marks = pytest.mark.slow if page.name != "README.md" else ()
    return pytest.param(page, id=page.name, marks=marks)


@pytest.mark.parametrize("page", [page_to_run(page) for page in PAGES])
def test_every_block_prints_the_output_on_the_page(page: Path, folder: Path) -> None:
    """Every block of a page ends with status 0 and prints the output below it."""
    found = blocks(page.read_text(encoding="utf-8"))
    assert found
    for block in found:
        done = run(block, folder)
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
