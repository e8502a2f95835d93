"""Every known layout is recognised without a setting and read right, by both paths."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine import Engine, open_engine
from ringfence.events.formats import FastPath, TextLayout
from ringfence.events.layouts.known import KNOWN
from ringfence.settings import EngineSettings, EventSettings, Settings

sys.path.insert(0, str(Path(__file__).parent))
from samples import SAMPLES, Right, Sample

NAMED = [pytest.param(one, id=f"{one.layout} {one.title}".strip()) for one in SAMPLES]
COLUMNS = ", ".join(Right._fields)


@pytest.fixture(scope="module")
def reader() -> Iterator[Engine]:
    """One engine for all samples."""
    with open_engine(EngineSettings(threads=1)) as one:
        yield one


def opened(
    engine: Engine, path: Path, lines: list[str], name: str = "", end: str = "\n"
) -> tuple[TextLayout, FastPath]:
    """Write a log, let the layouts recognise it, and open it."""
    path.write_bytes((end.join(lines) + end).encode())
    form = TextLayout(name)
    assert form.recognises(lines)
    return form, form.open(engine, path, EventSettings())


def text_lines(sample: Sample) -> list[str]:
    """The lines of a sample."""
    return [line for line, _ in sample.lines]


@pytest.mark.parametrize("sample", NAMED)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_sample_is_read_right(reader: Engine, tmp_path: Path, sample: Sample, end: str) -> None:
    """The fast path gives the right values of every line, under the name of its layout."""
    reader.forget_csv_rejects()
    _, source = opened(reader, tmp_path / "x.log", text_lines(sample), end=end)
    rows = reader.rows(f"SELECT {COLUMNS}, {source.time} FROM ({source.select}) AS raw")
    assert source.format == sample.layout
    assert sorted(map(str, (row[:-1] for row in rows))) == sorted(
        str(tuple(right)) for _, right in sample.lines
    )
    days = {row[-1].date() for row in rows}
    assert days == {datetime(2026, 3, 9).date()}  # noqa: DTZ001 - UTC without zone


@pytest.mark.parametrize("sample", NAMED)
def test_the_tolerant_path_agrees(reader: Engine, tmp_path: Path, sample: Sample) -> None:
    """The tolerant path reads every line as the fast path does."""
    form, _ = opened(reader, tmp_path / "x.log", text_lines(sample))
    for line, right in sample.lines:
        record = form.parse(line)
        assert record is not None
        assert Right(**{name: record[name] for name in Right._fields}) == right


@pytest.mark.parametrize("sample", NAMED)
def test_cut_lines_do_not_pass_with_wrong_fields(
    reader: Engine, tmp_path: Path, sample: Sample
) -> None:
    """A line that is cut anywhere is no record, or its login and address are the right ones."""
    form, _ = opened(reader, tmp_path / "x.log", text_lines(sample))
    line, right = sample.lines[0]
    for length in range(len(line)):
        record = form.parse(line[:length])
        if record is not None:
            assert record["login"] in {right.login, None}
            assert record["ip"] == right.ip


@pytest.mark.parametrize("sample", NAMED)
@pytest.mark.parametrize("surplus", ["surplus ", "10.9.9.9 ", "7 "])
def test_nothing_surplus_is_swallowed(
    reader: Engine, tmp_path: Path, sample: Sample, surplus: str
) -> None:
    """Wherever a surplus token stands, no account is made of two fields."""
    form, _ = opened(reader, tmp_path / "x.log", text_lines(sample))
    for line, right in sample.lines[:2]:
        for place in (at for at, sign in enumerate(line) if sign == " "):
            record = form.parse(f"{line[:place]} {surplus}{line[place + 1 :]}")
            words = {right.login, None, surplus.strip(), f"{right.login} {surplus.strip()}"}
            assert record is None or record["login"] in words | {f"surplus {right.login}"}
            assert record is None or " " not in (record["ip"] or "").replace(", ", "")


def test_every_known_layout_has_a_sample() -> None:
    """The table has no entry that no sample proves, except the short name of the common log."""
    names = {known.name for known in KNOWN}
    assert len(names) == len(KNOWN)
    assert names - {one.layout for one in SAMPLES} == {"common", "forwarded_second"}


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_every_known_layout_says_where_it_comes_from(known: Any) -> None:  # noqa: ANN401
    """Each entry has a meaning in a sentence, and a source on the web."""
    assert known.meaning.endswith(".")
    assert known.source.startswith("https://")


@pytest.mark.slow
@pytest.mark.parametrize("sample", NAMED)
def test_a_whole_log_is_read_without_a_setting(read: Callable[..., Any], sample: Sample) -> None:
    """Nothing of a sample is quarantined when it is opened as a scan does."""
    outcome = read(("\n".join(text_lines(sample)) + "\n").encode(), Settings())
    assert outcome.counts == {}
    assert outcome.reading.format == sample.layout
    assert len(outcome.events) == len(sample.lines)
