"""Text in another encoding is read, and the result says so."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ringfence.events.text_encoding import encoding_remark

PLAYS = "ts,user,track\n" + "".join(
    f"2026-03-09T08:0{n}:00Z,{user},t{n}\n" for n, user in enumerate(["José", "ann", "Zoë"])
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_latin_1_is_said_and_no_line_is_lost(
    read: Callable[..., Any], pack: Callable[[bytes], bytes]
) -> None:
    r"""Each such byte is shown as \xe9, so no name is silently another name."""
    out = read(pack(PLAYS.encode("latin-1")))
    assert [take["account"] for take in out.takes] == ["Jos\\xe9", "ann", "Zo\\xeb"]
    (said,) = [one for one in out.reading.assumptions if one.name == "text"]
    assert "not UTF-8" in said.value
    assert "\\xe9" in said.value
    assert "iconv" in said.value


def test_utf_8_is_not_mentioned(read: Callable[..., Any]) -> None:
    """Letters beyond ASCII alone give nothing to say."""
    out = read(PLAYS.encode())
    assert [take["account"] for take in out.takes] == ["José", "ann", "Zoë"]
    assert "text" not in {one.name for one in out.reading.assumptions}


@pytest.mark.parametrize("content", [b"", b"a", "é".encode() * 9, b"\xef\xbb\xbfts"])
def test_whole_characters_are_utf_8(tmp_path: Path, content: bytes) -> None:
    """Empty files, byte order marks and any UTF-8 give no remark."""
    path = tmp_path / "a.log"
    path.write_bytes(content)
    assert encoding_remark(path) == ""


def test_a_character_on_the_border_of_the_sample_is_whole(tmp_path: Path) -> None:
    """The first 8 MiB may end inside a character; that is not a wrong byte."""
    path = tmp_path / "a.log"
    path.write_bytes(b"x" + "é".encode() * (4 << 20) + b"tail")
    assert encoding_remark(path) == ""


def test_a_character_that_is_cut_off_at_the_end_is_wrong(tmp_path: Path) -> None:
    """Half a character at the end of the file is told."""
    path = tmp_path / "a.log"
    path.write_bytes("é".encode()[:1])
    assert "\\xc3" in encoding_remark(path)
