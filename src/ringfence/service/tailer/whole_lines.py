"""Cut bytes of a log where a line, or a record, ends."""

from __future__ import annotations

from typing import Final

from ringfence.service.stream_layouts import StreamLayout

_FIELDS: Final = b"#Fields:"


def whole_part(data: bytes, layout: StreamLayout) -> bytes:
    """Return the bytes up to the last end of a record.

    A record of csv may have line ends inside quotes.

    Args:
        data: from the beginning of a record on.
        layout: of the log.
    """
    end = data.rfind(b"\n") + 1
    if not layout.header or b'"' not in data:
        return data[:end]
    quotes = data.count(b'"', 0, end)
    while quotes % 2 and end:
        before = data.rfind(b"\n", 0, end - 1) + 1
        quotes -= data.count(b'"', before, end)
        end = before
    return data[:end]


def until_other_fields(data: bytes, layout: StreamLayout) -> bytes:
    """Return the bytes before a line that gives a W3C log other fields than its layout has.

    Args:
        data: whole lines.
        layout: of the log.
    """
    if _FIELDS not in data or not _is_w3c(layout.beginning):
        return data
    return _until_other(data, _field_lines(layout.beginning))


def with_one_header(beginning: bytes) -> bytes:
    """Return the first lines of a log up to a line that gives a W3C log other fields than before.

    Args:
        beginning: whole lines.
    """
    known = _field_lines(beginning)[:1]
    return _until_other(beginning, known) if known and _is_w3c(beginning) else beginning


def _is_w3c(beginning: bytes) -> bool:
    return beginning.startswith((b"#", b"\xef\xbb\xbf#"))


def _until_other(data: bytes, known: list[list[bytes]]) -> bytes:
    start = 0
    while (start := data.find(_FIELDS, start)) >= 0:
        end = data.find(b"\n", start)
        if data[start - 1 : start] in {b"", b"\n"} and data[start:end].split() not in known:
            return data[:start]
        start = end
    return data


def has_record(lines: bytes) -> bool:
    """Return whether any of these lines is not a comment, and not empty."""
    bare = (line.removeprefix(b"\xef\xbb\xbf").strip() for line in lines.splitlines())
    return any(line and not line.startswith(b"#") for line in bare)


def _field_lines(beginning: bytes) -> list[list[bytes]]:
    return [line.split() for line in beginning.splitlines() if _FIELDS in line[: len(_FIELDS) + 3]]
