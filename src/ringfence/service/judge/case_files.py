"""Write the charts of the findings of a scan where the pages of their cases find them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress

from ringfence.errors import OutputError, reason
from ringfence.model.finding import Finding
from ringfence.private_files import make_folder, new_file
from ringfence.report.case_charts import case_charts
from ringfence.service.files import ServiceFolder


def write_case_charts(folder: ServiceFolder, findings: Iterable[Finding]) -> None:
    """Write one file per case, and remove those of cases that were not found again.

    An account that was erased from the ledger is not found, so its charts go with the next scan.

    Args:
        folder: of the service.
        findings: of a whole scan, with their cases.

    Raises:
        OutputError: a file cannot be written.
    """
    try:
        make_folder(folder.charts)
        written = set()
        for one in findings:
            drawn = case_charts(one) if one.case is not None else {}
            if one.case is not None and drawn:
                path = folder.charts / f"{one.case.case}.json"
                with new_file(path) as file:
                    file.write(json.dumps(drawn, ensure_ascii=False).encode())
                written.add(path.name)
        for path in folder.charts.glob("[0-9]*.json"):
            if path.name not in written:
                with suppress(FileNotFoundError):
                    path.unlink()
    except OSError as error:
        raise OutputError(
            f"the charts of the cases cannot be written: {reason(error)}", where=str(folder.charts)
        ) from error
