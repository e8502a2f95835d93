"""A sample of the records of a source, from which its item rules are chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from ringfence.engine import Engine
from ringfence.events.content import decode, numbered_lines, packing
from ringfence.events.formats import FastPath, Format
from ringfence.events.items import Visit

_VISITS: Final = 10_000
"""Page requests of a sample, at most. Learning from them takes less than a second."""

_RUNS: Final = 10
"""Runs of consecutive lines in a sample: the pages of one visit are seen together."""

_FIRST_PART: Final = 200_000
"""Lines of a compressed file from whose beginning the sample is taken."""

_BYTES: Final = 64 << 20
"""Bytes of a sample, at most."""

_LONGEST_LINE: Final = 1 << 16

_PORT: Final = re.compile(r"^(\[[^\]]*\]|[0-9.]+):[0-9]+$")


def sample_visits(engine: Engine, form: Format, opened: FastPath, path: Path) -> list[Visit]:
    """Return successful requests with their accounts, from several parts of the source.

    The account is the login or the client's address, as far as lines tell it without settings.
    A plain file is read at ten places, a compressed one in its first part.
    """
    records: Iterable[Mapping[str, str | None]]
    if form.by_line:
        records = sample_records(form, path)
    else:
        names = ("url", "status", "method", "login", "ip", "forwarded")
        select = f"SELECT {', '.join(names)} FROM ({opened.select}) AS raw LIMIT {_VISITS}"  # noqa: S608 - own names
        records = (dict(zip(names, row, strict=True)) for row in engine.rows(select))
    return [
        Visit(url, _account(record))
        for record in records
        if (url := record.get("url")) and _successful(record)
    ]


def sample_records(
    form: Format, path: Path, most: int = _VISITS
) -> Iterator[Mapping[str, str | None]]:
    """Parse lines from several parts of a source, and yield those with a record.

    Args:
        form: the format.
        path: the source.
        most: number of lines, about; at most 10,000.
    """
    lines = list(_lines(path))
    step = max(1, len(lines) // most)
    return (record for line in lines[::step] if (record := form.parse(decode(line))))


def _account(record: Mapping[str, str | None]) -> str:
    if login := record.get("login"):
        return login
    address = (record.get("forwarded") or record.get("ip") or "").partition(",")[0].strip()
    return _PORT.sub(r"\1", address)


def _successful(record: Mapping[str, str | None]) -> bool:
    """Return whether the method and status of a request allow a take."""
    status, method = record.get("status"), record.get("method")
    if method not in (None, "GET", "POST"):
        return False
    return status is None or status == "304" or (len(status) == 3 and status.startswith("2"))


def _lines(path: Path) -> Iterator[bytes]:
    size = path.stat().st_size
    if packing(path) == "plain" and size > _BYTES:
        for run in range(_RUNS):
            yield from _run(path, size * run // _RUNS)
        return
    lines, total = [], 0
    for _, line in islice(numbered_lines(path), _FIRST_PART):
        lines.append(line)
        total += len(line)
        if total > _BYTES:
            break
    length = _VISITS // _RUNS
    apart = max(length, len(lines) // _RUNS)
    for start in range(0, len(lines), apart):
        yield from lines[start : start + length]


def _run(path: Path, start: int) -> Iterator[bytes]:
    """Yield some whole lines after a position of a plain file; parts of very long ones are none."""
    with path.open("rb") as file:
        file.seek(start)
        within, room = start > 0, _BYTES // _RUNS
        for line in islice(iter(lambda: file.readline(_LONGEST_LINE), b""), _VISITS // _RUNS):
            ends = len(line) < _LONGEST_LINE or line.endswith(b"\n")
            if ends and not within:
                yield line.rstrip(b"\r\n")
            within = not ends
            room -= len(line)
            if room < 0:
                return
