"""Hostile long texts take linear time in every reader, and stop none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from benchmarks.faults.long_lines import PIECES, Place, grows
from benchmarks.faults.readers import Reader, readers

from ringfence.events.formats.ndjson import NDJSON
from ringfence.events.items.learning.learn import learn
from ringfence.events.items.page import Visit
from ringfence.events.json_values import json_values

_SIZES = (1 << 12, 1 << 15)
_READERS = {reader.name: reader for reader in readers()}
_QUICK = [name for name in _READERS if not name.startswith(("log ", "json ", "recognise "))]


@pytest.mark.parametrize("piece", [' [..] "', '"', "\\", " ", ":", "a="])
def test_a_longer_text_takes_no_more_time_per_character(piece: str) -> None:
    """Eight times as many pieces take at most 40 times as long; quadratic time is 64 times."""
    assert [name for name in _QUICK if _grows(name, piece)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", _QUICK)
def test_no_piece_takes_more_time_per_character(name: str) -> None:
    """The same holds for every piece that means something to a reader of logs."""
    assert [piece for piece in PIECES if _grows(name, piece)] == []


def _grows(name: str, piece: str) -> bool:
    reader = _READERS[name]
    return grows(reader, Place("", reader.samples[0]), piece, _SIZES)


@pytest.mark.parametrize("piece", ["{,", '{"a"},', "[x,{", ',{"', "\n", '{"a":1x},\n'])
@pytest.mark.parametrize("start", ['[{"a": "LONG"},', '{"LONG'])
def test_damaged_records_after_a_long_one_take_linear_time(start: str, piece: str) -> None:
    """An error costs the same whatever stands before it in the document."""

    def read(text: str) -> list[str]:
        document = start.replace("LONG", "x" * len(text)) + text
        return list(json_values([document.encode()]))

    reader = Reader("records", read, ())
    assert not grows(reader, Place("", ""), piece, (1 << 13, 1 << 16))


def test_a_number_of_ten_thousand_digits_stops_no_document() -> None:
    """Python makes no number of it, and its record is returned as written."""
    record = '{"a": ' + "9" * 10_000 + "}"
    assert list(json_values([f'[{record}, {{"b": 1}}]'.encode()])) == [record, '{"b": 1}']


@pytest.mark.parametrize("depth", [10, 500, 990, 1_000, 5_000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_stops_nothing(
    read: Callable[..., Any], depth: int, opening: str, closing: str
) -> None:
    """A line that nests deeply costs at most itself."""
    good = '{"ts": "2025-06-01T10:00:00Z", "account": "u", "item": "t", "x": 1}'
    deep = good.replace("1}", opening * depth + "1" + closing * depth + "}")
    NDJSON().parse(deep)
    out = read(f"{good}\n{good}\n{deep}\n{good}".encode())
    assert len(out.takes) + sum(out.counts.values()) == 4
    assert len(out.takes) >= 3


@pytest.mark.parametrize("sign", ["²", "①", "٣", "९"])
def test_signs_that_look_like_digits_stop_no_learning(sign: str) -> None:
    """Digits of other scripts and raised digits are text like any other."""
    urls = [f"/{word}/2026/{sign}/{n}" for n in range(40) for word in ("a", "b")]
    urls += [f"/c/{n}{sign}" for n in range(40)] + [f"/c/{sign * n}" for n in range(1, 40)]
    assert learn([Visit(url, f"u{n % 7}") for n, url in enumerate(urls)]).name


@pytest.mark.parametrize("key", ["9" * 5_000, "²", "-1", "1" * 20])
def test_a_key_of_digits_stops_nothing(read: Callable[..., Any], key: str) -> None:
    """A key that may be a place in an array is one only if it is short."""
    record = '{"ts": "2025-06-01T10:00:00Z", "account": {"KEY": {"user": "u"}}, "item": "t"}'
    lines = [record.replace("KEY", key), record.replace('{"KEY": {"user": "u"}}', '["u"]')] * 3
    lines += ['{"ts": "2025-06-01T10:00:00Z", "user": "u", "item": "t"}'] * 3
    out = read("\n".join(lines).encode())
    assert len(out.events) + sum(out.counts.values()) == len(lines)
