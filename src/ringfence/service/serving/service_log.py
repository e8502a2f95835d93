"""Lines for an operator: text, or one JSON object per line.

A line never names an account or an item. Of an unexpected exception, only its type and its place in
the program are written, because its text may contain any value.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

LogForm = Literal["text", "json"]
"""The form of the lines."""

LineLevel = Literal["info", "warning", "error"]
"""The importance of a line."""


class ServiceLog:
    """Writes the lines of one process to its standard output.

    Args:
        process: name of the process.
        form: of the lines.
        named: whether a line of text begins with the name of the process.
    """

    def __init__(self, process: str, form: LogForm, *, named: bool = True) -> None:
        self._process = process
        self._form = form
        self._named = named

    def __call__(self, line: str, level: LineLevel = "info") -> None:
        """Write a line; without anybody who reads it, do nothing."""
        with suppress(OSError, ValueError):
            print(self._written(line, level), flush=True)  # noqa: T201 - for the operator

    def listen(self) -> None:
        """Write what the libraries of this process report, from warnings on."""
        root = logging.getLogger()
        root.addHandler(_Reports(self))
        root.setLevel(logging.WARNING)

    def _written(self, line: str, level: LineLevel) -> str:
        if self._form == "text":
            # One line, whatever an error contains.
            text = " ".join(line.split()) if "\n" in line else line
            return f"{self._process}: {text}" if self._named else text
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        fields = {"time": now, "level": level, "process": self._process, "pid": os.getpid()}
        return json.dumps({**fields, "message": line}, ensure_ascii=True)


class _Reports(logging.Handler):
    """Passes what libraries report on to the log of the process."""

    def __init__(self, log: ServiceLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write a report."""
        try:
            text = f"{record.getMessage()}{_place(record)}"
        except Exception:  # noqa: BLE001 - a report must not end the process
            text = f"a report of {record.name} cannot be written"
        self._log(text, "error" if record.levelno >= logging.ERROR else "warning")


def _place(record: logging.LogRecord) -> str:
    """Return the exception of a report, behind a colon; empty without one."""
    error = record.exc_info[1] if record.exc_info else None
    return f": {type_and_place(error)}" if error is not None else ""


def type_and_place(error: BaseException) -> str:
    """Return the type of an exception and where it was raised, without its text."""
    frames = traceback.extract_tb(error.__traceback__)
    places = (f"{os.path.basename(one.filename)}:{one.lineno}" for one in frames)  # noqa: PTH119
    return f"{type(error).__name__} at {' > '.join(places) or 'an unknown place'}"
