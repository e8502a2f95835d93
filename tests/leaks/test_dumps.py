"""Every format is read as tables; damaged and hostile files are one clear error or a count."""

from __future__ import annotations

import gzip
import json
import random
import sqlite3
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from fastbencode import bencode

from ringfence.engine import Engine, identifier, literal, open_engine
from ringfence.errors import SourceError
from ringfence.leaks.dumps import DumpTable, UnreadableRecords, open_dump
from ringfence.leaks.dumps.listings import LISTING_FORMS, ListingForm, listing_form

IDS = [f"{n:04d}ABCDEF{n * 7 % 97:02d}" for n in range(40)]


def opened(path: Path) -> tuple[DumpTable, list[dict[str, str | None]], UnreadableRecords]:
    """Return the only table of a dump, its rows, and the unreadable records."""
    with open_engine() as engine:
        engine.keep_order()
        (table,) = open_dump(engine, path, 0)
        rows = table.source.sample(engine, 1_000)
        stored = table.columns[0]
        select = f"{identifier(stored)} AS value"
        unreadable = table.source.store(engine, "stored", [stored], select)
        values = [row[0] for row in engine.rows("SELECT value FROM stored ORDER BY rowid")]
    assert values == [row[stored] for row in rows]
    return table, rows, unreadable


def read_all(engine: Engine, path: Path) -> None:
    """Read every table of a dump."""
    for table in open_dump(engine, path, 0):
        table.source.sample(engine, 100)
        table.source.store(engine, "stored", list(table.columns), "*")


def refused(path: Path) -> str:
    """Return the one line with which a dump is refused."""
    with open_engine() as engine, pytest.raises(SourceError) as error:
        read_all(engine, path)
    line = str(error.value)
    assert path.name in line
    assert "\n" not in line
    return line


@pytest.mark.parametrize("form", [one for one in LISTING_FORMS if one.quick], ids=lambda o: o.name)
def test_quick_expressions_find_the_same_groups(form: ListingForm) -> None:
    """Where the quick expression of a form fits a line, the full one finds the same groups."""
    rng = random.Random(4)  # noqa: S311 - reproducible
    signs = ["a", "b.mp3", "12", "7", " ", "\t", ",", ";", "|", "/", "é", "\u00a0", "\r"]
    lines = ["".join(rng.choices(signs, k=rng.randint(1, 9))) for _ in range(20_000)]
    with open_engine() as engine:
        engine.table("lines", {"line": np.array(lines, object)})
        quick, full = (
            f"regexp_extract(line, {literal(one)}, ['a', 'b'])"
            for one in (form.quick, form.pattern)
        )
        fitting, equal = engine.rows(
            f"SELECT count(*), count(*) FILTER ({quick} = {full}) FROM lines WHERE {quick}.a <> ''"
        )[0]
    assert fitting > 200
    assert equal == fitting


def test_text_formats_keep_ids_as_text(tmp_path: Path) -> None:
    """Csv, tsv, JSON lines, gz and zst give the same rows, with leading zeros."""
    csv = "id,n\n" + "".join(f"{one},1\n" for one in IDS)
    lines = "".join(f'{{"id": "{one}", "n": 1}}\n' for one in IDS)
    (tmp_path / "a.csv").write_text(csv, "utf-8")
    (tmp_path / "b.tsv").write_text(csv.replace(",", "\t"), "utf-8")
    (tmp_path / "c.jsonl").write_text(lines, "utf-8")
    (tmp_path / "d.jsonl.zst").write_bytes(zstandard.compress(lines.encode()))
    (tmp_path / "e.csv.gz").write_bytes(gzip.compress(csv.encode()))
    for name in ("a.csv", "b.tsv", "c.jsonl", "d.jsonl.zst", "e.csv.gz"):
        _, rows, unreadable = opened(tmp_path / name)
        assert [row["id"] for row in rows] == IDS, name
        assert unreadable == UnreadableRecords()


def test_parquet_is_read_by_content(tmp_path: Path) -> None:
    """A Parquet file with another ending is read, and numbers become text without a fraction."""
    path = tmp_path / "dump.bin"
    pq.write_table(pa.table({"id": pa.array([1.0, 2.0]), "t": ["a", "b"]}), path)
    assert opened(path)[1] == [{"id": "1", "t": "a"}, {"id": "2", "t": "b"}]


