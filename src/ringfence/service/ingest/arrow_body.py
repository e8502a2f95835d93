"""Read records from Arrow's interprocess format, which may be hostile.

The client states the sizes in such a file. So every record batch is validated before it is
read, compressed buffers are refused, and only flat columns of numbers, times and texts are taken.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

import numpy as np

from ringfence.service.ingest.problems import RefusedRequest

_ROWS: Final = 1_000
_VIEW: Final = np.dtype([("length", "<i4"), ("place", "V12")])
_FILE_MARK: Final = b"ARROW1"
_RECORD_BATCH: Final = 3
_DICTIONARY: Final = 2
_BATCH_COMPRESSION: Final = 3
_DICTIONARY_DATA: Final = 1


def arrow_lines(body: bytes, most: int) -> Iterator[bytes]:
    """Yield the rows of an Arrow stream or file as lines of JSON.

    Args:
        body: uncompressed.
        most: bytes that all lines together may have.

    Raises:
        RefusedRequest: pyarrow is not installed, or the body is not a table that can be taken.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise RefusedRequest(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Arrow needs a package that is not installed here: pip install 'ringfence[arrow]'.",
        ) from error
    try:
        yield from _lines(pa, body, most)
    except (pa.ArrowException, OSError, ValueError, TypeError, struct.error, IndexError) as error:
        first = str(error).partition("\n")[0][:200]
        raise RefusedRequest(
            HTTPStatus.BAD_REQUEST, f"The Arrow data cannot be read: {first}"
        ) from error


def _lines(pa: Any, body: bytes, most: int) -> Iterator[bytes]:  # noqa: ANN401 - untyped library
    left = most
    for batch in _batches(pa, body):
        batch.validate(full=True)
        _check_columns(pa, batch, left)
        for start in range(0, batch.num_rows, _ROWS):
            for row in batch.slice(start, _ROWS).to_pylist():
                line = json.dumps(row, separators=(",", ":"), default=_text).encode()
                left -= len(line)
                if left < 0:
                    raise ValueError(f"its records have more than {most:,} bytes as JSON")
                yield line


def _batches(pa: Any, body: bytes) -> Iterator[Any]:  # noqa: ANN401 - untyped library
    if body.startswith(_FILE_MARK):
        # The stream inside a file begins after the mark, which is filled up to eight bytes.
        body = body[8:]
    reader = pa.ipc.MessageReader.open_stream(pa.py_buffer(body))
    for message in reader:
        if _is_compressed(message.metadata.to_pybytes()):
            raise ValueError(
                "its buffers are compressed. Write it without compression, and compress the request"
            )
    yield from pa.ipc.open_stream(pa.py_buffer(body))


def _check_columns(pa: Any, batch: Any, most: int) -> None:  # noqa: ANN401 - untyped library
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        texts = column.dictionary if pa.types.is_dictionary(column.type) else column
        kind = texts.type
        if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
            _check_views(name, texts, most)
        if texts is not column:
            rows = batch.num_rows
            # A few long texts may be named by many rows.
            if texts.nbytes * rows > most and _longest(texts) * rows > most:
                raise ValueError(f"the column {name[:60]!r} is too large as JSON")
        if pa.types.is_nested(kind) or pa.types.is_run_end_encoded(kind):
            raise ValueError(f"the column {name[:60]!r} is of the type {kind}; send flat columns")


def _check_views(name: str, column: Any, most: int) -> None:  # noqa: ANN401 - untyped library
    """Refuse texts that are views, if many of them show the same long bytes."""
    views = np.frombuffer(column.buffers()[1], dtype=_VIEW)
    shown = views["length"][column.offset : column.offset + len(column)]
    if int(shown.clip(min=0).sum(dtype=np.int64)) > most:
        raise ValueError(f"the column {name[:60]!r} is too large as JSON")


def _longest(texts: Any) -> int:  # noqa: ANN401 - untyped library
    return max((len(str(one)) for one in texts.to_pylist()), default=0)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)


def _is_compressed(metadata: bytes) -> bool:
    """Return whether a message has compressed buffers, as its header says (a FlatBuffers table)."""
    message = struct.unpack_from("<I", metadata)[0]
    kind = _field(metadata, message, 1)
    header = _field(metadata, message, 2)
    if not kind or not header:
        return False
    table = header + struct.unpack_from("<I", metadata, header)[0]
    if metadata[kind] == _DICTIONARY:
        data = _field(metadata, table, _DICTIONARY_DATA)
        if not data:
            return False
        table = data + struct.unpack_from("<I", metadata, data)[0]
    elif metadata[kind] != _RECORD_BATCH:
        return False
    return _field(metadata, table, _BATCH_COMPRESSION) > 0


def _field(metadata: bytes, table: int, number: int) -> int:
    """Return the position of a field of a FlatBuffers table; 0 if it is not there."""
    places = table - struct.unpack_from("<i", metadata, table)[0]
    size = struct.unpack_from("<H", metadata, places)[0]
    entry = 4 + 2 * number
    if entry + 2 > size:
        return 0
    offset = struct.unpack_from("<H", metadata, places + entry)[0]
    return table + offset if offset else 0
