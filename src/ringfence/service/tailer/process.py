"""The process that follows log files and Kafka."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from ringfence.errors import RingfenceError
from ringfence.service.event_log import LogError, LogWriter, closed_segments
from ringfence.service.files import ServiceFolder, write_status
from ringfence.service.files.stop_request import StopRequest
from ringfence.service.tailer.file_watch import FileWatch
from ringfence.service.tailer.followed_log import Patience
from ringfence.service.tailer.layout_finder import LayoutFinder
from ringfence.service.tailer.place_table import PlaceTable
from ringfence.service.tailer.portion import Portion, SourceStatus
from ringfence.service.tailer.topics import TopicReader
from ringfence.settings import Settings

TAILER_STATUS: Final = "tailer"
"""The name of the status of this process."""

_SECOND: Final = 1.0
_PAUSE: Final = 0.1
_MEGABYTE: Final = 1_000_000


def run_tailer(
    folder: ServiceFolder,
    settings: Settings,
    note: Callable[[str], None] = print,
    patience: Patience | None = None,
) -> None:
    """Store the new lines of all sources until SIGTERM or SIGINT. Call it in the main thread.

    Args:
        folder: of the service.
        settings: with the sources.
        note: receives one line about each event that an operator should know.
        patience: see there.

    Raises:
        SettingsError: a setting cannot be used.
        LogError: the log cannot be opened.
        OutputError: a file of the service is damaged.
    """
    stop = StopRequest()
    with stop.heard():
        folder.create()
        # Before the writer, which closes what an earlier process left.
        table = PlaceTable(folder)
        finder = LayoutFinder(folder, settings)
        with LogWriter(folder.tail_log, before_close=table.store) as writer:
            files = FileWatch(
                settings.service.files, settings.events, table, finder, note, patience
            )
            topics = TopicReader(settings.service.kafka, settings.events, table, finder, note)
            try:
                _Tailer(folder, settings, table, writer, files, topics, note).run(stop)
            finally:
                topics.close()
                files.close()


class _Tailer:
    """The loop: read, store, tell.

    Args:
        folder: of the service.
        settings: with the limits.
        table: of places.
        writer: of the tail log.
        files: that are followed.
        topics: that are read.
        note: receives lines for an operator.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the loop
        self,
        folder: ServiceFolder,
        settings: Settings,
        table: PlaceTable,
        writer: LogWriter,
        files: FileWatch,
        topics: TopicReader,
        note: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._settings = settings.service
        self._table = table
        self._writer = writer
        self._files = files
        self._topics = topics
        self._note = note
        self._problem = ""
        self._began = time.time()
        self._told = 0.0
        self._waiting = 0
        self._lines = 0
        self._lagging: set[str] = set()
        self._failing: dict[str, str] = {}

    def run(self, stop: StopRequest) -> None:
        """Read and store until a signal arrives."""
        while not stop.made:
            if not self._step():
                stop.wait(_PAUSE)
            self._tell()
        self._write(running=False)

    def _step(self) -> bool:
        """Store what is new, and return whether there was anything."""
        if self._waiting > self._settings.lag_mb * _MEGABYTE:
            self._say("the judge lags, so nothing more is read")
            self._writer.close_if_due()
            return False
        portions = [*self._files.read(), *self._topics.read()]
        stored = bool(portions) and self._stored(portions)
        # The places of what was stored are noted by now.
        self._writer.close_if_due()
        return stored

    def _stored(self, portions: Sequence[Portion]) -> bool:
        try:
            self._writer.append([one.batch for one in portions])
        except LogError as error:
            self._say(f"{error.what}: {error.hint}")
            return False
        self._table.note(one.place for one in portions)
        for one in portions:
            one.stored()
            self._lines += one.records.count(b"\n")
        self._problem = ""
        return True

    def _say(self, problem: str) -> None:
        """Say what is wrong, once."""
        if problem != self._problem:
            self._note(problem)
        self._problem = problem

    def _tell(self) -> None:
        """Write the status and say which sources lag, each second."""
        if time.monotonic() - self._told < _SECOND:
            return
        self._told = time.monotonic()
        segments = closed_segments(self._folder.tail_log)
        self._waiting = 0
        for segment in segments:
            with suppress(OSError):
                self._waiting += segment.stat().st_size
        if self._waiting <= self._settings.lag_mb * _MEGABYTE and "judge lags" in self._problem:
            self._problem = ""
        for source in self._sources():
            self._alarm(source)
            self._tell_error(source)
        self._write(running=True)

    def _sources(self) -> list[SourceStatus]:
        return [*self._files.statuses, *self._topics.statuses]

    def _tell_error(self, source: SourceStatus) -> None:
        """Say why a source cannot be read, as soon as it is known and once."""
        if source.error and self._failing.get(source.name) != source.error:
            self._note(str(RingfenceError(source.error, where=source.name)))
        self._failing[source.name] = source.error

    def _alarm(self, source: SourceStatus) -> None:
        lags = source.seconds_behind > self._settings.source_lag_seconds
        if lags and source.name not in self._lagging:
            self._lagging.add(source.name)
            said = source.error or f"{source.behind:,} bytes or messages wait"
            self._note(f"{source.name} lags by {source.seconds_behind:.0f} s: {said}")
        elif source.name in self._lagging and not source.seconds_behind:
            self._lagging.remove(source.name)
            self._note(f"{source.name} does not lag any more")

    def _write(self, *, running: bool) -> None:
        values = {
            "time": time.time(),
            "began": self._began,
            "process": os.getpid(),
            "running": running,
            "error": self._problem,
            "lines": self._lines,
            "waiting_bytes": self._waiting,
            "lagging": sorted(self._lagging),
            "sources": [one.values() for one in self._sources()],
        }
        # A full disk must not end the process; the file's own time tells how old it is.
        with suppress(OSError):
            write_status(self._folder, TAILER_STATUS, values)