def test_sqlite_tables_are_read_and_views_are_not(tmp_path: Path) -> None:
    """Only tables with rows count; views, triggers and generated columns are never evaluated."""
    path = tmp_path / "dump.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE a (id, twice AS (id || id)); CREATE TABLE b (name); "
            "CREATE TABLE none (x);"
            "CREATE VIEW v AS SELECT load_extension('evil') AS x;"
        )
        connection.executemany("INSERT INTO a (id) VALUES (?)", [("x",), (7,), (b"\xff\x00",)])
        connection.execute("INSERT INTO b VALUES ('y')")
    connection.close()
    with open_engine() as engine:
        tables = open_dump(engine, path, 0)
        assert [(one.name, one.columns) for one in tables] == [
            ("dump.db: a", ("id",)),
            ("dump.db: b", ("name",)),
        ]
        tables[0].source.store(engine, "stored", ["id"], "id")
        assert engine.rows("SELECT id FROM stored") == [("x",), ("7",), ("FF00",)]


def test_a_sample_comes_from_all_over_a_table(tmp_path: Path) -> None:
    """The sample of a large SQLite table has rows near its beginning and near its end."""
    path = tmp_path / "dump.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (n)")
        connection.executemany("INSERT INTO t VALUES (?)", ((n,) for n in range(20_000)))
    connection.close()
    with open_engine() as engine:
        rows = open_dump(engine, path, 0)[0].source.sample(engine, 400)
    numbers = [int(row["n"] or 0) for row in rows]
    assert min(numbers) < 1_000
    assert max(numbers) > 19_000
    assert len(numbers) <= 420


@pytest.mark.parametrize("keep", [0.3, 0.9])
def test_a_truncated_sqlite_file_is_one_error(tmp_path: Path, keep: float) -> None:
    """A half-written database says that it is damaged, and how to save what can be saved."""
    path = tmp_path / "dump.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (id TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", (("x" * 50,) for _ in range(5_000)))
    connection.close()
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    assert "damaged or unfinished SQLite file" in refused(path)


LISTINGS = {
    "ls -l": "total 8\n-rw-r--r-- 1 root root 4711 Nov 29 12:41 {0}.ogg\n",
    "find -ls": " 12 4 -rw-r--r-- 1 u g 4711 Nov 29 12:41 ./a b/{0}.ogg\n"
    " 1 4 drwxr-xr-x 2 u g 4096 Nov 29 12:41 ./a b\n",
    "checksums": "d41d8cd98f00b204e9800998ecf8427e  a/{0}.ogg\n",
    "size and path": "4711\t./a/{0}.ogg\n",
    "path and size": "a/{0}.ogg\t4711\n",
    "tree": "├── [       4711]  {0}.ogg\n",
    "paths": "/data/a/{0}.ogg\n",
}


@pytest.mark.parametrize("name", LISTINGS)
def test_listings_are_read(tmp_path: Path, name: str) -> None:
    """Each program's listing gives paths, and sizes where it has them; folders are not files."""
    path = tmp_path / "listing.txt"
    path.write_text("".join(LISTINGS[name].format(one) for one in IDS), "utf-8")
    table, rows, unreadable = opened(path)
    assert unreadable.count == 0
    assert (table.content, table.form) == ("files", f"listing ({name})")
    assert [(row["path"] or "").rpartition("/")[2] for row in rows] == [f"{x}.ogg" for x in IDS]
    if "size" in table.columns:
        assert {row["size"] for row in rows} == {"4711"}


def test_prose_is_not_a_listing() -> None:
    """Sentences are not taken for names of files."""
    assert listing_form(["This is a letter about a leak", "It has two lines of text"]) is None


def metainfo(version: int) -> bytes:
    """Return a torrent's metainfo with the same two files."""
    if version == 2:
        leaf = {b"": {b"length": 5, b"pieces root": b"\x01" * 32}}
        info = {b"name": b"x", b"file tree": {b"a": {b"1.ogg": leaf, b"2.ogg": leaf}}}
    else:
        files = [{b"length": 5, b"path": [b"a", one]} for one in (b"1.ogg", b"2.ogg")]
        pad = {b"length": 9, b"path": [b".pad", b"9"], b"attr": b"p"}
        info = {b"name": b"x", b"files": [*files, pad], b"pieces": b"\0" * 20}
    return bytes(bencode({b"announce": b"http://tracker.invalid/", b"info": info}))


