"""Lines whose quotes are not closed are found from their characters, and read apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.engine import Engine, Statement, open_engine
from ringfence.events import Quarantine, Source, open_quotes, open_source
from ringfence.events.content import line_blocks, numbered_lines
from ringfence.events.formats import FastPath, TextLayout
from ringfence.events.open_quotes import closes_quotes, part_open_quotes, shows_open_quotes
from ringfence.events.record_count import count_record_lines
from ringfence.settings import Settings

GOOD = '192.0.2.1 - u{0} [01/Jun/2025:10:00:00 +0000] "GET /stream/{0} HTTP/1.1" 200 12 "-" "x"'
CUT = '192.0.2.1 - u{0} [01/Jun/2025:10:00:00 +0000] "GET /stream/{0} HT'


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine of one thread."""
    with open_engine(Settings(engine={"threads": 1}).engine) as one:
        yield one


def written(tmp_path: Path, lines: list[str], end: str = "\n") -> Path:
    """Write a log of these lines."""
    path = tmp_path / "access.log"
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def combined(engine: Engine, path: Path) -> FastPath:
    """Return the fast path of a combined log."""
    form = TextLayout()
    form.recognises([GOOD.format(1)] * 3)
    return form.open(engine, path, Settings().events)


@given(st.lists(st.text('ab "\\\r', max_size=12), max_size=6), st.sampled_from(["\n", "\r\n"]))
def test_lines_are_parted_as_if_each_was_tried(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], end: str
) -> None:
    """The lines that are set aside are those whose quotes are not closed, with their numbers."""
    path = written(tmp_path_factory.mktemp("x"), lines, end)
    with open_engine(Settings(engine={"threads": 1}).engine) as engine:
        file = part_open_quotes(engine, path, combined(engine, path))
        *aside, _ = file.aside.read_bytes().split(b"\n")
        clean = file.clean.read_bytes()
    read = list(numbered_lines(path))
    wanted = [(number, text) for number, text in read if not closes_quotes(text)]
    assert aside == [b"%d %d %s" % (number, number, text) for number, text in wanted]
    kept = [b"" if not closes_quotes(text) else text for _, text in read]
    assert clean == b"".join(text + b"\n" for text in kept)


@given(st.text("a\n\r", max_size=12))
def test_lines_of_blocks_are_those_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """Each line ends with a line feed, and one carriage return before it is left out."""
    path = tmp_path_factory.mktemp("x") / "f"
    path.write_bytes(text.encode())
    *whole, last = text.encode().split(b"\n")
    lines = [line.removesuffix(b"\r") for line in whole] + [last] * bool(last)
    assert b"".join(line_blocks(path)) == b"".join(line + b"\n" for line in lines)
    assert list(numbered_lines(path)) == list(enumerate(lines, 1))


def test_a_log_with_cut_lines_is_read_once(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The statements run once, because a sample has shown what the engine would lose."""
    lines = [(CUT if n % 40 == 7 else GOOD).format(n) for n in range(400)]
    path = written(tmp_path, lines)
    ran = []
    run = type(engine).run

    def counted(self: Engine, statement: Statement | str, *rest: object) -> None:
        ran.append(str(statement))
        run(self, statement, *rest)

    monkeypatch.setattr(type(engine), "run", counted)
    reading = open_source(engine, Source(path, path.name), Settings(), Quarantine(engine.scratch))
    first = "CREATE OR REPLACE TEMP TABLE stored AS SELECT * FROM events"
    more = "INSERT INTO stored SELECT * FROM events"
    reading.load(engine, [first], more, "SELECT outcome, count(*) FROM stored GROUP BY outcome")
    assert ran.count(first) == 1
    assert engine.rows("SELECT count(*) FROM stored WHERE outcome IS NULL")[0][0] == 390
    assert reading.quarantine.counts.total() == 10


@pytest.mark.parametrize(
    ("lines", "shown"),
    [([GOOD.format(1)] * 9, False), ([GOOD.format(1)] * 9 + [CUT.format(2)], True), ([], False)],
)
def test_a_sample_shows_open_quotes(
    engine: Engine, tmp_path: Path, lines: list[str], *, shown: bool
) -> None:
    """A small file is its own sample. A line without an end may be written still."""
    path = written(tmp_path, lines)
    opened = combined(engine, path)
    assert shows_open_quotes(engine, path, opened) == shown


def test_nothing_is_copied_onto_a_disk_without_room(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the file is read as it is first, and often needs no copy."""
    path = written(tmp_path, [CUT.format(1)] * 9)
    opened = combined(engine, path)
    monkeypatch.setattr(open_quotes, "_ROOM", 1e12)
    assert not shows_open_quotes(engine, path, opened)


@pytest.mark.parametrize(
    ("data", "comment", "lines"),
    [
        (b"", b"", 0),
        (b"a\nb\n", b"", 2),
        (b"a\r\n\r\nb", b"", 2),
        (b"\n\n\n", b"", 0),
        (b"#a\nb\n#c\n\n#d", b"#", 1),
        (b"\xef\xbb\xbf#a\nb", b"#", 1),
    ],
)
def test_lines_with_records_are_counted(
    tmp_path: Path, data: bytes, comment: bytes, lines: int
) -> None:
    """Empty lines and comments do not count, and a first line with names does not."""
    path = tmp_path / "f"
    path.write_bytes(data)
    assert count_record_lines(path, header=False, comment=comment) == lines
    assert count_record_lines(path, header=True, comment=comment) == max(0, lines - 1)
