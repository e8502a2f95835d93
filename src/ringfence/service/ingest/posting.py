"""``POST /api/v1/events``: a batch is read, checked, written to the log, and acknowledged."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ringfence.events.unpacking import Packing
from ringfence.service.event_log import LONGEST_BATCH, Batch, LogError
from ringfence.service.ingest.bodies import BodyKind, body_lines, kind_of
from ringfence.service.ingest.committing import Committer
from ringfence.service.ingest.metrics import IngestMetrics
from ringfence.service.ingest.problems import RefusedRequest
from ringfence.service.ingest.records import CheckedRecords, RecordCheck
from ringfence.service.ingest.refused_lines import RefusedLines
from ringfence.service.ingest.room import Room, RoomShare
from ringfence.service.ingest.unpacked_body import packing_of, too_large, unpacked_body
from ringfence.service.telemetry import tell_work
from ringfence.service.tokens import Token
from ringfence.settings import Settings

OF_BODY: Final = "body"
"""The key of a client that cannot make keys, but repeats its batches as they were."""

MOST_RECORDS: Final = 200_000
"""Records of a batch."""

_MOST_STORED: Final = LONGEST_BATCH - (1 << 20)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_INLINE: Final = 64 << 10
"""Bytes of a body that is checked at once. Larger ones are checked in another thread."""

_LAG_WAIT: Final = 5
_DISK_WAIT: Final = 10
_THREADS: Final = 2
"""Bodies that are unpacked and checked at a time. Each takes a few times its size in memory, which
is not counted as waiting."""


@dataclass
class _Body:
    """A body and what its headers say about it."""

    body: bytes
    packing: Packing
    kind: BodyKind


class EventIntake:
    """The endpoint that takes batches.

    Args:
        settings: all settings.
        committer: the thread that writes the log.
        metrics: where records and answers are counted.
        quarantine: where refused records are kept.
    """

    def __init__(
        self,
        settings: Settings,
        committer: Committer,
        metrics: IngestMetrics,
        quarantine: RefusedLines,
    ) -> None:
        self._limits = settings.service
        self._most = settings.service.largest_body_mb * 1_000_000
        self._columns = settings.events.columns
        self._form = settings.events.time_format
        self._committer = committer
        self._metrics = metrics
        self._quarantine = quarantine
        self._check = RecordCheck(settings.events)
        self._room = Room(settings.service.waiting_mb * 1_000_000, metrics.waiting_bytes)
        self._threads = ThreadPoolExecutor(_THREADS, "check")
        self._turn = asyncio.Semaphore(_THREADS)

    def close(self) -> None:
        """Close what the check of records has opened."""
        self._threads.shutdown()
        self._check.close()

    async def post(self, request: Request) -> Response:
        """Answer 202 when the batch is on disk; otherwise say why it is not."""
        began = time.time()
        try:
            with self._room.share() as share:
                answer = await self._accept(request, share, began)
        except RefusedRequest as refusal:
            answer = refusal.answer()
            counts = {"rejected": 1}
            tell_work("ingest.batch", began, time.time() - began, counts, failed=True)
        except ClientDisconnect:
            answer = Response(status_code=HTTPStatus.BAD_REQUEST)
        self._metrics.requests.labels(str(answer.status_code)).inc()
        return answer

    async def _accept(self, request: Request, share: RoomShare, began: float) -> Response:
        self._check_lag()
        key = _key(request.headers.get("idempotency-key", ""))
        packing = packing_of(request.headers.get("content-encoding", ""))
        kind = kind_of(request.headers.get("content-type", ""))
        sent = _Body(await self._body(request, share), packing, kind)
        token: Token = request.state.token
        checked = await self._checked(sent, share)
        if key == OF_BODY:
            key = checked.digest
        is_new = await self._commit(checked, f"{token.name}:{key}" if key else "")
        if checked.refused and is_new:
            self._keep(token, checked)
        answer = _answer(checked, self._form, is_new=is_new)
        counts = {
            "events": checked.accepted if is_new else 0,
            "quarantined": checked.refused if is_new else 0,
            "repeated": int(not is_new),
        }
        tell_work("ingest.batch", began, time.time() - began, counts)
        return answer

    def _check_lag(self) -> None:
        if self._committer.lag > self._limits.lag_mb * 1_000_000:
            raise RefusedRequest(
                HTTPStatus.TOO_MANY_REQUESTS,
                "Earlier events wait to be judged. Send this batch again later.",
                wait=_LAG_WAIT,
            )

    async def _body(self, request: Request, share: RoomShare) -> bytes:
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._most:
            raise too_large(self._most)
        pieces: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for piece in request.stream():
                    size += len(piece)
                    if size > self._most:
                        raise too_large(self._most)
                    share.set(size)
                    pieces.append(piece)
        except TimeoutError as error:
            raise RefusedRequest(
                HTTPStatus.REQUEST_TIMEOUT,
                f"The batch did not arrive within {self._limits.body_seconds:g} seconds.",
            ) from error
        return b"".join(pieces)

    async def _checked(self, sent: _Body, share: RoomShare) -> CheckedRecords:
        if sent.packing == "plain" and len(sent.body) <= _INLINE:
            return self._read(sent)
        async with self._turn:
            loop = asyncio.get_running_loop()
            checked = await loop.run_in_executor(self._threads, self._read, sent)
        share.set(sum(len(line) for lines in checked.lines.values() for line in lines))
        return checked

    def _read(self, sent: _Body) -> CheckedRecords:
        body = unpacked_body(sent.body, sent.packing, self._most)
        lines = body_lines(body, sent.kind, self._columns, self._most)
        return self._check.check(_limited(lines))

    async def _commit(self, checked: CheckedRecords, key: str) -> bool:
        """Return whether the batch is new, when it is on disk."""
        batches = [
            Batch(stream, key, b"\n".join((*lines, b""))) for stream, lines in checked.lines.items()
        ]
        if not batches:
            return True
        if max(len(batch.records) for batch in batches) > _MOST_STORED:
            raise too_large(self._most)
        try:
            new = await self._committer.commit(batches)
        except LogError as error:
            raise RefusedRequest(
                HTTPStatus.SERVICE_UNAVAILABLE,
                f"Nothing of the batch is stored: {error.what}. Send it again later.",
                wait=_DISK_WAIT,
            ) from error
        stored = [batch for batch, one in zip(batches, new, strict=True) if one]
        self._metrics.events.inc(sum(len(checked.lines[one.stream]) for one in stored))
        self._metrics.repeated.inc(0 if stored else 1)
        return bool(stored)

    def _keep(self, token: Token, checked: CheckedRecords) -> None:
        self._metrics.refused.inc(checked.refused)
        # A full disk refuses the records, too, and is reported there.
        with suppress(OSError):
            self._quarantine.add(token.name, checked.refused_lines, checked.refused)


def _limited(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines, and refuse a batch with too many: short records cost more time than long ones.

    Raises:
        RefusedRequest: there are more than 200,000.
    """
    left = MOST_RECORDS
    for line in lines:
        left -= line != b""
        if left < 0:
            raise RefusedRequest(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"The batch has more than {MOST_RECORDS:,} records. Send smaller batches.",
            )
        yield line


