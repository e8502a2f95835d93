"""Line ends: one kind for all lines, at constant memory, whatever a client sends."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.events.hostile_lines import processor_seconds

from ringfence.engine import Engine
from ringfence.errors import SourceError
from ringfence.events import Quarantine, Source
from ringfence.events.line_ends import one_end, with_line_feeds
from ringfence.events.staging import readable

TIME = b"2026-03-09 08:00:00"
MIB = 1 << 20


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (b"a %b\rb %b\r", b"a %b\nb %b\n"),
        (b"a %b\r\nb %b\r\n", b"a %b\nb %b\n"),
        (b"a %b\r\r\nb %b\n", b"a %b\nb %b\n"),
        (b"#c\r#d\ra %b\n", b"#c\n#d\na %b\n"),
        (b"a %b x\ry\nb %b\n", b"a %b x y\nb %b\n"),
        (b"a %b\r\r\r\rb %b\n", b"a %b\nb %b\n"),
        (b'a %b "x\rb %b" y\nc\n', b'a %b "x b %b" y\nc\n'),
        (b'a %b "x\\"\rb %b" y\nc\n', b'a %b "x\\" b %b" y\nc\n'),
        (b'a %b "x"\rb %b "y"\nc\n', b'a %b "x"\nb %b "y"\nc\n'),
        (b'a %b "x\rb %b "y\rc %b', b'a %b "x\nb %b "y\nc %b'),
    ],
)
def test_each_line_has_one_end(text: bytes, right: bytes) -> None:
    """A carriage return ends a line before a record or after a comment; elsewhere it is a space."""
    text, right = text.replace(b"%b", TIME), right.replace(b"%b", TIME)
    assert b"".join(with_line_feeds([text])) == right.removesuffix(
        b"\n" if text[-1:] == b"\r" else b""
    )


@given(
    st.lists(st.sampled_from([b"\r", b"\n", b"x", b'"', b"\\", b"#", TIME]), max_size=40),
    st.integers(1, 9),
)
def test_the_size_of_pieces_does_not_matter(signs: list[bytes], size: int) -> None:
    """Cut anywhere, a text gets the same line ends."""
    text = b"".join(signs)
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert b"".join(with_line_feeds(pieces)) == b"".join(with_line_feeds([text]))


def test_open_quotes_hide_no_record_of_a_file_with_carriage_returns() -> None:
    """A quote that nobody closes does not join the lines that carriage returns end."""
    lines = [b'%b ann "GET /%d' % (TIME, n) for n in range(5_000)]
    for end in (b"", b"\n"):
        assert one_end(b"\r".join(lines) + end).split() == b"\n".join(lines).split()


PIECES: dict[str, Callable[[], Iterator[bytes]]] = {
    "carriage returns": lambda: repeat(b"\r" * MIB, 200),
    "carriage returns before a sign": lambda: repeat(b"\r" * (MIB - 1) + b"x", 200),
    "no line end": lambda: repeat(b"x" * MIB, 200),
    "one carriage return": lambda: iter([b"x\r", *repeat(b"x" * MIB, 200)]),
    "quotes": lambda: repeat(b'"' * MIB, 200),
    "times": lambda: repeat(TIME * (MIB // len(TIME)), 200),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PIECES)
def test_endless_lines_take_constant_memory(name: str) -> None:
    """Of 200 MiB without a line feed, a few MiB are held at a time."""
    tracemalloc.start()
    with processor_seconds(20):
        size = sum(map(len, with_line_feeds(PIECES[name]())))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * MIB
    assert name.startswith("carriage") or size >= 200 * (MIB - len(TIME))


def test_a_row_of_carriage_returns_is_one_sign() -> None:
    """Millions of carriage returns within a line become one space, at the price of a copy."""
    tracemalloc.start()
    with processor_seconds(5):
        text = one_end(b"x" + b"\r" * (20 * MIB) + b"y\n")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert text == b"x y\n"
    assert peak < 50 * MIB


def test_a_client_cannot_cut_its_own_line_in_two(read: Callable[..., Any]) -> None:
    """A record after a carriage return within quotes is part of the client's name."""
    line = (
        b'10.0.0.%d - %s [02/Mar/2026:09:00:00 +0000] "GET /article/%d HTTP/1.1" 200 1 "-" "%s"\n'
    )
    usual = b"".join(line % (n % 9, b"ann", n, b"Mozilla/5.0") for n in range(200))
    forged = b"Mozilla/5.0\r" + (line % (3, b"victim", 1, b"y")).removesuffix(b'"\n')
    out = read(usual + line % (9, b"eve", 7, forged) + usual)
    assert "victim" not in str(out.takes)
    assert len(out.takes) == 401


@pytest.mark.parametrize("times", [2, 3])
def test_a_log_that_is_compressed_twice_is_refused(
    engine: Engine, tmp_path: Path, times: int
) -> None:
    """One sentence says so, and other files can be scanned."""
    zstd = pytest.importorskip("zstandard")
    for name, pack in (("gz", gzip.compress), ("zst", zstd.compress)):
        content = b"ts,account,item\n" * 20
        for _ in range(times):
            content = pack(content)
        path = tmp_path / f"x.log.{name}"
        path.write_bytes(content)
        with pytest.raises(SourceError, match="is compressed twice"):
            readable(Source(path, path.name), engine.scratch, Quarantine(engine.scratch))
