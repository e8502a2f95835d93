"""The places up to which files and topics were read."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Any, Final

LONGEST_MARK: Final = 4096
"""Bytes at the beginning of a file by which it is recognised under another name."""


@dataclass(frozen=True)
class FilePlace:
    """The place up to which a file was read.

    Attributes:
        content: names the content of the file, whatever the file is called later.
        path: where the file was seen last.
        device: device of the file.
        inode: its number there.
        offset: bytes of the unpacked content that were read.
        length: number of bytes at the beginning by which the file is recognised.
        mark: SHA-256 of these bytes.
        header: bytes at the beginning that other files may have as well.
        stream: name of the stream of its lines; empty before its layout is known.
        ended: whether its last line was read, although it had no end.
    """

    content: str
    path: str
    device: int
    inode: int
    offset: int = 0
    length: int = 0
    mark: str = ""
    header: int = 0
    stream: str = ""
    ended: bool = False

    @property
    def name(self) -> str:
        """The name of the source in the table of places."""
        return f"file {self.content}"

    @property
    def is_recognisable(self) -> bool:
        """Return whether a copy of the file can be told from other files with the same header."""
        return self.length > self.header


@dataclass(frozen=True)
class TopicPlace:
    """The place up to which a partition of a topic was read.

    Attributes:
        cluster: name of the cluster.
        topic: name of the topic.
        partition: number of the partition.
        offset: of the next message.
        stream: name of the stream of its lines.
    """

    cluster: str
    topic: str
    partition: int
    offset: int
    stream: str = ""

    @property
    def name(self) -> str:
        """The name of the source in the table of places."""
        return f"kafka {self.cluster} {self.topic} {self.partition}"


@dataclass(frozen=True)
class FirstLook:
    """When a topic was looked at first. Messages since then are new.

    Attributes:
        cluster: name of the cluster.
        topic: name of the topic.
        at: milliseconds since 1970.
    """

    cluster: str
    topic: str
    at: int

    @property
    def name(self) -> str:
        """The name of the time in the table of places."""
        return f"look {self.cluster} {self.topic}"


SourcePlace = FilePlace | TopicPlace
"""The place of a source."""

Place = SourcePlace | FirstLook
"""A row of the table of places."""

_KINDS: Final[dict[str, type[Place]]] = {
    "file": FilePlace,
    "topic": TopicPlace,
    "look": FirstLook,
}


def place_text(place: Place) -> str:
    """Return a place as text, such as the key of a batch.

    It has the present time, for a log takes a second batch with the same key for a repetition. A
    source may come to the same place twice: a file that was cut, or a topic that was made again.
    """
    (kind,) = (name for name, one in _KINDS.items() if isinstance(place, one))
    values = {"kind": kind, "written": time.time_ns(), **asdict(place)}
    return json.dumps(values, separators=(",", ":"))


def place_of(values: dict[str, Any]) -> Place:
    """Return a place that was written as JSON.

    Raises:
        KeyError: it has no kind.
        TypeError: it is not a place.
    """
    kind, _ = values.pop("kind"), values.pop("written")
    return _KINDS[kind](**values)
