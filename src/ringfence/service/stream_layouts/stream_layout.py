"""One layout of a stream, as a file."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from ringfence.errors import OutputError
from ringfence.events.sources import ReadingGuide
from ringfence.private_files import new_file
from ringfence.reading_settings import EventSettings

_ENDING: Final = ".json"
_RAW: Final = "raw-"
"""The beginning of the names of streams that have a layout."""


@dataclass(frozen=True)
class StreamLayout:
    """The way in which the lines of a stream are read.

    Attributes:
        stream: name of the stream.
        events: how the log is read, as in ``[events]``.
        beginning: first lines of the log, from which its format and its columns are learned.
        header: line with the names of the columns, which each part needs; empty if there is none.
        format: name of the format, for people.
        opening: what the reader of the log does; equal for logs of the same layout.
    """

    stream: str
    events: EventSettings
    beginning: bytes
    header: bytes = b""
    format: str = ""
    opening: str = ""

    def guide(self, place: Path) -> ReadingGuide:
        """Write the first lines to a file that need not last, and return how to read the stream.

        Raises:
            OSError: the file cannot be written.
        """
        place.write_bytes(self.beginning)
        return ReadingGuide(self.events, place)


def stream_name(digest: str) -> str:
    """Return the name of the stream with a layout.

    Args:
        digest: identifies the layout, as hexadecimal digits.
    """
    return f"{_RAW}{digest[:32]}"


def write_layout(folder: Path, layout: StreamLayout) -> None:
    """Store a layout before any line of its stream is stored.

    Raises:
        OSError: the file cannot be written.
    """
    values = {
        "stream": layout.stream,
        "format": layout.format,
        "events": layout.events.model_dump(mode="json"),
        "header": base64.b64encode(layout.header).decode(),
        "beginning": base64.b64encode(layout.beginning).decode(),
        "opening": layout.opening,
    }
    with new_file(_path(folder, layout.stream)) as file:
        file.write(json.dumps(values, indent=1).encode() + b"\n")


def read_layout(folder: Path, stream: str) -> StreamLayout | None:
    """Return the layout of a stream; None for a stream of records of the event schema.

    Args:
        folder: of the layouts.
        stream: name of the stream.

    Raises:
        OutputError: the layout of the stream is missing or damaged.
    """
    if not stream.startswith(_RAW):
        return None
    path = _path(folder, stream)
    try:
        return _layout(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise OutputError(
            "the layout of a stream cannot be read",
            where=str(path),
            hint="restore the file from a backup of the service's folder",
        ) from error


def all_layouts(folder: Path) -> list[StreamLayout]:
    """Return all layouts of a folder, the newest first.

    Raises:
        OutputError: one of them is damaged.
    """
    paths = sorted(folder.glob(f"{_RAW}*{_ENDING}"), key=lambda path: -path.stat().st_mtime_ns)
    found = (read_layout(folder, path.stem) for path in paths)
    return [one for one in found if one]


def _path(folder: Path, stream: str) -> Path:
    if not stream.removeprefix(_RAW).isalnum():
        raise OutputError("this is not the name of a stream", where=stream[:80])
    return folder / f"{stream}{_ENDING}"


def _layout(values: dict[str, Any]) -> StreamLayout:
    return StreamLayout(
        values["stream"],
        EventSettings.model_validate(values["events"]),
        base64.b64decode(values["beginning"], validate=True),
        base64.b64decode(values["header"], validate=True),
        values["format"],
        values["opening"],
    )
