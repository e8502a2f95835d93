"""Canaries fit the catalogue, and are found in exports, logs and dumps."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.ledger.sample import SETTINGS, Click, fold_all, write

from ringfence.catalogue.canary_list import CanaryItem, read_canaries, write_canaries
from ringfence.errors import CatalogueError, LeakError, SettingsError
from ringfence.leaks.canaries import canaries_in_dump, find_exposed, invent_canaries
from ringfence.ledger import open_writable

WORDS = ("Blue", "River", "Night", "Song", "Golden", "Hour", "Winter", "Dance")


def catalogue_file(path: Path, ids: list[str]) -> Path:
    """Write a catalogue of songs with these ids."""
    rows = [
        f"{one},artist-{number % 9},{WORDS[number % 8]} {WORDS[(number * 3 + 1) % 8]} "
        f"{WORDS[number % 5]},{1 + number % 50},{1990 + number % 30}"
        for number, one in enumerate(ids)
    ]
    path.write_text("\n".join(["item,group,title,popularity,year", *rows]) + "\n")
    return path


STYLES = {
    "numbers": ([str(100_000 + 7 * n) for n in range(400)], r"1\d{5}"),
    "dense": ([str(n) for n in range(1_000, 2_000)], r"\d{4,8}"),
    "isrc": ([f"GBAYE{n % 90 + 10}{n * 13:05d}" for n in range(400)], r"GBAYE\d{7}"),
    "base62": ([f"{n * 7919:08x}ab{n * 104729:012x}" for n in range(400)], r"[0-9a-f]{18,24}"),
    "urn": ([f"urn:doc:{n * 31:06d}" for n in range(400)], r"urn:doc:\d{6}"),
}


@pytest.mark.parametrize("style", STYLES)
def test_invented_entries_fit_the_style_and_are_new(tmp_path: Path, style: str) -> None:
    """Ids have the form of real ones and are not taken; all other columns are plausible."""
    ids, form = STYLES[style]
    canaries = invent_canaries(catalogue_file(tmp_path / "catalogue.csv", ids), 60)
    names = [one.item for one in canaries]
    assert len(set(names)) == 60
    assert not set(names) & set(ids)
    assert all(re.fullmatch(form, name) for name in names)
    for one in canaries:
        assert one.row["item"] == one.item
        assert re.fullmatch(r"artist-\d", str(one.row["group"]))
        assert set(str(one.row["title"]).split()) <= set(WORDS)
        assert one.row["popularity"] == "1"
        assert 1990 <= int(str(one.row["year"])) < 2020


def test_two_lists_differ(tmp_path: Path) -> None:
    """Nobody can compute the list from the catalogue."""
    path = catalogue_file(tmp_path / "catalogue.csv", STYLES["isrc"][0])
    first, second = (invent_canaries(path, 50) for _ in range(2))
    assert len({one.item for one in first} & {one.item for one in second}) < 5


def test_a_small_or_foreign_catalogue_is_refused(tmp_path: Path) -> None:
    """A few rows hide no canary, and a file without the item column is named."""
    few = catalogue_file(tmp_path / "few.csv", [str(n) for n in range(20)])
    with pytest.raises(CatalogueError, match="has 20 rows"):
        invent_canaries(few, 5)
    few.write_text("track,title\n1,A\n")
    with pytest.raises(CatalogueError, match="has no column 'item', only track, title"):
        invent_canaries(few, 5)
    with pytest.raises(CatalogueError, match="cannot be read"):
        invent_canaries(tmp_path / "none.csv", 5)


def test_a_list_is_private_and_reads_back(tmp_path: Path) -> None:
    """Only the owner can read a list, and a list that others may read is refused."""
    path = tmp_path / "canaries.jsonl"
    canaries = (CanaryItem("t1", {"item": "t1", "title": "A"}, "2026-01-01"),)
    write_canaries(path, canaries)
    assert read_canaries(path) == canaries
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="other users"):
        read_canaries(path)


@pytest.mark.parametrize("content", [b"", b"{}\n", b'{"item": 5}\n', b"\xff\n", b"[" * 100_000])
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, foreign and hostile files are refused in one line."""
    path = tmp_path / "canaries.jsonl"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SettingsError):
        read_canaries(path)


def some_canaries() -> tuple[CanaryItem, ...]:
    """Return canaries whose ids have signs of regular expressions."""
    return tuple(CanaryItem(one, {}, "2026-01-01") for one in ("t9001", "t90", "a.b+c"))


