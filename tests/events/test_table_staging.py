"""Tables of the operator that are hostile, damaged or no tables: one sentence, or all rows."""

from __future__ import annotations

import gzip
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ringfence.catalogue import load_catalogue
from ringfence.engine import Engine, open_engine
from ringfence.errors import CatalogueError, RingfenceError
from ringfence.events.table_files import open_table_file
from ringfence.events.table_staging import LONGEST_ROW
from ringfence.settings import EngineSettings, Settings

ROWS = b"item,title\n1,one\n2,two\n"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Return a session that all tests share."""
    with open_engine(EngineSettings(threads=1)) as session:
        yield session


def rows(engine: Engine, path: Path) -> list[tuple[object, ...]]:
    """Return the rows of a table file, in order."""
    source = open_table_file(engine, path, "catalogue").source
    return engine.rows(f"SELECT item, title FROM {source} ORDER BY item")


READABLE: dict[str, bytes] = {
    "plain.csv": ROWS,
    "returns.csv": ROWS.replace(b"\n", b"\r"),
    "pairs.csv": ROWS.replace(b"\n", b"\r\n"),
    "mixed.csv": ROWS.replace(b"title\n", b"title\r\n"),
    "packed without ending.csv": gzip.compress(ROWS),
    "ending without packing.csv.gz": ROWS,
    "several members.csv.gz": gzip.compress(ROWS[:12]) + gzip.compress(ROWS[12:]),
    "marked.csv": b"\xef\xbb\xbf" + ROWS,
    "lines.json": b'{"item":"1","title":"one"}\r\n{"item":"2","title":"two"}\n',
    "array.json": b'[{"item":"1","title":"one"},\n{"item":"2","title":"two"}]',
    "line\nfeed.csv": ROWS,
    "glob*?[a].csv": ROWS,
    "quote'\".csv": ROWS,
    "md:x.csv": ROWS,
    "file:x.csv": ROWS,
    "s3:x.csv": ROWS,
    "-.csv": ROWS,
    "\x1b[31m.csv": ROWS,
    "not UTF-8 \udcff.csv": ROWS,
}


@pytest.mark.parametrize("name", READABLE, ids=ascii)
def test_every_row_is_read(
    engine: Engine, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any line end, packing and name: a relative name means the file and nothing else."""
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(READABLE[name])
    assert rows(engine, Path(name)) == [("1", "one"), ("2", "two")]


def test_a_carriage_return_inside_a_value_cuts_no_row(engine: Engine, tmp_path: Path) -> None:
    """In a text with line feeds, a carriage return alone is a space, also at a chunk's end."""
    path = tmp_path / "x.csv"
    path.write_bytes(b"item,title\n1,o\rne\n2," + b"y" * ((1 << 20) - 22) + b"\rz\n")
    ((_, first), (_, second)) = rows(engine, path)
    assert first == "o ne"
    assert str(second).endswith("y z")


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "is empty"),
    "bomb.csv.gz": (b"", "expands more than 1,000 times"),
    "bomb.json.gz": (b"", "expands more than 1,000 times"),
    "cut.csv.gz": (gzip.compress(os.urandom(5_000))[:-900], "is cut off or damaged"),
    "long line.csv": (ROWS + b"x" * (LONGEST_ROW + 1), "has a line of more than 2 MiB"),
    "long header.csv": (b"x" * (LONGEST_ROW + 1), "has a line of more than 2 MiB"),
    "header of one name.csv": (b"x" * 500_000 + b"\n", "not a list of column names"),
    "wide.csv": (ROWS.decode().encode("utf-16"), "is UTF-16, not UTF-8"),
    "text.parquet": (ROWS, "is not a Parquet file"),
    "cut.parquet": (b"PAR1" + b"x" * 50, "cannot be read"),
    "bad.csv": (ROWS + b"\xff\xfe,x\n", "cannot be read"),
    "deep.json": (b'{"item":' * 1_000 + b"1" + b"}" * 1_000, "cannot be read"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_damaged_table_is_one_sentence(
    engine: Engine, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the file, not its copy, and is one line."""
    monkeypatch.setattr("ringfence.events.expansion.FREE_SIZE", 8 << 20)
    content, said = UNREADABLE[name]
    if name.startswith("bomb"):
        line = b"\n" if "json" in name else b"1,\n"
        piece = gzip.compress(line * ((4 << 20) // len(line)), 9)
        content = gzip.compress(ROWS) + piece * 4
    path = tmp_path / name
    path.write_bytes(content)
    line_of_error = refusal(engine, path)
    assert said in line_of_error
    assert str(engine.scratch) not in line_of_error


def make_socket(path: Path) -> Path:
    """Bind a socket to a path that is short enough."""
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(path.parent)
        server.bind(path.name)
    return path


def make_hole(path: Path) -> Path:
    """Make a file of 1 TiB with nothing in it."""
    path.touch()
    os.truncate(path, 1 << 40)
    return path


def make_loop(path: Path) -> Path:
    """Make a link to itself."""
    path.symlink_to(path.name)
    return path


def make_pipe(path: Path) -> Path:
    """Make a pipe that nobody writes to."""
    os.mkfifo(path)
    return path


KINDS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda path: path, "there is no such file"),
    "folder": (lambda path: path.parent, "is a folder, not a file"),
    "below a file": (lambda _: Path(__file__) / "x", "there is no such file"),
    "endless": (lambda _: Path("/dev/zero"), "is a device, not a file"),
    "null": (lambda _: Path("/dev/null"), "is a device, not a file"),
    "pipe": (make_pipe, "is a pipe, not a file"),
    "socket": (make_socket, "cannot be read"),
    "loop": (make_loop, "cannot be read"),
    "hole": (make_hole, "the rest is a hole"),
    "no size": (lambda _: Path("/proc/self/mem"), "is empty"),
    "long name": (lambda path: path / ("x" * 300), "there is no such file"),
    "too long": (lambda path: path.parent / ("x" * 300), "cannot be read: File name too long"),
    "a long path": (lambda _: Path("x/" * 3_000), "cannot be read: File name too long"),
    "zero byte": (lambda _: Path("a\0b"), "there is no such file"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_table_is_one_sentence(
    engine: Engine, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Devices, pipes, links in a circle, holes and impossible names end at once."""
    monkeypatch.chdir(tmp_path)
    make, said = KINDS[kind]
    if kind == "long name":
        (tmp_path / "x.csv").touch()
    assert said in refusal(engine, make(tmp_path / "x.csv"))


def refusal(engine: Engine, path: Path) -> str:
    """Return the one line about a catalogue that cannot be used."""
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(engine, path, Settings().catalogue)
    line = str(caught.value)
    assert isinstance(caught.value, RingfenceError)
    assert line.isprintable()
    assert caught.value.hint
    return line
