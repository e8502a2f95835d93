"""The report of the last scan, with its charts, as ``ringfence scan`` writes it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from ringfence.service.dashboard.page_request import DashboardRequest

REPORT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The report runs no script. Its style is inside it, because it also opens without a server."""


def show(page: DashboardRequest) -> Response:
    """Answer with the report.

    Raises:
        HTTPException: there is none yet.
    """
    try:
        content = (page.office.folder.report / "report.html").read_bytes()
    except OSError as error:
        raise HTTPException(HTTPStatus.NOT_FOUND, "no report yet") from error
    return HTMLResponse(content, headers={"Content-Security-Policy": REPORT_POLICY})
