"""The files of the pages that everybody may read: the style and the scripts."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_TYPES: Final = {
    "style.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "htmx.min.js": "text/javascript",
}


async def static_file(request: Request) -> Response:
    """Answer with one of the files.

    Raises:
        HTTPException: there is no such file.
    """
    name = request.path_params["name"]
    if name not in _TYPES:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return Response(
        _content(name), media_type=_TYPES[name], headers={"Cache-Control": "max-age=300"}
    )


@cache
def _content(name: str) -> bytes:
    return (files("ringfence.service.dashboard") / "static" / name).read_bytes()
