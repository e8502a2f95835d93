"""Print the table of a benchmark, and write it into a page with the facts of the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.inputs import HERE

Row = Sequence[str]


def table(header: Row, rows: Sequence[Row]) -> str:
    """Return a Markdown table; the first column is text, and the others are numbers."""
    marks = ["---", *["--:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, marks, *rows])


def publish(name: str, text: str, page: Path | None) -> None:
    """Print a result, and replace the benchmark's last result in a page if one is given.

    Args:
        name: name of the benchmark, which marks its section in the page.
        text: Markdown.
        page: the file, or None. Without a section of that name, one is added at the end.
    """
    print(text)
    if page is None:
        return
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    section = f"{begin}\n{text}\n\n{machine()}\n{end}"
    old = page.read_text(encoding="utf-8") if page.exists() else ""
    before, found, rest = old.partition(begin)
    if found:
        _, _, after = rest.partition(end)
        page.write_text(before + section + after, encoding="utf-8")
    else:
        page.write_text(f"{old}\n{section}\n" if old else f"{section}\n", encoding="utf-8")


def published_rows(name: str, page: Path) -> list[list[str]]:
    """Return the cells of the table that a benchmark published in a page, without its header."""
    _, _, rest = page.read_text(encoding="utf-8").partition(f"<!-- {name} -->")
    section, _, _ = rest.partition(f"<!-- end of {name} -->")
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def machine() -> str:
    """Return one line with the date, the commit, the machine and the packages."""
    packages = ", ".join(f"{name} {_version(name)}" for name in ("duckdb", "numpy", "ringfence"))
    return (
        f"Measured {datetime.now(tz=UTC):%Y-%m-%d} at commit {_commit()}: {os.cpu_count()} cores "
        f"({platform.machine()}), {platform.system()}, "
        f"Python {platform.python_version()}, {packages}."
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _commit() -> str:
    """Return the commit, with a mark if the working tree differs from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"
