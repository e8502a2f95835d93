"""Find the files of the settings, also after a rotation.

A file is known by its device and number, and by the mark of its first bytes. So it is recognised
under another name, as a copy, and compressed. Each content is read once:

* A file with another name is read on through the open handle, or found in its folder by its number.
* A file that was emptied has a new content. If a copy of the former one is in its folder, the rest
  is read from there.
* A compressed file, or a copy, of a content that is read already is left alone.
"""

from __future__ import annotations

import os
import stat
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from ringfence.errors import RingfenceError, reason
from ringfence.events.content import packing
from ringfence.events.globbing import matching_names
from ringfence.reading_settings import EventSettings
from ringfence.service.tailer.followed_log import FollowedLog, Patience
from ringfence.service.tailer.layout_finder import LayoutFinder
from ringfence.service.tailer.open_logs import (
    OpenLog,
    PackedLog,
    PlainLog,
    State,
    has_same_beginning,
    mark_of,
)
from ringfence.service.tailer.place_table import PlaceTable
from ringfence.service.tailer.places import LONGEST_MARK, FilePlace
from ringfence.service.tailer.portion import Portion, SourceStatus
from ringfence.source_settings import FileSourceSettings

_LOOK_SECONDS: Final = 1.0
_REST_SECONDS: Final = 30.0
"""Seconds between two searches for the rest of a file that has gone."""

_MOST_SEARCHES: Final = 10

_MOST_IN_FOLDER: Final = 2_000
"""Files of a folder among which a rotated one is looked for, the newest first."""

_Key = tuple[int, int]


