"""Answers to requests that are refused, as RFC 9457 has them."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import JSONResponse


class RefusedRequest(Exception):  # noqa: N818 - a client's request, not an error of the service
    """A request that is not carried out.

    Args:
        status: of the answer.
        detail: what is wrong and what the client can do, as one sentence.
        wait: seconds after which the client may come again; 0 if that would not help.
        more: further members of the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        wait: int = 0,
        more: dict[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.wait = wait
        self.more = more or {}

    def answer(self) -> JSONResponse:
        """Return the answer for the client."""
        content = {
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            **self.more,
        }
        headers = {"Cache-Control": "no-store"}
        if self.wait:
            headers["Retry-After"] = str(self.wait)
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="ringfence"'
        return JSONResponse(
            content, self.status.value, headers, media_type="application/problem+json"
        )
