"""Check records, and write them with the names of the event schema.

A batch may come from any client, and the log holds batches of many. So each record is stored under
the same names, whatever its client calls them: the columns are found as in a log of JSON lines that
is scanned. Records that have these names already are stored unchanged.

A line is refused here unless it is a JSON object with an account, an address, an item or a URL, and
a time that can be read. The values are read by the judge, with the reader that scans use.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from ringfence.events import BAD
from ringfence.events.content import LONGEST_RECORD, decode
from ringfence.events.formats.ndjson import JSONKey, json_keys, json_object, json_value
from ringfence.events.formats.played_seconds import seconds_factor
from ringfence.events.formats.source_columns import column_setting, columns_there
from ringfence.events.reading import NO_RECORD
from ringfence.service.ingest.sent_times import SentTimes
from ringfence.settings import EventSettings

EVENT_STREAM: Final = "events"
"""The stream of records that name their items."""

REQUEST_STREAM: Final = "requests"
"""The stream of records whose items are read from URLs. A source is read in one of the two ways."""

_STORED: Final = {"forwarded": "x_forwarded_for"}
"""Names in the log that differ from those of the settings, which are not usual names."""

_TELLING: Final = frozenset({"login", "ip", "item", "url", "request"})
"""Columns of which a record must have one. Without any, it is a line that nobody has parsed."""

_AT_ONCE: Final = 2_000
_MOST_SHAPES: Final = 1_000
_TEXTS_KEPT: Final = 100
_NESTED: Final = (dict, list)
_MARK: Final = secrets.randbits(60)
"""A number between the lines that are parsed together, which no client can guess."""

_BETWEEN: Final = b",%d," % _MARK


_UNREADABLE_TIME: Final = BAD[0]


class RefusedRecord(NamedTuple):
    """A record that could not be read.

    Attributes:
        line: its number in the batch, from 1.
        reason: as in a scan's ``quarantine.jsonl``.
        text: its beginning, with secrets.
    """

    line: int
    reason: str
    text: str


class _StoredRecord(NamedTuple):
    """A record as it goes to the log: its stream, its line, and its time as it was sent."""

    stream: str
    line: bytes
    time: object


@dataclass
class CheckedRecords:
    """The records of one batch.

    Attributes:
        lines: stream to the lines that are stored, each without its line feed.
        refused: number of records that could not be read.
        refused_lines: the first of them.
        bad_times: number of those whose time cannot be read.
        bad_time: the first such time.
    """

    lines: dict[str, list[bytes]] = field(default_factory=dict)
    refused: int = 0
    refused_lines: list[RefusedRecord] = field(default_factory=list)
    bad_times: int = 0
    bad_time: str = ""

    @property
    def digest(self) -> str:
        """The hash of the stored lines, in hexadecimal digits."""
        found = hashlib.blake2b(digest_size=16)
        for stream, lines in sorted(self.lines.items()):
            found.update(b"\n".join((stream.encode(), *lines, b"")))
        return found.hexdigest()

    @property
    def accepted(self) -> int:
        """The number of records that are stored."""
        return sum(map(len, self.lines.values()))

    def refuse(self, line: int, content: bytes, reason: str) -> None:
        """Count a record that cannot be read, and keep it if it is one of the first."""
        self.refused += 1
        if len(self.refused_lines) < _TEXTS_KEPT:
            self.refused_lines.append(RefusedRecord(line, reason, decode(content[:4_000])))


@dataclass(frozen=True)
class _Shape:
    """The way from records with the same keys to the log.

    Attributes:
        stream: of these records.
        keys: stored name to the key of its value; None if there is none.
        factor: seconds in a unit of the playing time.
        verbatim: whether the records have the stored names already.
    """

    stream: str
    keys: tuple[tuple[str, JSONKey | None], ...]
    factor: float
    verbatim: bool


class RecordCheck:
    """The check of records, which remembers the columns of each set of keys.

    Args:
        events: ``[events]``: the operator's own names, and the form of times.
    """

    def __init__(self, events: EventSettings) -> None:
        self._columns = events.columns
        self._times = SentTimes(events)
        self._flat: dict[tuple[str, ...], _Shape | None] = {}
        self._nested: dict[tuple[str, ...], _Shape | None] = {}

    def close(self) -> None:
        """Close what the check of times has opened."""
        self._times.close()

    def check(self, lines: Iterable[bytes]) -> CheckedRecords:
        """Check lines of JSON. Empty lines are left out."""
        checked = CheckedRecords()
        stretch: list[tuple[int, bytes]] = []
        for number, line in enumerate(lines, 1):
            if bare := line.strip(b" \t\r\n"):
                stretch.append((number, bare))
            if len(stretch) >= _AT_ONCE:
                self._check_stretch(stretch, checked)
                stretch.clear()
        self._check_stretch(stretch, checked)
        return checked

    def _check_stretch(self, stretch: Sequence[tuple[int, bytes]], checked: CheckedRecords) -> None:
        values = zip(stretch, _values(stretch), strict=True)
        every = [self._strict(value, line) or self._tolerant(line) for (_, line), value in values]
        bad = self._times.unreadable(one.time for one in every if one)
        for (number, line), found in zip(stretch, every, strict=True):
            if found is None:
                checked.refuse(number, line, NO_RECORD)
            elif bad and isinstance(found.time, str) and found.time in bad:
                checked.refuse(number, line, _UNREADABLE_TIME)
                checked.bad_times += 1
                checked.bad_time = checked.bad_time or found.time
            else:
                checked.lines.setdefault(found.stream, []).append(found.line)

    def _strict(self, value: object, line: bytes) -> _StoredRecord | None:
        """Return a flat record as it is stored; None if it needs a closer look."""
        if not isinstance(value, dict) or any(type(one) in _NESTED for one in value.values()):
            return None
        keys = tuple(value)
        if keys not in self._flat:
            _bound(self._flat)
            self._flat[keys] = self._shape({name: (name,) for name in keys})
        shape = self._flat[keys]
        if shape is None:
            return None
        if shape.verbatim and b"\r" not in line:
            return _StoredRecord(shape.stream, line, value.get("ts"))
        # Of a key that is there twice, the first counts, as for the reader of the log.
        first = json_object(line.decode()) or {}
        flat = {name: first.get(key[0]) if key else None for name, key in shape.keys}
        return _StoredRecord(shape.stream, _line(flat, shape.factor), flat.get("ts"))

    def _tolerant(self, line: bytes) -> _StoredRecord | None:
        """Return any record as it is stored; None if it is not one."""
        if len(line) > LONGEST_RECORD:
            return None
        record = json_object(decode(line))
        if not record:
            return None
        keys = json_keys([record])
        names = tuple(keys)
        if names not in self._nested:
            _bound(self._nested)
            self._nested[names] = self._shape(keys)
        shape = self._nested[names]
        if shape is None:
            return None
        values = {name: json_value(record, key) if key else None for name, key in shape.keys}
        return _StoredRecord(shape.stream, _line(values, shape.factor), values.get("ts"))

    def _shape(self, keys: Mapping[str, JSONKey]) -> _Shape | None:
        found = columns_there(keys, self._columns)
        if _TELLING.isdisjoint(found):
            return None
        stored = {_STORED.get(raw) or column_setting(raw): keys[one] for raw, one in found.items()}
        stream = REQUEST_STREAM if _needs_rules(found) else EVENT_STREAM
        factor = seconds_factor(found.get("seconds", ""), self._columns)
        every: dict[str, JSONKey | None] = dict(stored)
        # Every record has the columns without which the reader of the log would refuse all of them.
        every.setdefault("ts", None)
        if "ip" not in every:
            every.setdefault("account", None)
        if stream == EVENT_STREAM:
            every.setdefault("item", None)
        verbatim = factor == 1 and {name: (name,) for name in keys} == every
        return _Shape(stream, tuple(every.items()), factor, verbatim)


def _needs_rules(found: Mapping[str, str]) -> bool:
    return "item" not in found and ("url" in found or "request" in found)


def _values(stretch: Sequence[tuple[int, bytes]]) -> Sequence[object]:
    """Return the value of each line; None for a line that is not JSON."""
    with suppress(ValueError, RecursionError):
        values = json.loads((b"[" + _BETWEEN.join(line for _, line in stretch) + b"]").decode())
        # Lines that are JSON only together, or hold several values, take or add marks.
        if len(values) == 2 * len(stretch) - 1 and values[1::2].count(_MARK) == len(stretch) - 1:
            return list(values[::2])
    return [_value(line) for _, line in stretch]


def _value(line: bytes) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(line.decode())
    return None


def _line(values: dict[str, Any], factor: float) -> bytes:
    if factor != 1 and values.get("seconds") is not None:
        values["seconds"] = _converted(values["seconds"], factor)
    return json.dumps(values, separators=(",", ":")).encode()


def _converted(value: object, factor: float) -> float | None:
    with suppress(ValueError, TypeError):
        number = float(str(value)) * factor
        # JSON has neither infinity nor NaN.
        return number if abs(number) < float("inf") else None
    return None


def _bound(shapes: dict[tuple[str, ...], _Shape | None]) -> None:
    """Keep a client that sends ever new keys from filling the memory."""
    if len(shapes) >= _MOST_SHAPES:
        shapes.clear()