@pytest.mark.parametrize("version", [1, 2])
def test_torrents_are_lists_of_files(tmp_path: Path, version: int) -> None:
    """Both versions of metainfo give paths and sizes, without padding."""
    path = tmp_path / "a.torrent"
    path.write_bytes(metainfo(version))
    _, rows, _ = opened(path)
    assert [(row["path"], row["size"]) for row in rows] == [("a/1.ogg", "5"), ("a/2.ogg", "5")]


@pytest.mark.parametrize(
    "data",
    [
        metainfo(1)[:-20],
        b"d4:info" + b"l" * 100_000 + b"e" * 100_000 + b"e",
        b"d4:infod4:name1:xee",
        b"d8:announce3:abce",
        b"d4:infod5:filesli1eeee",
    ],
)
def test_damaged_torrents_are_one_error(tmp_path: Path, data: bytes) -> None:
    """Cut, nested too deep, without files, without info, or with other types: one line each."""
    path = tmp_path / "a.torrent"
    path.write_bytes(data)
    assert "torrent" in refused(path)


def test_unreadable_lines_are_counted(tmp_path: Path) -> None:
    """A half-written last line and a line with other columns are counted, and the rest is read."""
    path = tmp_path / "a.csv"
    body = "".join(f"{one},1,2\n" for one in IDS)
    path.write_text(f"id,a,b\n{body}too,many,fields,here\n00ha", "utf-8")
    with open_engine() as engine:
        (table,) = open_dump(engine, path, 0)
        unreadable = table.source.store(engine, "stored", ["id"], "id")
        assert engine.rows("SELECT count(*) FROM stored") == [(len(IDS),)]
    assert unreadable == UnreadableRecords(2, "too,many,fields,here")


BROKEN_FILES: dict[str, tuple[bytes, int, str]] = {
    "half.jsonl": (b'{"id": "half', 1, '{"id": "half'),
    "no object.jsonl": (b'[1]\n"text"\n\n  \n7', 3, "[1]"),
    "no json.jsonl": (b"{'id': 'x'}\n{}\n", 1, "{'id': 'x'}"),
    "no utf-8.jsonl": (b'{"id": "\xff"}\n', 1, '{"id": "?"}'),
    "control sign.jsonl": (b'{"id": "\x01\x1b[31m"}\n', 1, '{"id": "\\u{1}\\u{1b}[31m"}'),
    "too many.csv": (b"a,b,c,d\n", 1, "a,b,c,d"),
    "too few.csv": (b"a\n", 1, "a"),
    "no utf-8.csv": (b"\xffa,1\n", 1, "?a,1"),
    "open quote.csv": (b'a,"1\nb,1\nc,1\n', 3, 'a,"1\\u{a}b,1\\u{a}c,1'),
    "sums.md5": (b"md5sum: x: Permission denied\n", 1, "md5sum: x: Permission denied"),
    "list.txt": (b"\n4711\n", 1, "4711"),
    "no utf-8.txt": (b"4711\ta/\xff.ogg\n", 1, "4711\ta/?.ogg".replace("\t", "\\u{9}")),
}
"""End of each file, how many unreadable records that is, and the example."""


def good_lines(name: str) -> str:
    """Return lines that can be read, one per id."""
    if name.endswith(".jsonl"):
        return "".join(f'{{"id": "{one}", "n": {{"m": 1}}}}\n' for one in IDS)
    if name.endswith(".csv"):
        return "id,n\n" + "".join(f"{one},1\n" for one in IDS)
    return "".join(
        LISTINGS["checksums" if ".md5" in name else "size and path"].format(one) for one in IDS
    )


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_what_cannot_be_read_is_counted_and_is_no_row(tmp_path: Path, name: str) -> None:
    """Each damaged line is counted with an example, and never becomes an empty row."""
    data, count, example = BROKEN_FILES[name]
    path = tmp_path / name
    path.write_bytes(good_lines(name).encode() + data)
    table, rows, unreadable = opened(path)
    key = "path" if table.content == "files" else "id"
    values = [Path(row[key] or "").stem for row in rows if row[key]]
    assert values == IDS
    assert len(rows) == len(IDS) + data.count(b"{}")
    assert unreadable == UnreadableRecords(count, example)


