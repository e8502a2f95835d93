"""Split the body of a request into records: JSON lines, a JSON array, CloudEvents or Arrow."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Final, Literal

from ringfence.events.formats.ndjson import JSONObject, json_keys, json_object
from ringfence.events.formats.source_columns import columns_there
from ringfence.events.json_values import json_values
from ringfence.service.ingest.arrow_body import arrow_lines
from ringfence.service.ingest.problems import RefusedRequest
from ringfence.settings import ColumnSettings

BodyKind = Literal["lines", "document", "cloudevents", "arrow"]
"""The form of a body."""

_KINDS: Final[dict[str, BodyKind]] = {
    "application/x-ndjson": "lines",
    "application/ndjson": "lines",
    "application/jsonl": "lines",
    "application/jsonlines": "lines",
    "application/json-lines": "lines",
    "text/plain": "lines",
    "application/json": "document",
    "application/cloudevents-batch+json": "cloudevents",
    "application/cloudevents+json": "cloudevents",
    "application/vnd.apache.arrow.stream": "arrow",
    "application/vnd.apache.arrow.file": "arrow",
}

_REQUIRED: Final = ("id", "source", "specversion", "type")
"""Attributes without which an object is not a CloudEvent (version 1.0)."""

_REFUSED: Final = b"not a CloudEvent with data: "


def kind_of(content_type: str) -> BodyKind:
    """Return the form that the header ``Content-Type`` names.

    Raises:
        RefusedRequest: it names another one, or a character set other than UTF-8.
    """
    name, _, parameters = content_type.partition(";")
    kind = _KINDS.get(name.strip().lower())
    charset = parameters.lower().partition("charset=")[2].strip(' "')
    if kind is None or charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise RefusedRequest(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"The content type {content_type[:80]!r} is not supported. Use application/x-ndjson, "
            "application/json, application/cloudevents-batch+json or "
            "application/vnd.apache.arrow.stream, in UTF-8.",
        )
    return kind


def body_lines(body: bytes, kind: BodyKind, columns: ColumnSettings, most: int) -> Iterator[bytes]:
    """Yield the records of a body, one line of JSON each. Other text is yielded too.

    Args:
        body: unpacked.
        kind: its form.
        columns: ``events.columns``; decides whether the data of a CloudEvent has a time.
        most: bytes that the records of an Arrow table may have as JSON.

    Raises:
        RefusedRequest: the body is not of this form as a whole.
    """
    if kind == "lines":
        yield from body.split(b"\n")
    elif kind == "document":
        yield from _values(body)
    elif kind == "cloudevents":
        for line in _values(body):
            yield _data(line, columns)
    else:
        yield from arrow_lines(body, most)


def _values(body: bytes) -> Iterator[bytes]:
    for text in json_values([body.removeprefix(b"\xef\xbb\xbf")]):
        yield text.encode("utf-8", "surrogateescape")


def _data(line: bytes, columns: ColumnSettings) -> bytes:
    """Return the data of a CloudEvent, with the event's time if the data has none."""
    event = json_object(line.decode("utf-8", "replace"))
    if event is None or not all(isinstance(event.get(name), str) for name in _REQUIRED):
        return _REFUSED + line
    data = _payload(event)
    if data is None:
        return _REFUSED + line
    if event.get("time") and "time" not in columns_there(json_keys([data]), columns):
        data = {**data, "ts": event["time"]}
    return json.dumps(data, separators=(",", ":")).encode()


def _payload(event: JSONObject) -> JSONObject | None:
    data = event.get("data")
    packed = event.get("data_base64")
    if isinstance(packed, str):
        with suppress(ValueError):
            return json_object(base64.b64decode(packed, validate=True).decode())
        return None
    if isinstance(data, str):
        return json_object(data)
    return data if isinstance(data, dict) else None
