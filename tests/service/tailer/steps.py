"""The tailer in the process of a test, a step at a time."""

from __future__ import annotations

import time

from tests.service.tailer.tail_worker import QUICK

from ringfence.service.event_log import LogWriter
from ringfence.service.files import ServiceFolder
from ringfence.service.tailer.file_watch import FileWatch
from ringfence.service.tailer.layout_finder import LayoutFinder
from ringfence.service.tailer.place_table import PlaceTable
from ringfence.service.tailer.topics import TopicReader
from ringfence.settings import Settings


class Session:
    """The tailer in this process, a step at a time. Leaving it is a crash: nothing is stored.

    Args:
        folder: of the service.
        chosen: settings with files.
    """

    def __init__(self, folder: ServiceFolder, chosen: Settings) -> None:
        folder.create()
        self.notes: list[str] = []
        self.lines = 0
        self.table = PlaceTable(folder)
        finder = LayoutFinder(folder, chosen)
        self.writer = LogWriter(folder.tail_log, before_close=self.table.store)
        self.watch = FileWatch(
            chosen.service.files, chosen.events, self.table, finder, self.notes.append, QUICK
        )

        self.topics = TopicReader(
            chosen.service.kafka, chosen.events, self.table, finder, self.notes.append
        )

    def step(self) -> int:
        """Look, read and store once, and return the number of portions."""
        self.watch.look()
        portions = [*self.watch.read(), *self.topics.read()]
        self.writer.append([one.batch for one in portions])
        self.table.note(one.place for one in portions)
        for one in portions:
            one.stored()
            self.lines += one.records.count(b"\n")
        self.writer.close_if_due()
        return len(portions)

    def steps(self, seconds: float = 0.4) -> None:
        """Step for a while, longer than anything is waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end or self.step():
            self.step()
            time.sleep(0.02)

    def until(self, lines: int, seconds: float = 60) -> None:
        """Step until a number of lines is stored.

        Raises:
            TimeoutError: they are not.
        """
        end = time.monotonic() + seconds
        while self.lines < lines:
            if time.monotonic() > end:
                raise TimeoutError(self.lines)
            self.step()

    def crash(self) -> None:
        """End without storing anything."""
        self.watch.close()
        self.topics.close()
        for segment in (self.writer._segment, *self.writer._unclosed):  # noqa: SLF001 - as a crash
            segment.leave()
        self.writer._release()  # noqa: SLF001 - as a crash