class FileWatch:
    """All files that are followed.

    Args:
        files: ``[[service.files]]``.
        usual: ``[events]``.
        table: of places.
        finder: of layouts.
        note: receives one line about each event that an operator should know.
        patience: see there.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the watch
        self,
        files: Sequence[FileSourceSettings],
        usual: EventSettings,
        table: PlaceTable,
        finder: LayoutFinder,
        note: Callable[[str], None],
        patience: Patience | None = None,
    ) -> None:
        self._files = [(one, one.events(usual)) for one in files]
        self._table = table
        self._finder = finder
        self._note = note
        self._patience = patience or Patience()
        self._followed: dict[_Key, FollowedLog] = {}
        self._errors: dict[str, SourceStatus] = {}
        self._left_alone: dict[_Key, tuple[tuple[int, int], FilePlace]] = {}
        self._named: dict[_Key, Path] = {}
        self._searches: dict[str, tuple[int, float]] = {}
        self._looked = -_LOOK_SECONDS
        self._known_paths = {one.path for one in table.files()}
        self._first_look = True

    @property
    def statuses(self) -> list[SourceStatus]:
        """The state of each file that is read, and of each that cannot be."""
        return [*(one.status for one in self._followed.values()), *self._errors.values()]

    def read(self) -> Iterator[Portion]:
        """Yield the next lines of each file. Each must be stored before the next call."""
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            self.look()
        for followed in list(self._followed.values()):
            yield from self._read(followed)

    def look(self) -> None:
        """Find new files, and see which have other names now."""
        self._looked = time.monotonic()
        for followed in list(self._followed.values()):
            self._see_state(followed)
        self._named = {}
        errors: dict[str, SourceStatus] = {}
        for entry, events in self._files:
            paths = sorted(matching_names(entry.path)) or [Path(entry.path)]
            known = not self._known_paths.isdisjoint(map(str, paths))
            for path in paths:
                self._see(path, events, errors, skips=self._skips(entry, known=known))
        for key, followed in list(self._followed.items()):
            self._see_name(key, followed)
        self._look_for_rests()
        # An error that stays keeps its time.
        self._errors = {name: self._same_error(name, one) for name, one in errors.items()}
        self._first_look = False

    def close(self) -> None:
        """Close all files."""
        for followed in self._followed.values():
            followed.log.close()

    def _read(self, followed: FollowedLog) -> Iterator[Portion]:
        state = self._see_state(followed)
        portion = followed.shorten() if state == "shorter" else None
        if state == "same":
            portion = followed.read()
        if portion:
            yield portion

    def _skips(self, entry: FileSourceSettings, *, known: bool) -> bool:
        """Return whether the present lines of files that are new do not count."""
        return self._first_look and not known and not entry.from_start

    def _see_name(self, key: _Key, followed: FollowedLog) -> None:
        """See whether a file still has its name, and close it if it is done."""
        path = self._named.get(key)
        followed.named = path is not None and str(path) == followed.place.path
        if path:
            followed.status.name = str(path)
            self._table.saw(followed.place)
        if followed.is_quiet and path:
            found = path.stat()
            self._left_alone[key] = ((found.st_size, found.st_mtime_ns), followed.place)
        if followed.is_done or (followed.is_quiet and path):
            followed.log.close()
            del self._followed[key]

    def _see_state(self, followed: FollowedLog) -> State:
        """See whether a file has another content now, which is then followed instead."""
        state = followed.log.state(followed.place)
        if state != "replaced":
            return state
        former = replace(followed.place, inode=0)
        self._table.note([former])
        self._follow(followed.log, _new_place(followed.place.path, followed.log), followed)
        if not former.ended:
            self._find_rest(former, followed.events)
        return state

    def _see(
        self, path: Path, events: EventSettings, errors: dict[str, SourceStatus], *, skips: bool
    ) -> None:
        """See a file that a pattern names, and begin to follow it if it has something new."""
        try:
            found = path.stat()
            key, state = (found.st_dev, found.st_ino), (found.st_size, found.st_mtime_ns)
            if stat.S_ISDIR(found.st_mode) or key in self._named:
                return
            if not stat.S_ISREG(found.st_mode):
                errors[str(path)] = SourceStatus(str(path), error="is not a file")
                return
            self._named[key] = path
            alone = self._left_alone.get(key)
            if alone and alone[0] == state:
                self._table.saw(alone[1])
            elif key not in self._followed and found.st_size:
                place = self._meet(path, events, skips=skips)
                if place:
                    self._left_alone[key] = (state, place)
        except (OSError, RingfenceError) as error:
            said = reason(error) if isinstance(error, OSError) else error.what
            errors[str(path)] = SourceStatus(str(path), error=f"cannot be read: {said}")

    def _meet(self, path: Path, events: EventSettings, *, skips: bool) -> FilePlace | None:
        """Begin to follow a file; return the place of its content if that is read already."""
        log = _opened(path)
        place = self._known_place(log)
        if place is None:
            place = _new_place(str(path), log)
            if skips:
                offset = 0 if log.packed else _last_line(log)
                place = replace(place, offset=offset, ended=log.packed)
        is_read = place.ended and (log.packed or place.offset >= log.size)
        if is_read or self._is_followed(place):
            log.close()
            self._table.note([place])
            return place
        self._begin(log, place, events)
        return None

    def _known_place(self, log: OpenLog) -> FilePlace | None:
        """Return the place up to which the content of a file was read; None if it is new."""
        here = [one for one in self._table.files() if (one.device, one.inode) == log.key]
        for place in here:
            if _begins_as(log, place):
                return place
        beginning = log.beginning(LONGEST_MARK)
        for place in self._table.files():
            known = place.is_recognisable and len(beginning) >= place.length
            if not known or mark_of(beginning[: place.length]) != place.mark:
                continue
            other = self._following(place)
            if other is None:
                device, inode = log.key
                return place if place.ended else replace(place, device=device, inode=inode)
            if has_same_beginning(other.log, log) or other.log.state(place) != "same":
                return place
        return None

    def _following(self, place: FilePlace) -> FollowedLog | None:
        every = self._followed.values()
        return next((one for one in every if one.place.content == place.content), None)

    def _is_followed(self, place: FilePlace) -> bool:
        return self._following(place) is not None

    def _begin(self, log: OpenLog, place: FilePlace, events: EventSettings) -> None:
        followed = FollowedLog(log, place, events, self._finder, self._patience)
        self._followed[log.key] = followed
        self._table.note([place])

    def _follow(self, log: OpenLog, place: FilePlace, former: FollowedLog) -> None:
        followed = FollowedLog(log, place, former.events, self._finder, self._patience)
        followed.named = former.named
        followed.status.name = former.status.name
        self._followed[log.key] = followed

    def _look_for_rests(self) -> None:
        """Look for files that were not read to their end and have other names by now."""
        now = time.monotonic()
        for place in self._table.files():
            key = (place.device, place.inode)
            quiet = key in self._named and key in self._left_alone
            if place.ended or not place.offset or quiet or self._is_followed(place):
                continue
            times, last = self._searches.get(place.content, (0, -_REST_SECONDS))
            if times >= _MOST_SEARCHES:
                self._table.note([replace(place, ended=True)])
                self._note(f"the rest of {place.path} after byte {place.offset:,} was not found")
            elif now - last >= _REST_SECONDS:
                self._searches[place.content] = (times + 1, now)
                layout = self._finder.layout(place.stream)
                if layout:
                    self._find_rest(place, layout.events)

    def _find_rest(self, place: FilePlace, events: EventSettings) -> None:
        """Look in the folder of a file for its content under another name, and follow that."""
        for path, key in _folder_of(place):
            same = key == (place.device, place.inode)
            if key in self._followed or not (same or place.is_recognisable):
                continue
            with suppress(OSError, RingfenceError):
                log = _opened(path)
                if _begins_as(log, place) and (log.packed or log.size >= place.offset):
                    device, inode = log.key
                    self._begin(log, replace(place, device=device, inode=inode), events)
                    self._followed[key].named = False
                    return
                log.close()

    def _same_error(self, name: str, new: SourceStatus) -> SourceStatus:
        old = self._errors.get(name)
        return old if old and old.error == new.error else new


def _opened(path: Path) -> OpenLog:
    return PlainLog(path) if packing(path) == "plain" else PackedLog(path)


def _begins_as(log: OpenLog, place: FilePlace) -> bool:
    """Return whether a file begins as the content of a place does."""
    beginning = log.beginning(place.length)
    return len(beginning) == place.length and (not place.length or mark_of(beginning) == place.mark)


def _new_place(path: str, log: OpenLog) -> FilePlace:
    device, inode = log.key
    return FilePlace(uuid.uuid4().hex[:16], path, device, inode)


def _last_line(log: OpenLog) -> int:
    """Return the offset after the last end of a line."""
    size = log.size
    start = max(0, size - (1 << 20))
    end = log.beginning(size - start, start).rfind(b"\n") + 1
    return start + end


def _folder_of(place: FilePlace) -> Iterable[tuple[Path, _Key]]:
    """Return the files in the folder of a file, that with its number and newer ones first."""
    try:
        with os.scandir(Path(place.path).parent) as entries:
            files = [(one.path, one.stat()) for one in entries if one.is_file()]
    except OSError:
        return []
    files.sort(key=lambda one: (one[1].st_ino != place.inode, -one[1].st_mtime_ns))
    return [(Path(path), (it.st_dev, it.st_ino)) for path, it in files[:_MOST_IN_FOLDER]]