def test_damage_in_the_middle_keeps_the_numbers_of_rows(tmp_path: Path) -> None:
    """Rows are numbered by their place in the dump, whichever columns a table has."""
    path = tmp_path / "a.jsonl"
    lines = good_lines(path.name).splitlines()
    path.write_text("\n".join([*lines[:7], "{", *lines[7:]]), "utf-8")
    with open_engine() as engine:
        engine.keep_order()
        (table,) = open_dump(engine, path, 0)
        for column in ("id", "n"):
            assert table.source.store(engine, column, [column], f"{column} AS value").count == 1
        ids = engine.rows(
            "SELECT i.value, n.value FROM id AS i JOIN n ON n.rowid = i.rowid ORDER BY i.rowid"
        )
    assert ids == [(one, '{"m":1}') for one in IDS]


def test_members_with_unusual_names_are_read(tmp_path: Path) -> None:
    """Names of JSON members with signs of paths, quotes and hidden columns are names only."""
    path = tmp_path / "a.jsonl"
    names = ["a/b~1", "q\"'", "other_line", "$.x[0]", "\\"]
    row = {name: str(n) for n, name in enumerate(names)}
    path.write_text(f"{json.dumps(row)}\n" * 3, "utf-8")
    row |= {"other_line 4": row.pop("other_line")}
    assert opened(path)[1] == [row] * 3


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
def test_sqlite_text_in_another_encoding_is_counted(tmp_path: Path, encoding: str) -> None:
    """A row whose read text is not UTF-8 is counted; other columns of it can still be read."""
    path = tmp_path / "dump.db"
    broken = encoding == "UTF-8"
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA encoding = '{encoding}'")
        connection.execute("CREATE TABLE t (id, broken_0)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [("ä", 1), (None, 2)])
        if broken:
            connection.execute("INSERT INTO t VALUES (CAST(x'ff1b61' AS TEXT), 'ö')")
    connection.close()
    with open_engine() as engine:
        (table,) = open_dump(engine, path, 0)
        unreadable = table.source.store(engine, "ids", ["id", "broken_0"], "id, broken_0")
        assert engine.rows("FROM ids") == [("ä", "1"), (None, "2")]
        assert unreadable.count == broken
        assert unreadable.example == ("?\\u{1b}a" if broken else "")
        assert table.source.store(engine, "others", ["broken_0"], "broken_0").count == 0
        assert len(engine.rows("FROM others")) == 2 + broken


def test_bombs_are_refused(tmp_path: Path) -> None:
    """A compressed file that expands beyond reason is refused before it is read."""
    path = tmp_path / "a.csv.zst"
    zeros = zstandard.ZstdCompressor(level=19).compress(b"a" * (300 << 20))
    path.write_bytes(zeros)
    assert len(zeros) < 100_000
    assert refused(path)


def half_written(name: str, folder: Path) -> Path:
    """Write the first half of a compressed file or a Parquet file."""
    path = folder / name
    text = "id,n\n" + "".join(f"{random.Random(n).random()},1\n" for n in range(20_000))  # noqa: S311
    if name.endswith(".parquet"):
        pq.write_table(pa.table({"id": [str(n) for n in range(20_000)]}), path)
    elif name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_bytes(zstandard.ZstdCompressor().compress(text.encode()))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@pytest.mark.parametrize("name", ["a.csv.zst", "a.csv.gz", "a.parquet"])
def test_half_written_files_are_one_error(tmp_path: Path, name: str) -> None:
    """A file that ends too early is refused: nothing of it is counted as if it were all."""
    assert refused(half_written(name, tmp_path))


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"\n\n\n"])
def test_files_in_no_format_are_refused(tmp_path: Path, data: bytes) -> None:
    """An empty file, a picture and blank lines are refused with one line."""
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    assert refused(path)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    """A path that is not a file is named."""
    assert "no such file" in refused(tmp_path / "none.csv")
    (tmp_path / "folder").mkdir()
    assert "is not a file" in refused(tmp_path / "folder")


@pytest.mark.parametrize("name", ["a'b.csv", "a*b?.csv", "$(touch x);.csv", "äö\u202e.csv"])
def test_hostile_names_are_names(tmp_path: Path, name: str) -> None:
    """Quotes, patterns, shell signs and text direction in the name of a file change nothing."""
    path = tmp_path / name
    path.write_text("id,n\n" + "".join(f"{one},1\n" for one in IDS), "utf-8")
    assert [row["id"] for row in opened(path)[1]] == IDS
    database = tmp_path / f"{name}.db"
    with sqlite3.connect(database) as connection:
        connection.execute('CREATE TABLE "t\'; DROP TABLE x" ("a""b")')
        connection.execute("INSERT INTO \"t'; DROP TABLE x\" VALUES ('v')")
    connection.close()
    assert opened(database)[1] == [{'a"b': "v"}]
