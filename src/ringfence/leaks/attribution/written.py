"""Write an attribution to a folder, where the pages and the overview find it."""

from __future__ import annotations

import json
from pathlib import Path

from ringfence.leaks.attribution.source import Attribution
from ringfence.leaks.overview.assessments import ATTRIBUTION_FILE
from ringfence.report.atomic import write_text


def write_attribution(found: Attribution, folder: Path) -> Path:
    """Write an attribution as JSON, and return the file. It may be the folder of the assessment.

    Args:
        found: the attribution.
        folder: an existing folder.

    Raises:
        OutputError: the file cannot be written.
    """
    path = folder / ATTRIBUTION_FILE
    write_text(path, [json.dumps(found.to_json(), indent=2), "\n"])
    return path
