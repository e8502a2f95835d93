"""Find the layout of a new file from its first lines, once.

A file whose lines teach nothing new belongs to a stream that is there. So the files that log
rotation makes of one log are one stream, although each of them begins with other lines.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, open_engine
from ringfence.errors import FormatError, RingfenceError
from ringfence.events import Quarantine, Source, open_source
from ringfence.events.content import decode
from ringfence.events.formats import Format
from ringfence.events.record_lines import document_kind
from ringfence.reading_settings import EventSettings
from ringfence.service.files import ServiceFolder
from ringfence.service.stream_layouts import (
    StreamLayout,
    all_layouts,
    stream_name,
    write_layout,
)
from ringfence.settings import Settings

BEGINNING: Final = 64 << 10
"""Bytes of the first lines of a log from which its layout is learned."""

ENOUGH_LINES: Final = 50
"""Lines from which a layout is learned at once. With fewer, more are waited for."""

_ANY_FILE: Final = Path("any")
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class _Opening:
    """A log as it was opened from its first lines.

    Attributes:
        form: its format.
        name: name of the format, for people.
        reader: what the reader of the log does.
        header: the line with the names of the columns; empty if there is none.
        comment: the beginning of lines without a record.
    """

    form: Format
    name: str
    reader: str
    header: bytes
    comment: bytes


class LayoutFinder:
    """Finds layouts, and remembers them in the folder of the service.

    Args:
        folder: of the service.
        settings: with the defaults of all sources.

    Raises:
        OutputError: a layout that was stored cannot be read.
    """

    def __init__(self, folder: ServiceFolder, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        self._known = {one.stream: one for one in all_layouts(folder.stream_layouts)}

    def layout(self, stream: str) -> StreamLayout | None:
        """Return a layout that is known."""
        return self._known.get(stream)

    def find(self, events: EventSettings, beginning: bytes) -> StreamLayout:
        """Return the layout of a log, which is stored when this returns.

        Args:
            events: how the log is read.
            beginning: its first lines, each with its end.

        Raises:
            FormatError: it is in no known format, or columns are missing.
            RingfenceError: a setting cannot be used.
            OSError: the layout cannot be stored.
        """
        with open_engine(self._settings.engine) as engine:
            found, error = self._tried(engine, events, beginning)
            if found and found.stream in self._known:
                return self._known[found.stream]
            # A few lines tell less than those from which a layout was learned before.
            for known in self._known.values():
                may_fit = known.events == events and not known.header
                may_fit = may_fit and (found is None or found.format == known.format)
                if may_fit and self._fits(engine, known, beginning):
                    return known
        if found is None:
            raise error or FormatError("is in no known format")
        write_layout(self._folder.stream_layouts, found)
        self._known[found.stream] = found
        return found

    def _tried(
        self, engine: Engine, events: EventSettings, beginning: bytes
    ) -> tuple[StreamLayout | None, RingfenceError | None]:
        """Return the layout that the first lines have by themselves, or why they have none."""
        try:
            opened = self._open(engine, events, beginning)
        except RingfenceError as error:
            return None, error
        told = f"{opened.reader}\n{events.model_dump_json()}"
        stream = stream_name(hashlib.sha256(told.encode("utf-8", "replace")).hexdigest())
        # Comments need not stand in each part of a log, but names of columns do.
        header = b"" if opened.comment else opened.header.removeprefix(_BOM)
        layout = StreamLayout(stream, events, beginning, header, opened.name, opened.reader)
        return layout, None

    def _fits(self, engine: Engine, known: StreamLayout, lines: bytes) -> bool:
        """Return whether lines are of a layout: they change nothing about how it is read."""
        try:
            both = self._open(engine, known.events, known.beginning + lines)
        except RingfenceError:
            return False
        if both.reader != known.opening:
            return False
        texts = [decode(line) for line in lines.splitlines() if line.strip()]
        records = [line for line in texts if not _is_comment(line, both.comment)]
        read = sum(both.form.parse(line) is not None for line in records)
        return bool(records) and 2 * read >= len(records)

    def _open(self, engine: Engine, events: EventSettings, lines: bytes) -> _Opening:
        path = engine.scratch / "beginning.log"
        path.write_bytes(lines)
        settings = self._settings.model_copy(update={"events": events})
        source = Source(path, "its first lines", named=False)
        reading = open_source(engine, source, settings, Quarantine(engine.scratch))
        plan = reading.plan
        if plan is None:
            raise FormatError("is empty")
        if not plan.form.by_line or document_kind(decode(lines).lstrip("\ufeff"), whole=False):
            raise FormatError(
                f"is {reading.format} without one record per line",
                hint="scan such files when they are complete",
            )
        opened = plan.opened
        header = lines[: lines.index(b"\n") + 1] if opened.header else b""
        if opened.comment and lines.startswith(opened.comment):
            header = b"".join(_first_comments(lines, opened.comment))
        told = (
            *(opened.reader(_ANY_FILE, "skip"), opened.time, opened.signed_up, opened.seconds),
            *(opened.quotes, header.decode("latin-1") if opened.header else ""),
        )
        return _Opening(plan.form, reading.format, json.dumps(told), header, opened.comment)


def header_length(layout: StreamLayout, beginning: bytes) -> int:
    """Return the number of bytes at the beginning of a file that other files have as well.

    Args:
        layout: of the file.
        beginning: first bytes of the file.
    """
    start = len(_BOM) if beginning.startswith(_BOM) else 0
    if layout.header:
        return start + len(layout.header)
    if not beginning.startswith(b"#", start):
        return start
    return sum(map(len, _first_comments(beginning, b"#")))


def _first_comments(lines: bytes, comment: bytes) -> list[bytes]:
    found = []
    for line in lines.splitlines(keepends=True):
        if not line.startswith(comment):
            break
        found.append(line)
    return found


def _is_comment(line: str, comment: bytes) -> bool:
    return bool(comment) and line.startswith(comment.decode())
