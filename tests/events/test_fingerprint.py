"""The identity of contents, and of their beginnings."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from ringfence.events import unpacking
from ringfence.events.fingerprint import Content, content_of

TEXT = b"".join(b"line %d\n" % number for number in range(1000))
LENGTHS = (0, 1, 7, 8, 4096, 4097, len(TEXT) - 1, len(TEXT), len(TEXT) + 1, 7)


def sha(data: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("piece", [1, 7, 1000, 1 << 20])
def test_beginnings_of_any_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, packed: bool
) -> None:
    """The beginnings are those of the unpacked bytes, however the file is read."""
    monkeypatch.setattr(unpacking, "CHUNK", piece)
    monkeypatch.setitem(unpacking.FEED, "plain", piece)
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(TEXT) if packed else TEXT)
    found = content_of(path, LENGTHS)
    assert (found.fingerprint, found.size) == (sha(TEXT), len(TEXT))
    assert found.beginnings == {n: sha(TEXT[:n]) for n in LENGTHS if n <= len(TEXT)}


def test_compression_plays_no_part(tmp_path: Path) -> None:
    """A file and its compressed form have one identity; a damaged archive, that of what is left."""
    plain, packed, broken = (tmp_path / name for name in ("a", "b", "c"))
    plain.write_bytes(TEXT)
    packed.write_bytes(gzip.compress(TEXT))
    broken.write_bytes(gzip.compress(TEXT)[:-20])
    assert content_of(plain) == content_of(packed)
    assert 0 < content_of(broken).size <= len(TEXT)


@pytest.mark.parametrize(
    ("old", "new", "begins"),
    [
        (TEXT[:100], TEXT, True),
        (TEXT, TEXT, False),
        (TEXT, TEXT[:100], False),
        (b"", TEXT, False),
        (b"other", TEXT, False),
        (TEXT[1:100], TEXT, False),
    ],
)
def test_content_begins_with_other_content(
    tmp_path: Path, old: bytes, new: bytes, begins: bool
) -> None:
    """Only a content with more behind the old one begins with it; an empty one says nothing."""
    path = tmp_path / "log"
    path.write_bytes(new)
    before = Content(sha(old), len(old))
    assert content_of(path, [before.size]).begins_with(before) is begins
    assert not content_of(path).begins_with(before)
