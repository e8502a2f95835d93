"""Turn errors of files into errors of a sink."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ringfence.enforcement.sink import SinkError


@contextmanager
def file_errors(where: str) -> Iterator[None]:
    """Turn an error of the operating system into one that is tried again.

    Args:
        where: name of the sink.

    Raises:
        SinkError: a file cannot be read or written.
    """
    try:
        yield
    except OSError as error:
        raise SinkError(
            f"its file cannot be written: {error.strerror or type(error).__name__}",
            retry=True,
            where=where,
        ) from error
