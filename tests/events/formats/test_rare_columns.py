"""Columns that only some records of a file have, wherever these records are."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine import Engine, open_engine
from ringfence.errors import FormatError
from ringfence.events import Quarantine, Source, open_source
from ringfence.events.formats.spread_lines import spread_lines
from ringfence.settings import Settings

LINES = 9_000

Record = dict[str, Any]


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine in memory."""
    with open_engine() as engine:
        yield engine


def records(change: Callable[[int], Record]) -> list[Record]:
    """Return the records of a long log, each with further keys."""
    return [
        {"ts": 1_777_900_000 + n, "ip": "203.0.113.7", "track": f"t{n}"} | change(n)
        for n in range(LINES)
    ]


def as_lines(every: list[Record]) -> bytes:
    """Write one record per line."""
    return "".join(json.dumps(one) + "\n" for one in every).encode()


def as_array(every: list[Record]) -> bytes:
    """Write one JSON array."""
    return json.dumps(every, indent=1).encode()


def as_pairs(every: list[Record]) -> bytes:
    """Write key=value pairs."""
    return "".join(" ".join(f"{k}={v}" for k, v in one.items()) + "\n" for one in every).encode()


WRITTEN = {
    "lines.json": as_lines,
    "packed.json.gz": lambda every: gzip.compress(as_lines(every), 1),
    "array.json": as_array,
    "pairs.log": as_pairs,
}


def accounts(engine: Engine, path: Path, **columns: str) -> dict[str, int]:
    """Read a file, and count its takes by account."""
    settings = Settings.model_validate({"events": {"columns": columns}})
    open_source(engine, Source(path, path.name), settings, Quarantine(path.parent))
    return dict(
        engine.rows("SELECT account, count(*) FROM events WHERE outcome IS NULL GROUP BY account")
    )


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("first", [1_500, 5_000, LINES - 150])
def test_a_usual_column_is_found_in_all_parts_of_a_file(
    engine: Engine, tmp_path: Path, kind: str, first: int
) -> None:
    """A login that begins after the first thousand records, up to the end, is read."""
    path = tmp_path / kind
    path.write_bytes(WRITTEN[kind](records(lambda n: {"user": "ann"} if n >= first else {})))
    assert accounts(engine, path) == {"203.0.113.7": first, "ann": LINES - first}


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("place", [0, 1_234, 4_321, LINES - 1])
def test_a_named_column_is_read_wherever_it_is(
    engine: Engine, tmp_path: Path, kind: str, place: int
) -> None:
    """One record in the whole file has it; its name says nothing."""
    path = tmp_path / kind
    path.write_bytes(WRITTEN[kind](records(lambda n: {"xq": "ann"} if n == place else {})))
    assert accounts(engine, path, account="xq") == {"203.0.113.7": LINES - 1, "ann": 1}


@pytest.mark.parametrize("kind", ["lines.json", "array.json"])
@pytest.mark.parametrize(
    "nested", [{"who": {"xq": "ann"}}, {"who.xq": "ann"}], ids=["nested", "flat"]
)
def test_a_named_nested_column_is_read_wherever_it_is(
    engine: Engine, tmp_path: Path, kind: str, nested: Record
) -> None:
    """A dotted name goes into objects, or is the key itself."""
    path = tmp_path / kind
    path.write_bytes(WRITTEN[kind](records(lambda n: nested if n == 4_321 else {})))
    assert accounts(engine, path, account="who.xq") == {"203.0.113.7": LINES - 1, "ann": 1}


@pytest.mark.parametrize("kind", WRITTEN)
def test_columns_that_no_record_has_are_one_error(
    engine: Engine, tmp_path: Path, kind: str
) -> None:
    """The error names all of them with their settings; a value is not a column."""
    path = tmp_path / kind
    path.write_bytes(WRITTEN[kind](records(lambda n: {"note": "xq"} if n == 4_321 else {})))
    with pytest.raises(FormatError) as caught:
        accounts(engine, path, account="xq", device="zw")
    assert "no columns 'xq', 'zw'; the columns are ts, ip, track" in str(caught.value)
    assert "events.columns.account" in str(caught.value)
    assert "events.columns.device" in str(caught.value)


def test_a_wrapped_line_is_not_sought_for_a_rare_column(engine: Engine, tmp_path: Path) -> None:
    """Records with a message that looks like a request are read themselves."""

    def message(n: int) -> Record:
        rare = {"xq": "ann"} if n == 4_321 else {}
        return {"message": f"GET /t/{n} HTTP/1.1", **rare}

    path = tmp_path / "lines.json"
    path.write_bytes(as_lines(records(message)))
    assert accounts(engine, path, account="xq") == {"203.0.113.7": LINES - 1, "ann": 1}


def test_columns_inside_wrapped_lines_are_found(engine: Engine, tmp_path: Path) -> None:
    """A named column in the records that a collector wrapped is read there."""
    inner = records(lambda n: {"xq": f"u{n % 3}"})
    every = [
        {"time": one["ts"], "host": "192.0.2.1", "path": "/var/log/a", "log": json.dumps(one)}
        for one in inner
    ]
    path = tmp_path / "lines.json"
    path.write_bytes(as_lines(every))
    assert set(accounts(engine, path, account="xq")) == {"u0", "u1", "u2"}


def test_few_lines_of_a_large_file_are_read(tmp_path: Path) -> None:
    """From the start, the middle and the end; all lines are whole."""
    path = tmp_path / "large.log"
    path.write_bytes(b"".join(b"%07d " % n + b"x" * 300 + b"\n" for n in range(60_000)))
    numbers = [int(line.split()[0]) for line in spread_lines(path)]
    assert len(numbers) <= 3_000
    assert numbers[:1_000] == list(range(1_000))
    assert numbers[-1] == 59_999
    assert any(25_000 < number < 35_000 for number in numbers)


@pytest.mark.parametrize("content", [b"", b"one", b"one\n", b"\n\n", b"x" * 400_000])
def test_short_and_odd_files_have_their_lines(tmp_path: Path, content: bytes) -> None:
    """No line is lost, and none is made up."""
    path = tmp_path / "odd.log"
    path.write_bytes(content)
    assert {line for line in spread_lines(path) if line} == {
        line.decode() for line in content.split(b"\n") if line
    }
