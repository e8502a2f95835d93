"""Arbitrary bytes: either a clear error or all that can be read."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ringfence.engine import Engine, open_engine
from ringfence.errors import RingfenceError
from ringfence.events import Quarantine, Source, open_source
from ringfence.settings import EngineSettings, EventSettings, Settings

_GOOD = '10.0.0.1 - u{0} [01/Jun/2025:10:00:00 +0000] "GET /stream/{0} HTTP/1.1" 200 12 "-" "x"\n'

# Pieces that mean something to a CSV reader, and bytes that mean nothing to anybody.
_PIECE = st.one_of(
    st.sampled_from(
        [
            b'"',
            b"\\",
            b" ",
            b"\r",
            b"\x00",
            b"\xff",
            b'"GET ',
            b"[01/Jun/2025:10:00:00 ",
            b"\xef\xbb\xbf",
            b"{",
            b",",
            b"-",
            b'" 200 1',
            b"10.0.0.1 - u ",
        ]
    ),
    st.binary(max_size=8),
)
_GARBAGE = st.lists(_PIECE, max_size=8).map(b"".join).map(lambda b: b.replace(b"\n", b""))


@pytest.fixture(scope="module")
def one_engine() -> Engine:
    """One engine for all examples of this file."""
    return open_engine(EngineSettings(threads=1))


def _read(engine: Engine, content: bytes, form: str) -> tuple[list[str], Quarantine]:
    """Return the items taken and the quarantine."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.log"
        path.write_bytes(content)
        quarantine = Quarantine(Path(folder))
        chosen = Settings(events=EventSettings(format=form))  # type: ignore[arg-type]
        reading = open_source(engine, Source(path, "x.log"), chosen, quarantine)
        copied = "SELECT item, outcome, ts, account FROM events"
        reading.load(
            engine,
            ("CREATE OR REPLACE TEMP TABLE copied AS " + copied,),
            "INSERT INTO copied " + copied,
            "SELECT outcome, count(*) FROM copied GROUP BY outcome",
        )
        rows = engine.rows("SELECT * FROM copied")
        return [row[0] for row in rows if row[1] is None], quarantine


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(one_engine: Engine, content: bytes) -> None:
    """Any content of a file is read or raises an error of Ringfence's own."""
    with contextlib.suppress(RingfenceError):
        _read(one_engine, content, "auto")


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    content=st.binary(max_size=300),
    form=st.sampled_from(
        ["combined", "ezproxy", "caddy", "cloudfront", "ndjson", "csv", "parquet"]
    ),
)
def test_any_bytes_in_any_format(one_engine: Engine, content: bytes, form: str) -> None:
    """The same holds when the format is named and wrong."""
    with contextlib.suppress(RingfenceError):
        _read(one_engine, content, form)


@pytest.mark.slow
@settings(max_examples=int(os.environ.get("FUZZ", "120")), deadline=None)
@given(garbage=st.lists(_GARBAGE, min_size=1, max_size=5), end=st.sampled_from([b"\n", b"\r\n"]))
@example(garbage=[b'""GET "', b'""GET "'], end=b"\n")
@example(garbage=[b'""GET "', b'1 2 "3'], end=b"\r\n")
def test_good_lines_among_garbage_are_never_lost(
    one_engine: Engine, garbage: list[bytes], end: bytes
) -> None:
    """Between any garbage, every good line is an event exactly once."""
    content = _GOOD.format(0).encode()
    for number, bad in enumerate(garbage, 1):
        content += bad + b"\n" + _GOOD.format(number).encode()
    taken, _ = _read(one_engine, content.replace(b"\n", end), "combined")
    good = [item for item in taken if re.fullmatch("[0-5]", item)]
    assert sorted(good) == [str(n) for n in range(len(garbage) + 1)]
