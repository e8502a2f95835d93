"""Patterns name files, and a file is recognised again by its content."""

from __future__ import annotations

import gzip
import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ringfence.errors import SourceError
from ringfence.events import Source, find_sources


def test_globs_are_sorted_as_people_sort(tmp_path: Path) -> None:
    """log.2 comes before log.10, and patterns keep their order."""
    for name in ("log.10", "log.2", "log.1", "a"):
        (tmp_path / name).write_text("x")
    found = find_sources([tmp_path / "log.*", tmp_path / "a"], tmp_path)
    assert [source.path.name for source in found] == ["log.1", "log.2", "log.10", "a"]


def test_a_folder_names_all_files_in_it(tmp_path: Path) -> None:
    """Files of a folder and its folders are read, pipes and the like are not."""
    (tmp_path / "logs" / "old").mkdir(parents=True)
    (tmp_path / "logs" / "b.log").write_text("x")
    (tmp_path / "logs" / "old" / "a.log").write_text("x")
    os.mkfifo(tmp_path / "logs" / "pipe")
    found = find_sources([str(tmp_path / "logs")], tmp_path)
    assert [source.path.name for source in found] == ["b.log", "a.log"]


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    """A glob that overlaps with a name lists no file twice."""
    (tmp_path / "x.log").write_text("x")
    assert len(find_sources([tmp_path / "x.log", tmp_path / "*.log"], tmp_path)) == 1


def test_a_name_with_glob_characters_is_a_name_first(tmp_path: Path) -> None:
    """A file called [1].log can be named."""
    (tmp_path / "[1].log").write_text("x")
    assert find_sources([tmp_path / "[1].log"], tmp_path)[0].path.name == "[1].log"


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("nothing.log", "no such file (name files"),
        ("*.nothing", "no file matches this pattern (check the folder"),
        ("empty", "the folder has no files to read (names that start with . or _ are skipped)"),
        ("s3://logs/2026/*.gz", "is a URL, and only local files are read (copy the files"),
        ("gs://logs/x.parquet", "is a URL, and only local files are read (copy the files"),
        ("https://example.org/access.log", "is a URL, and only local files are read (copy"),
    ],
)
def test_a_pattern_without_files_is_an_error(
    tmp_path: Path, pattern: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind of pattern that names no file gets its own sentence, in one line."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "_SUCCESS").touch()
    with pytest.raises(SourceError) as caught:
        find_sources([pattern], tmp_path)
    assert str(caught.value).startswith(f"{pattern}: {said}")
    assert "\n" not in str(caught.value)


SPARK_OUTPUT = (
    "part-0.parquet",
    "_SUCCESS",
    ".part-0.parquet.crc",
    "_delta_log/0.json",
    "_year=2026/part-1.parquet",
)
"""Files that Spark and Delta Lake write into a folder; two of these are data."""


@pytest.mark.parametrize("pattern", ["table", "table/**", "tab*"])
def test_hidden_names_in_a_folder_are_skipped(
    tmp_path: Path, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder and a glob leave out what Spark leaves out, and keep partitions."""
    monkeypatch.chdir(tmp_path)
    for name in SPARK_OUTPUT:
        path = tmp_path / "table" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    if pattern == "tab*":
        (tmp_path / "table.csv").write_text("x")
        assert [source.name for source in find_sources([pattern], tmp_path)] == ["table.csv"]
        return
    names = [source.name for source in find_sources([pattern], tmp_path)]
    assert names == ["table/_year=2026/part-1.parquet", "table/part-0.parquet"]


def test_a_hidden_file_that_is_named_is_read(tmp_path: Path) -> None:
    """A hidden file can be named outright, by a glob that begins like it, or below a folder."""
    (tmp_path / ".old").mkdir()
    for name in ("_a.log", ".old/b.log"):
        (tmp_path / name).write_text("x")
    for pattern, found in (("_a.log", "_a.log"), ("_*.log", "_a.log"), (".old", "b.log")):
        (source,) = find_sources([tmp_path / pattern], tmp_path)
        assert source.path.name == found


def test_standard_input_is_spooled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input becomes a file that can be read more than once."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a line\n")))
    source = find_sources(["-"], tmp_path)[0]
    assert source.name == "stdin"
    assert source.path.read_bytes() == b"a line\n"


def test_the_same_content_is_the_same_source(tmp_path: Path) -> None:
    """A fingerprint follows the content, not the name."""
    for name, content in (("a", "one"), ("b", "one"), ("c", "two")):
        (tmp_path / name).write_text(content)
    a, b, c = (Source(tmp_path / name, name).identify().fingerprint for name in "abc")
    assert a == b != c


def test_packing_is_no_part_of_the_content(tmp_path: Path) -> None:
    """A log that rotation compresses stays the same source; a log that it cut does not."""
    text = b"a line of a log\n" * 9_000
    (tmp_path / "plain").write_bytes(text)
    (tmp_path / "packed").write_bytes(gzip.compress(text))
    (tmp_path / "longer").write_bytes(gzip.compress(text + b"one more\n"))
    plain, packed, longer = (
        Source(tmp_path / name, name).identify().fingerprint
        for name in ("plain", "packed", "longer")
    )
    assert plain == packed != longer


def test_a_name_that_is_no_utf8_can_be_said(tmp_path: Path) -> None:
    """The name shown has a stand-in for the byte that cannot be shown."""
    path = os.fsdecode(os.fsencode(tmp_path) + b"/b\xffd.log")
    Path(path).write_text("x\n")
    (source,) = find_sources([path], tmp_path)
    assert source.name.endswith("b?d.log")
    assert source.path.read_text() == "x\n"
