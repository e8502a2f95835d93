"""The table of places, which outlives the segments that contain them.

The file has the places of all segments that are closed. Those of an open segment are in its frames.
After a crash, the table is read from both.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from typing import Final

from ringfence.errors import OutputError
from ringfence.private_files import new_file
from ringfence.service.event_log.frames import read_frames
from ringfence.service.event_log.reading import OPEN_ENDING, segments_named
from ringfence.service.files import ServiceFolder
from ringfence.service.tailer.places import FilePlace, Place, place_of, place_text
from ringfence.stats.seconds import DAY

_KEPT_SECONDS: Final = 30 * DAY
"""Seconds after which a file that was not seen again is forgotten. They are counted by a clock that
nobody sets, or a jump of the other one would let files be read again."""


class PlaceTable:
    """The places of all sources, by name.

    Args:
        folder: of the service. No writer of its tail log may run yet.

    Raises:
        OutputError: the table cannot be read.
        OSError: it cannot be written.
    """

    def __init__(self, folder: ServiceFolder) -> None:
        self._path = folder.tail_positions
        self._places: dict[str, Place] = {}
        self._seen: dict[str, float] = {}
        self.is_new = not self._path.exists()
        self._load()
        self._replay(folder)
        # The next writer closes what is open, and its frames may be used up at once.
        self.store()

    def get(self, name: str) -> Place | None:
        """Return the place of a source; None if it is not known."""
        return self._places.get(name)

    def files(self) -> Iterator[FilePlace]:
        """Yield the places of files."""
        return (one for one in list(self._places.values()) if isinstance(one, FilePlace))

    def note(self, places: Iterable[Place]) -> None:
        """Take note of places that were stored in the log, or cannot be lost."""
        for place in places:
            self._places[place.name] = place
            self._seen[place.name] = time.monotonic()

    def saw(self, place: Place) -> None:
        """Take note that a source is still there."""
        self._seen[place.name] = time.monotonic()

    def store(self) -> None:
        """Write the table, whole or not at all.

        Raises:
            OSError: the disk is full.
        """
        now, clock = time.monotonic(), time.time()
        oldest = now - _KEPT_SECONDS
        for name in [name for name, seen in self._seen.items() if seen < oldest]:
            if isinstance(self._places[name], FilePlace):
                del self._places[name], self._seen[name]
        rows = [
            {"seen": clock - now + self._seen[name], "place": place_text(place)}
            for name, place in self._places.items()
        ]
        with new_file(self._path) as file:
            file.write(json.dumps(rows).encode())

    def _load(self) -> None:
        if self.is_new:
            return
        try:
            for row in json.loads(self._path.read_bytes()):
                place = place_of(json.loads(row["place"]))
                self._places[place.name] = place
                # The time in which no process looked for files does not count.
                age = min(max(time.time() - float(row["seen"]), 0.0), _KEPT_SECONDS - DAY)
                self._seen[place.name] = time.monotonic() - age
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OutputError(
                "the places up to which files were read cannot be read",
                where=str(self._path),
                hint="restore the file from a backup; if it is moved away, files are read again",
            ) from error

    def _replay(self, folder: ServiceFolder) -> None:
        for segment in segments_named(folder.tail_log, OPEN_ENDING):
            with segment.open("rb") as file:
                self.note(place_of(json.loads(batch.key)) for batch, _ in read_frames(file))
