"""The people who can log in and the tokens of programs, without any secret. For admins."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from ringfence.service.dashboard.page_request import DashboardRequest
from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.reviewers import read_reviewers
from ringfence.service.tokens import read_tokens

_CHECKING: Final = ("ingest", "authorize")
"""The processes that check tokens."""


def show(page: DashboardRequest) -> Response:
    """Answer with all reviewers and tokens."""
    folder = page.office.folder
    uses = _last_uses(folder)
    tokens = [
        {"name": one.name, "scopes": one.scopes, "created": one.created, "used": uses.get(one.id)}
        for one in read_tokens(folder)
    ]
    return page.page("people", people=read_reviewers(folder), tokens=tokens)


def _last_uses(folder: ServiceFolder) -> dict[str, float]:
    """Return when each token was shown last, in seconds since 1970, by its id."""
    found: dict[str, float] = {}
    for process in _CHECKING:
        told = (read_status(folder, process) or {}).get("tokens")
        for name, moment in told.items() if isinstance(told, dict) else ():
            if isinstance(moment, int | float):
                found[name] = max(moment, found.get(name, 0.0))
    return found
