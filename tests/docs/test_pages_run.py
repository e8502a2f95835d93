"""What the README and the guides tell to type works, and prints what they say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.blocks import PAGES, ROOT, Block, agree, blocks

# Installation is over when the tests run; make is told so, and everything else is as for a user.
PRELUDE = """
set -e
make() { command make --no-print-directory -o .venv/.ready -o .venv/.ready-dev "$@"; }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that looks like a fresh copy of the project with its environment."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def run(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one block as somebody would who copies it, output and errors together."""
    program = ["bash", "-c", PRELUDE + block.code]
    if block.language == "python":
        program = [sys.executable, "-c", block.code]
    environment = {
        "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_does_what_the_page_says(page: Path, folder: Path) -> None:
    """Block after block, each ends well and prints what is written below it."""
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
def test_output_is_compared_closely(said: str, printed: str, same: bool) -> None:
    """Wildcards and the size of p-values are forgiven, a wrong count is not."""
    assert agree(said, printed) is same


def test_blocks_are_found_with_their_output() -> None:
    """Commands, their continuations, output and the text after a program are told apart."""
    page = (
        "```console\n$ cat <<END\n> x\n> END\nx\n```\n\n```python\nprint(1)\n```\n```text\n1\n```\n"
    )
    assert blocks(page) == [
        Block("console", 1, "cat <<END\nx\nEND", "x"),
        Block("python", 8, "print(1)\n", "1\n"),
    ]