def test_exposure_names_the_surface_and_the_canary(tmp_path: Path) -> None:
    """Search results, a sitemap and a log are searched; longer ids do not count."""
    log = tmp_path / "access.log"
    line = '192.0.2.7 - ana [09/Mar/2026:08:02:00 +0000] "GET {} HTTP/1.1" 200 12'
    requests = ("/search?q=blue&hit=t9001", "/track/t9001", "/track/t9001", "/track/t90010")
    log.write_text("\n".join(line.format(one) for one in requests) + "\n")
    results = tmp_path / "search.csv.gz"
    results.write_bytes(gzip.compress(b"query,rank,item\nblue,1,t4\nred,2,a.b+c\nred,3,aXb+c\n"))
    found = find_exposed([log, results], some_canaries())
    seen = {(Path(one.file).name, one.surface, one.lines, one.canaries) for one in found}
    assert seen == {
        ("access.log", "/track/{item}", 2, ("t9001",)),
        ("access.log", "/search?", 1, ("t9001",)),
        ("search.csv.gz", "2{item}", 1, ("a.b+c",)),
    }
    assert {one.first_line for one in found} == {1, 2, 3}
    with pytest.raises(LeakError, match="cannot be read"):
        find_exposed([tmp_path / "none.log"], some_canaries())


def write_dump(path: Path, ids: list[str]) -> Path:
    """Write ids as a dump, in the format that the name asks for."""
    kind = path.name.partition(".")[2]
    if kind == "db":
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE other (x)")
            connection.execute("INSERT INTO other VALUES (1)")
            for table in ("a", "b"):
                connection.execute(f"CREATE TABLE {table} (item, title)")
            connection.executemany("INSERT INTO a VALUES (?, 'x')", [(one,) for one in ids[:2]])
            connection.executemany("INSERT INTO b VALUES (?, 'x')", [(one,) for one in ids[2:]])
        connection.close()
    elif kind == "parquet":
        pq.write_table(pa.table({"item": ids}), path)
    elif kind == "txt":
        path.write_text("".join(f"4711 music/{one}.ogg\n" for one in ids))
    elif kind == "json":
        path.write_text(json.dumps([{"item": one} for one in ids]))
    else:
        lines = "".join(f"{json.dumps({'item': one})}\n" for one in ids)
        path.write_bytes(gzip.compress(f"{lines}{{\n".encode()))
    return path


@pytest.mark.parametrize("name", ["a.db", "a.parquet", "a.txt", "a.json", "a.jsonl.gz"])
def test_canaries_are_found_in_every_format(tmp_path: Path, name: str) -> None:
    """All tables of a database, names of files, arrays and packed lines are searched."""
    found = canaries_in_dump(write_dump(tmp_path / name, ["t1", "t2", "t9001"]), some_canaries())
    assert (found.found, found.items) == (("t9001",), 3)
    assert found.unreadable.count == name.endswith("gz")


def test_canaries_in_a_dump_prove_origin_and_name_who_took_them(tmp_path: Path) -> None:
    """The result has the canaries of the dump and the accounts that hold them."""
    clicks = [Click(1_767_225_600 + n, f"u{n % 3}", f"t{n}") for n in range(90)]
    clicks += [Click(1_767_300_000, "u1", "t9001"), Click(1_767_300_000, "u2", "a.b+c")]
    ledger = open_writable(tmp_path / "a.ledger", SETTINGS)
    fold_all(ledger, [write(clicks, tmp_path / "log.csv")])
    ledger.engine.close()
    dump = tmp_path / "dump.csv"
    dump.write_text("item,title\nt1,x\nt2,y\nt9001,z\nt9001,z\n")
    found = canaries_in_dump(dump, some_canaries(), ledger=tmp_path / "a.ledger")
    assert (found.found, found.planted, found.items) == (("t9001",), 3, 3)
    assert found.holders == (("u1", 1),)
    dump.write_text("item\nt1\n")
    assert canaries_in_dump(dump, some_canaries()).found == ()
    with pytest.raises(LeakError, match="has no column 'id'"):
        canaries_in_dump(dump, some_canaries(), item="id")


def test_a_search_for_exposure_is_bounded(tmp_path: Path) -> None:
    """A device that never ends is refused, and a line without end is searched in pieces."""
    canary = CanaryItem("c-77", {"item": "c-77"}, "2026-11-29")
    with pytest.raises(LeakError, match="is not a file"):
        find_exposed([Path("/dev/zero")], [canary])
    (tmp_path / "long").write_text("a\n" + "x" * 2_500_000 + " c-77 \n")
    (found,) = find_exposed([tmp_path / "long"], [canary])
    assert (found.first_line, found.canaries) == (2, ("c-77",))
