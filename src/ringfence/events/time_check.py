"""Check that the times of a source can be read at all, before it is read."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from ringfence.engine import Engine
from ringfence.errors import FormatError
from ringfence.events.formats import FastPath, Format
from ringfence.events.formats.source_columns import first_lines
from ringfence.events.formats.times import TIME_FORMS

_SAMPLE = 1_000
_LEAST = 2
_SHOWN = 60


def check_readable_times(
    engine: Engine, form: Format, opened: FastPath, path: Path, time_format: str = ""
) -> None:
    """Check that a time can be read in the first records of a source.

    One record proves little, so a source with a single time is left to the quarantine.

    Args:
        engine: an engine.
        form: the format that opened the source.
        opened: its fast path.
        path: the source.
        time_format: ``events.time_format``, which is named in the error; empty if it is not set.

    Raises:
        FormatError: not one can be read; the error shows the first one and the forms that can.
    """
    shown, times, read = (
        _by_line(engine, form, opened, path) if form.by_line else _typed(engine, opened)
    )
    if times < _LEAST or read:
        return
    if time_format:
        raise FormatError(
            f"no time can be read in its first {times:,} records{shown}; events.time_format is "
            f"{time_format!r}, so only times of that form are read",
            where=str(path),
            hint="correct events.time_format, or set it for some log files only in "
            "[[service.files]]",
        )
    raise FormatError(
        f"no time can be read in its first {times:,} records{shown}; a time is "
        + ", ".join(TIME_FORMS[:-1])
        + f", or {TIME_FORMS[-1]}",
        where=str(path),
        hint="give another form with events.time_format, such as %d.%m.%Y %H:%M:%S, or another "
        "column with events.columns.ts",
    )


def _by_line(engine: Engine, form: Format, opened: FastPath, path: Path) -> tuple[str, int, int]:
    """Return the first time as written, the number of times, and how many can be read."""
    records = (form.parse(line) for line in first_lines(path))
    found = (time for record in records if record and (time := record.get("time")))
    times = list(islice(found, _SAMPLE))
    rows = "SELECT unnest($times) AS time"
    typed = f"SELECT count({opened.time}) FROM ({rows}) AS written"  # noqa: S608 - of the format
    read = engine.rows(typed, {"times": times})[0][0]
    return f", such as {times[0][:_SHOWN]!r}" if times else "", len(times), read


def _typed(engine: Engine, opened: FastPath) -> tuple[str, int, int]:
    """Return the same for a source whose SELECT gives typed times, which are not shown."""
    first = f"SELECT {opened.time} AS moment FROM ({opened.select}) AS raw LIMIT {_SAMPLE}"  # noqa: S608
    read, times = engine.rows(f"SELECT count(moment), count(*) FROM ({first}) AS times")[0]  # noqa: S608
    return "", times, read
