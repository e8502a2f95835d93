"""The memory that all requests together may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from prometheus_client import Gauge

from ringfence.service.ingest.problems import RefusedRequest


class RoomShare:
    """The bytes that one request has reserved."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._taken = 0

    def set(self, size: int) -> None:
        """Take this number of bytes instead of those before.

        Raises:
            RefusedRequest: there is no room for them now.
        """
        self._room.change(size - self._taken)
        self._taken = size


class Room:
    """Bytes that are free for requests. It is used in the event loop only.

    Args:
        size: of all.
        taken: shows the bytes in use.
    """

    def __init__(self, size: int, taken: Gauge) -> None:
        self._size = size
        self._taken = 0
        self._gauge = taken

    @contextmanager
    def share(self) -> Iterator[RoomShare]:
        """Provide a share for one request, and give its bytes back at the end."""
        share = RoomShare(self)
        try:
            yield share
        finally:
            share.set(0)

    def change(self, more: int) -> None:
        """Take more bytes, or give some back.

        Raises:
            RefusedRequest: they are not free now.
        """
        if more > 0 and self._taken + more > self._size:
            raise RefusedRequest(
                HTTPStatus.TOO_MANY_REQUESTS,
                "Other batches wait to be written. Send this one again later.",
                wait=1,
            )
        self._taken += more
        self._gauge.set(self._taken)
