"""Write and read ``findings.jsonl``: one finding per line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ringfence.errors import SourceError
from ringfence.model.finding import Finding
from ringfence.model.records import ForeignRecordError, finding_from_json, finding_to_json
from ringfence.report.atomic import write_text

FOLDER_HINT: Final = "name the folder that a scan wrote, its --out"


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


def read_findings(path: Path) -> list[Finding]:
    """Read all findings of a file, in its order.

    The charts' data is empty, because the file does not have it.

    Raises:
        SourceError: the file cannot be read, or this version of Ringfence did not write it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return [finding_from_json(line) for line in lines]
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", where=str(path), hint=FOLDER_HINT
        ) from error
    except (ForeignRecordError, UnicodeDecodeError) as error:
        raise foreign(path) from error


def foreign(path: Path) -> SourceError:
    """Return the error for a file that this version did not write."""
    return SourceError(
        "was not written by this version of Ringfence", where=str(path), hint="run the scan again"
    )