def _key(header: str) -> str:
    """Return the key of a batch, without the quotes that the header's draft standard has.

    Raises:
        RefusedRequest: it is too long or has other signs than visible ASCII.
    """
    key = header.strip().strip('"')
    if key and not _KEY.fullmatch(key):
        raise RefusedRequest(
            HTTPStatus.BAD_REQUEST,
            "The header Idempotency-Key must have 1 to 255 visible ASCII characters.",
        )
    return key


def _answer(checked: CheckedRecords, form: str, *, is_new: bool) -> Response:
    counts = {"accepted": checked.accepted, "quarantined": checked.refused}
    if checked.refused and not checked.accepted:
        raise RefusedRequest(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            _why_refused(checked, form),
            more=dict(counts),
        )
    return JSONResponse(
        {**counts, "repeated": not is_new},
        HTTPStatus.ACCEPTED,
        {"Cache-Control": "no-store"},
    )


def _why_refused(checked: CheckedRecords, form: str) -> str:
    """Return why no record of a batch could be read."""
    if checked.bad_times < checked.refused:
        return (
            "No record of the batch could be read. A record is a JSON object with time, account or "
            "address, and item or URL. Parse the lines of a text log first."
        )
    said = f"No time of the batch can be read, such as {checked.bad_time[:60]!r}."
    if form:
        return (
            f"{said} The settings have events.time_format = {form!r}, so only times of that form "
            "are read. To read log files with another form, set it in [[service.files]]."
        )
    return f"{said} Send ISO 8601, such as 2026-03-09T08:00:00Z, or set events.time_format."
