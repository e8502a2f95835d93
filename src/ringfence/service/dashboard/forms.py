"""Read the fields of a form from a request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

LARGEST_FORM: Final = 262_144
"""Bytes of a form."""

_SECONDS: Final = 20
"""Seconds in which a form must have arrived. Otherwise, clients that send half a form and wait
would fill the memory."""

_MOST_FIELDS: Final = 1_000
_TYPE: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class FormFields:
    """The fields of a form, or of the query of an address.

    Attributes:
        pairs: names and values, in order.
    """

    pairs: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def one(self, name: str) -> str:
        """Return the last value of a field, without spaces at the ends; empty without the field."""
        return next((value for key, value in reversed(self.pairs) if key == name), "").strip()

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of a field."""
        return tuple(value for key, value in self.pairs if key == name)

    def number(self, name: str) -> int | None:
        """Return the value of a field as a whole number from 0; None if it is none."""
        text = self.one(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


async def read_form(
    request: Request, largest: int = LARGEST_FORM, seconds: float = _SECONDS
) -> FormFields:
    """Read the form in the body of a request.

    Args:
        request: whose body is read.
        largest: bytes that the body may have.
        seconds: in which it must have arrived.

    Raises:
        HTTPException: the body is not a form, too large, too slow, or not UTF-8.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for piece in request.stream():
                body += piece
                if len(body) > largest:
                    raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TimeoutError as error:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from error
    except ClientDisconnect as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    return _parsed(bytes(body))


def read_query(request: Request) -> FormFields:
    """Read the fields in the query of an address.

    Raises:
        HTTPException: the fields are not UTF-8, or too many.
    """
    return _parsed(request.url.query.encode())


def _parsed(text: bytes) -> FormFields:
    try:
        pairs = parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error
    # Browsers send the ends of lines as CR LF.
    return FormFields(tuple((name, value.replace("\r\n", "\n")) for name, value in pairs))
