"""One thread that appends batches to the log: many at once, with one wait for the disk."""

from __future__ import annotations

import asyncio
import os
import queue
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ringfence.errors import RingfenceError
from ringfence.service.event_log import Batch, LogError, LogWriter, closed_segments
from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.metrics import IngestMetrics

_TICK: Final = 0.2
"""Seconds after which the thread looks at its segment although nothing came."""

_LOOK: Final = 1.0
"""Seconds from one look at the disk to the next."""

_AT_ONCE: Final = 64 << 20
"""Bytes that are appended at once; further batches wait for the next call."""

_PROBE: Final = bytes(64 << 10)
"""Bytes that are written to see whether a disk that failed works again."""

Committed = asyncio.Future[list[bool]]
"""The answer to batches: for each, whether it is new. All of them are on disk."""


@dataclass
class _Waiting:
    batches: Sequence[Batch]
    size: int
    answer: Committed


class Committer:
    """The thread that writes the log.

    :meth:`start` and :meth:`commit` are called in the event loop. The number of waiting bytes is
    bounded by those who call them.

    Args:
        folder: the folder of the service.
        metrics: where waits and sizes are counted.

    Attributes:
        problem: why nothing can be written; empty if it can.
        lag: bytes in closed segments, which the judge has not used up.
        free: free bytes of the disk.
    """

    def __init__(self, folder: ServiceFolder, metrics: IngestMetrics) -> None:
        self._folder = folder
        self._metrics = metrics
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._writer: LogWriter | None = None
        self._looked = 0.0
        self.problem = "the log is not open yet"
        self.lag = 0
        self.free = 0

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Open the log, and start the thread.

        Raises:
            LogError: another process writes this log, or it cannot be opened.
        """
        self._writer = LogWriter(self._folder.log)
        self.problem = ""
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, close the log, and end the thread."""
        self._queue.put(None)
        self._thread.join()

    def commit(self, batches: Sequence[Batch]) -> Committed:
        """Return a future whose result comes when the batches are on disk.

        Its exception is a :class:`LogError` if they could not be written.
        """
        answer: Committed = asyncio.get_running_loop().create_future()
        if not self._thread.is_alive():
            answer.set_exception(LogError("the log is closed"))
            return answer
        self._queue.put(_Waiting(batches, sum(len(one.records) for one in batches), answer))
        return answer

    def _run(self) -> None:
        assert self._writer is not None  # noqa: S101 - start() has opened it
        going = True
        while going:
            group, going = self._group()
            if group:
                self._append(self._writer, group)
            self._writer.close_if_due()
            if time.monotonic() - self._looked >= _LOOK:
                self._look()
        self._writer.close()

    def _group(self) -> tuple[list[_Waiting], bool]:
        """Return all batches that wait, and whether the thread goes on after them."""
        group: list[_Waiting] = []
        size = 0
        try:
            one = self._queue.get(timeout=_TICK)
            while one is not None:
                group.append(one)
                size += one.size
                if size >= _AT_ONCE:
                    break
                one = self._queue.get_nowait()
        except queue.Empty:
            return group, True
        return group, one is not None

    def _append(self, writer: LogWriter, group: Sequence[_Waiting]) -> None:
        began = time.perf_counter()
        error: RingfenceError | None = None
        new: list[bool] = []
        try:
            new = writer.append([batch for one in group for batch in one.batches])
        except LogError as refusal:
            error = refusal
        except Exception as fault:  # noqa: BLE001 - without this thread, every client would wait
            error = LogError(f"the writer of the log failed: {type(fault).__name__}")
        self.problem = error.what if error else ""
        self._metrics.commit_seconds.observe(time.perf_counter() - began)
        self._metrics.commit_batches.observe(len(group))
        # The loop is gone if the service is stopped while clients wait.
        with suppress(RuntimeError):
            group[0].answer.get_loop().call_soon_threadsafe(_answer, group, new, error)

    def _look(self) -> None:
        """Look at the disk and at what the judge has left."""
        self._looked = time.monotonic()
        with suppress(OSError):
            self.free = shutil.disk_usage(self._folder.root).free
            self.lag = sum(_size(path) for path in closed_segments(self._folder.log))
        self._metrics.free_bytes.set(self.free)
        self._metrics.lag_bytes.set(self.lag)
        if self.problem:
            with suppress(OSError):
                self._probe()
                self.problem = ""

    def _probe(self) -> None:
        """Write a file, to see whether the disk works again.

        Raises:
            OSError: it does not.
        """
        path = self._folder.log / "probe"
        try:
            with path.open("wb") as file:
                file.write(_PROBE)
                file.flush()
                os.fsync(file.fileno())
        finally:
            path.unlink(missing_ok=True)


def _size(path: os.PathLike[str]) -> int:
    with suppress(OSError):
        return os.stat(path).st_size  # noqa: PTH116 - any path
    return 0


def _answer(group: Sequence[_Waiting], new: Sequence[bool], error: RingfenceError | None) -> None:
    """Give every waiting request its answer, in the event loop."""
    place = 0
    for one in group:
        if error is not None:
            if not one.answer.done():
                one.answer.set_exception(error)
            continue
        end = place + len(one.batches)
        if not one.answer.done():
            one.answer.set_result(list(new[place:end]))
        place = end
