"""Write the files of an assessment: the report, one JSON document, and two tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from ringfence.leaks.assessment import LeakAssessment
from ringfence.leaks.page import leak_page
from ringfence.report.atomic import write_text
from ringfence.visible import visible

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""The first characters by which a spreadsheet takes a text for a formula."""


def write_assessment(leak: LeakAssessment, folder: Path) -> LeakAssessment:
    """Write all files into a folder, and return the assessment with their names.

    ``leak.html``, ``leak.json``, ``coverage.csv`` and ``missing.csv``.

    Args:
        leak: the assessment.
        folder: an existing folder.

    Raises:
        OutputError: a file cannot be written.
    """
    files = {
        "report": folder / "leak.html",
        "assessment": folder / "leak.json",
        "coverage": folder / "coverage.csv",
        "missing": folder / "missing.csv",
    }
    written = replace(leak, files_written={name: str(path) for name, path in files.items()})
    write_text(files["assessment"], [json.dumps(written.to_json(), indent=2), "\n"])
    write_text(files["coverage"], _coverage(leak))
    write_text(files["missing"], _missing(leak))
    write_text(files["report"], leak_page(leak))
    return written


def _coverage(leak: LeakAssessment) -> Iterator[str]:
    yield "by,label,items,share_of_use,metadata,files\n"
    for breakdown, rows in leak.coverage.items():
        for one in rows:
            yield _line(breakdown, one.label, one.items, one.use, one.metadata, one.files)


def _missing(leak: LeakAssessment) -> Iterator[str]:
    yield "item,title,popularity\n"
    for one in leak.most_used_missing:
        yield _line(one.item, one.title, one.popularity)


def _line(*values: str | float | None) -> str:
    """Return a line of csv in which no text is a formula, and every character can be seen."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(
        _harmless(one) if isinstance(one, str) else one for one in values
    )
    return out.getvalue()


def _harmless(text: str) -> str:
    shown = visible(text)
    return f"'{shown}" if text.startswith(_FORMULA) else shown
