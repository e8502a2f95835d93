"""The page of the audit log: whether it is intact, and its newest rows."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import select
from starlette.responses import Response

from ringfence.cases.audit import head
from ringfence.cases.audit_check import count_rows, faults
from ringfence.cases.raw_rows import document_in
from ringfence.cases.schema import AUDIT
from ringfence.errors import CasesError
from ringfence.service.dashboard.page_request import DashboardRequest

_ROWS: Final = 100
_FAULTS: Final = 100
_HASH: Final = re.compile("[0-9a-f]{64}")


def show(page: DashboardRequest) -> Response:
    """Answer with the newest rows, and with the check of all of them if it is asked for."""
    kept = page.fields.one("head").lower()
    asked = page.fields.one("verify") == "1"
    wrong_hash = bool(kept) and not _HASH.fullmatch(kept)
    found: list[str] | None = None
    with page.reading() as connection:
        if asked and not wrong_hash:
            found = list(faults(connection, kept))
        try:
            newest = head(connection)[1]
        except CasesError:
            newest = ""
        query = select(AUDIT).order_by(AUDIT.c.number.desc()).limit(_ROWS)
        rows = [
            {"number": row.number, "time": row.time, "event": row.event, "content": content}
            for row in connection.execute(query)
            for content in (document_in(row.content),)
        ]
        count = count_rows(connection)
    return page.page(
        "audit", rows=rows, count=count, newest=newest, kept=kept, wrong_hash=wrong_hash,
        faults=None if found is None else found[:_FAULTS],
        fault_count=len(found or ()),
    )  # fmt: skip
