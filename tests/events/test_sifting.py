"""Lines with unbalanced quotes take no other line with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.events.open_quotes import closes_quotes

_GOOD = '192.0.2.1 - u{0} [01/Jun/2025:10:00:00 +0000] "GET /stream/{0} HTTP/1.1" 200 12 "-" "x"'


@pytest.mark.parametrize(
    ("line", "balanced"),
    [
        (b'a "b c" d', True),
        (b'a "b \\" c" d', True),
        (b'a "b \\\\" d', True),
        (b'a uct="0.1, 0.2" d', True),
        (b"", True),
        (b'a "b c', False),
        (b'a "b \\" d', False),
        (b'a "b"c d', False),
        (b'a"b" c', True),
        (b'"a" "b"  "" c', True),
        (b'"a"', True),
        (b'a "b" c"d', True),
        (b'"a""b"', False),
        (b'"a"\t"b"', False),
        (b'a "b"\\ c', False),
        (b'a "b" "', False),
    ],
)
def test_quotes_are_balanced_or_not(line: bytes, balanced: bool) -> None:
    """A quote opens only at the start of a field, and closes before a space or the end."""
    assert closes_quotes(line) == balanced


@given(st.text('ab "\\\t', max_size=12))
def test_quotes_are_balanced_if_characters_are_read_one_by_one(line: str) -> None:
    """The expression agrees with a reader of single characters."""
    assert closes_quotes(line.encode()) == _balanced_by_characters(line)


def _balanced_by_characters(line: str) -> bool:
    state, protected = "start", False
    for character in line:
        if state == "quoted":
            state = "closed" if character == '"' and not protected else "quoted"
            protected = character == "\\" and not protected
        elif character == " ":
            state = "start"
        elif state == "closed":
            return False
        elif state == "start":
            state = "quoted" if character == '"' else "bare"
    return state != "quoted"


def _cut(line: str, count: int) -> str:
    """Cut a line behind its last but ``count`` quotes, so that one of them stays open."""
    return line.rsplit('"', count)[0] + '"'


@pytest.mark.parametrize("bad", [1, 2, 3, 7])
@pytest.mark.parametrize("quotes", [2, 4, 6])
def test_no_line_disappears_beside_lines_with_open_quotes(
    read: Callable[..., Any], bad: int, quotes: int
) -> None:
    """All good lines count, and each bad one is quarantined, however many stand together."""
    good = [_GOOD.format(number) for number in range(30)]
    cut = [_cut(_GOOD.format(99), quotes - 1) for _ in range(bad)]
    lines = [*good[:20], *cut, *good[20:25], *cut, *good[25:]]
    out = read(("\n".join(lines) + "\n").encode())
    assert {take["account"] for take in out.takes} >= {f"u{number}" for number in range(30)}
    assert len(out.events) + sum(out.counts.values()) == len(lines)


def test_a_line_cannot_hide_in_the_quotes_of_another(read: Callable[..., Any]) -> None:
    """Of two cut lines that make one record together, the one with a request is a take."""
    good = [_GOOD.format(number) for number in range(30)]
    opens = _GOOD.format(40).removesuffix('"')
    closes = _GOOD.format(41).split('"', maxsplit=1)[0] + '"'
    out = read(("\n".join([*good, opens, closes]) + "\n").encode())
    assert [record["line"] for record in out.quarantined] == [32]
    assert {take["account"] for take in out.takes} >= {"u29", "u40"}
    assert all("\n" not in (take["client"] or "") for take in out.takes)
