"""The example notebooks run, and show what is stored in them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.docs.blocks import ROOT

NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))


@pytest.mark.slow
def test_every_notebook_prints_what_it_shows() -> None:
    """Each notebook is executed in a kernel of its own; its printed outputs are the stored ones."""
    done = subprocess.run(
        [sys.executable, ROOT / "docs/run_notebooks.py", "--check"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_shows_the_summary_and_a_chart(path: Path) -> None:
    """The stored outputs have the summary with the coverage chart, and no error."""
    # Imported here: it takes seconds, which each collection of tests would pay.
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert all(output.output_type != "error" for output in outputs)
    pages = [
        output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})
    ]
    assert any("Ringfence: " in page and "<svg" in page for page in pages)
