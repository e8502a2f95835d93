"""The pages about published copies: what they contain, and through which accounts they left."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from ringfence.cases.by_evidence import cases_about, cases_with_evidence
from ringfence.errors import LeakError
from ringfence.leaks.overview import UnreadableFolder, WrittenLeak, written_leak, written_leaks
from ringfence.model.evidence import LEAK_TEST
from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.dashboard.pages.report_page import REPORT_POLICY

_CASES: Final = 100
_SOURCES: Final = 500
_ROWS: Final = 60


def show(page: DashboardRequest) -> Response:
    """Answer with all assessments, and the cases that came from attributions."""
    folder = page.office.settings.leaks.assessments
    leaks, unreadable, fault = _leaks(folder)
    with page.reading() as connection:
        cases = cases_with_evidence(connection, LEAK_TEST, _CASES)
    return page.page(
        "leaks", leaks=leaks, unreadable=unreadable, folder=folder, cases=cases, fault=fault
    )


def show_one(page: DashboardRequest) -> Response:
    """Answer with one assessment and its attribution."""
    leak = _asked(page)
    sources = leak.attribution.sources[:_SOURCES] if leak.attribution else ()
    with page.reading() as connection:
        cases = cases_about(connection, (one.id for one in sources))
    return page.page("leak", leak=leak, sources=sources, cases=cases, coverage=_coverage(leak))


def show_report(page: DashboardRequest) -> Response:
    """Answer with the report of an assessment, in one file.

    Raises:
        HTTPException: it has none.
    """
    report = _asked(page).report
    try:
        content = report.read_bytes() if report else None
    except OSError:
        content = None
    if content is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, "no report")
    return HTMLResponse(content, headers={"Content-Security-Policy": REPORT_POLICY})


def _leaks(folder: str) -> tuple[list[WrittenLeak], list[UnreadableFolder], str]:
    """Return the assessments, the folders that cannot be read, and why there are none at all."""
    if not folder:
        return [], [], ""
    try:
        return *written_leaks(Path(folder)), ""
    except LeakError as error:
        return [], [], error.what


def _asked(page: DashboardRequest) -> WrittenLeak:
    """Return the assessment that the path names.

    Raises:
        HTTPException: there is none.
    """
    folder = page.office.settings.leaks.assessments
    found = written_leak(Path(folder), page.request.path_params["leak"]) if folder else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _coverage(leak: WrittenLeak) -> dict[str, Any]:
    """Return the coverage tables with their first rows; of years, the last ones."""
    tables = leak.assessment.coverage if leak.assessment else {}
    return {
        name: rows[-_ROWS:] if name == "year" else rows[:_ROWS]
        for name, rows in tables.items()
        if rows
    }
