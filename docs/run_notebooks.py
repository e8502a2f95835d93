"""Execute the example notebooks and store their outputs.

    python docs/run_notebooks.py          execute all and store what they print
    python docs/run_notebooks.py --check  execute all and fail if one prints something else

Numbers in scientific notation, ids of rings and drawings are not compared: the first depend on the
last digits of sums, the second are random, and the third follow from what the text says.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Final

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

NOTEBOOKS: Final = Path(__file__).parent / "notebooks"

_VARIABLE: Final = re.compile(r"\d(?:\.\d+)?e-\d+|ring-[0-9a-f]{8}")


def execute(path: Path) -> NotebookNode:
    """Execute a notebook in an empty folder and return it with its outputs.

    Raises:
        CellExecutionError: a cell raises an error.
    """
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=120, kernel_name="python3")
        client.execute(cwd=folder)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata = {"language_info": {"name": "python"}}
    return notebook


def printed(notebook: NotebookNode) -> list[str]:
    """Return the text that the cells of a notebook print or show, without what may vary."""
    texts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            texts.append(_VARIABLE.sub("*", text))
    return texts


def main(arguments: list[str]) -> int:
    """Execute all notebooks; return 1 if ``--check`` is given and one differs from its file."""
    status = 0
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        executed = execute(path)
        if arguments != ["--check"]:
            nbformat.write(executed, path)
        elif printed(executed) != printed(nbformat.read(path, as_version=4)):
            print(f"{path.name} prints something else: run docs/run_notebooks.py")
            status = 1
    return status


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
