"""Write and read ``findings.jsonl``: one finding per line."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from ringfence.errors import SourceError
from ringfence.model.finding import Finding
from ringfence.model.records import ForeignRecordError, finding_from_json, finding_to_json
from ringfence.report.atomic import write_text

FOLDER_HINT: Final = "name the folder that a scan wrote, its --out"

LONGEST_FINDING: Final = 1 << 28
"""The most bytes of a line. A ring of a million accounts has some forty million."""


def write_findings(findings: Iterable[Finding], path: Path) -> None:
    r"""Write findings as one JSON object per line, in the order given.

    Text is ASCII with ``\u`` escapes, so that the file cannot drive a terminal.
    :func:`ringfence.model.records.finding_to_json` says how each value is written.

    Args:
        findings: the findings, ranked.
        path: the file to write. It appears whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    records = (finding_to_json(finding) for finding in findings)
    write_text(path, (json.dumps(record, allow_nan=False) + "\n" for record in records))


def read_findings(path: Path) -> Iterator[Finding]:
    """Yield the findings of a file one by one, in its order.

    A service with a million findings has a file of gigabytes, so nobody holds it whole. The charts'
    data is empty, because the file does not have it.

    Raises:
        SourceError: there is no such file, it cannot be read, or this version of Ringfence did not
            write it.
    """
    try:
        # Without O_NONBLOCK, a pipe into which nobody writes could not even be opened.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise SourceError("is not a file", where=str(path), hint=FOLDER_HINT)
            while line := file.readline(LONGEST_FINDING + 1):
                if len(line) > LONGEST_FINDING:
                    raise foreign(path)
                yield finding_from_json(line.decode("ascii"))
    except (ForeignRecordError, UnicodeDecodeError) as error:
        raise foreign(path) from error
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"cannot be read: {said}", where=str(path), hint=FOLDER_HINT) from error


def foreign(path: Path) -> SourceError:
    """Return the error for a file that this version did not write."""
    return SourceError(
        "was not written by this version of Ringfence", where=str(path), hint="run the scan again"
    )
