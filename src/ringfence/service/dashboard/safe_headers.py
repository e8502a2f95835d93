"""The headers that keep a page from being misused by another site or by hostile text."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Addresses of pages have the numbers of cases, and links lead to the operator's other tools.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


def add_safe_headers(response: Response, *, secure: bool) -> Response:
    """Add the headers to a response, and return it.

    Args:
        response: of a page or a file. A header that it has already is kept.
        secure: whether the pages are behind TLS.
    """
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
