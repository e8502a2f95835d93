"""Unpack the body of a request, and no more of it than the limit allows."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import Final

from ringfence.errors import SourceError
from ringfence.events.unpacking import BrokenPackingError, Packing, unpacked
from ringfence.service.ingest.problems import RefusedRequest

_PACKINGS: Final[dict[str, Packing]] = {
    "": "plain",
    "identity": "plain",
    "gzip": "gz",
    "x-gzip": "gz",
    "zstd": "zst",
}


class _Body(io.BytesIO):
    name = "body"


def packing_of(encoding: str) -> Packing:
    """Return the packing that the header ``Content-Encoding`` names.

    Raises:
        RefusedRequest: it names another one, or several.
    """
    packing = _PACKINGS.get(encoding.strip().lower())
    if packing is None:
        raise RefusedRequest(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The content encoding {encoding[:40]!r} is not supported. Use gzip, zstd or none.",
        )
    return packing


def unpacked_body(body: bytes, packing: Packing, most: int) -> bytes:
    """Return the unpacked bytes of a body.

    Args:
        body: as it was sent.
        packing: its compression.
        most: bytes that the result may have. About 34 MiB more are unpacked before it is refused.

    Raises:
        RefusedRequest: the body is damaged, or would be larger.
    """
    if packing == "plain":
        return body
    pieces = []
    size = 0
    try:
        for piece in unpacked(_Body(body), packing):
            size += len(piece)
            if size > most:
                raise too_large(most)
            pieces.append(piece)
    except BrokenPackingError as error:
        raise RefusedRequest(
            HTTPStatus.BAD_REQUEST, "The compressed body is cut off or damaged."
        ) from error
    except SourceError as error:
        raise RefusedRequest(
            HTTPStatus.BAD_REQUEST, f"The body cannot be unpacked: {error.what}."
        ) from error
    return b"".join(pieces)


def too_large(most: int) -> RefusedRequest:
    """Return the refusal of a body with more than this number of bytes."""
    return RefusedRequest(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The batch has more than {most:,} bytes. Send smaller batches.",
    )
