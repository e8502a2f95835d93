"""Sources that a ledger knows by name with other content: the scan stops, replaces or adds."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ledger.sample import Click, fold_all, folded_tables, tables, write
from tests.ledger.test_replacing import everything, opened, scan_into

from ringfence.errors import SourceError
from ringfence.events import Source, find_sources
from ringfence.ledger import Ledger, OnChange

BEGIN = 1_700_000_000


def day(number: int, clicks: int = 30) -> list[Click]:
    """Return the clicks of a day."""
    start = BEGIN + 86_400 * number
    return [Click(start + 61 * n, f"account {n // 7}", f"item {number}-{n}") for n in range(clicks)]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger file."""
    one = opened(tmp_path / "book")
    yield one
    one.engine.close()


@pytest.fixture
def log(tmp_path: Path) -> Source:
    """The first day of a log, as ndjson: lines can be added to it."""
    return write(day(0), tmp_path / "access.ndjson")


def stop(ledger: Ledger, sources: list[Source], on_change: OnChange = "stop") -> str:
    """Scan sources that cannot be folded, and return the line that says so."""
    before = everything(ledger)
    with pytest.raises(SourceError) as caught:
        scan_into(ledger, sources, on_change)
    assert everything(ledger) == before, "nothing is folded"
    return str(caught.value)


GROWN, CORRECTED, PARTLY, REUSED = "has grown", "looks corrected", "% of what was", "looks reused"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (
            day(0, 45),
            (GROWN, "--replace or --add reads the file again and counts each record once"),
        ),
        (day(0)[:3] + day(0)[4:], (CORRECTED, "--add counts both, so shared uses count twice")),
        (day(0)[20:] + day(1), (PARTLY, "--add counts both, so that part counts twice")),
        (day(1), (REUSED, "--add counts both; --replace counts the new content only and removes")),
    ],
)
def test_a_changed_file_stops_the_scan(
    ledger: Ledger, log: Source, tmp_path: Path, now: list[Click], said: tuple[str, str]
) -> None:
    """The error says what the change looks like and what each option does; nothing is folded."""
    scan_into(ledger, [log])
    write(now, log.path)
    other = write(day(7), tmp_path / "new.ndjson")
    line = stop(ledger, [other, log])
    assert line.startswith("access.ndjson: ")
    assert all(part in line for part in said)
    assert "nothing was folded" in line
    assert "--replace" in line


@pytest.mark.parametrize("now", [day(0, 45), day(0)[4:], day(1)], ids=["grown", "cut", "other"])
def test_replacing_counts_the_new_content_only(
    ledger: Ledger, log: Source, now: list[Click]
) -> None:
    """Whatever the change was, the ledger is that of the new content."""
    scan_into(ledger, [log])
    write(now, log.path)
    scan_into(ledger, [log], "replace")
    assert tables(ledger) == folded_tables([log])
    assert scan_into(ledger, [log]) == [False]


@pytest.mark.slow
def test_adding_counts_both_contents(ledger: Ledger, log: Source, tmp_path: Path) -> None:
    """The new day under an old name is counted beside the day before, and so is the day after."""
    days = [write(day(number), tmp_path / f"day{number}.ndjson") for number in range(3)]
    for one in days:
        shutil.copy(one.path, log.path)
        scan_into(ledger, [log], "add")
        assert scan_into(ledger, [log]) == [False]
    assert tables(ledger) == folded_tables(days)


def test_adding_a_file_that_has_grown_counts_each_record_once(ledger: Ledger, log: Source) -> None:
    """The lines that were folded before do not count twice, and known rings stay known."""
    scan_into(ledger, [log])
    ledger.engine.run("INSERT INTO rings VALUES ('ring-1', 7)")
    write(day(0, 50), log.path)
    scan_into(ledger, [log], "add")
    assert tables(ledger) == folded_tables([log])
    assert ledger.engine.rows("SELECT ring FROM rings") == [("ring-1",)]


@pytest.mark.slow
def test_a_file_that_grew_and_was_rotated_is_known_by_its_beginning(
    ledger: Ledger, log: Source, tmp_path: Path
) -> None:
    """A live log that was folded too early stops the scan under its rotated, compressed name."""
    scan_into(ledger, [log])
    whole = write(day(0, 50), log.path)
    rotated = tmp_path / "access-20260301.ndjson.gz"
    rotated.write_bytes(gzip.compress(whole.path.read_bytes()))
    write(day(1), log.path)
    sources = [log, Source(rotated, rotated.name)]
    line = stop(ledger, [sources[1]])
    assert "has grown: its first 30 records were folded before as access.ndjson" in line
    scan_into(ledger, sources, "replace")
    assert tables(ledger) == folded_tables(sources)


@pytest.mark.slow
def test_numbered_rotation_needs_no_answer(ledger: Ledger, tmp_path: Path) -> None:
    """Every day each file has the content of the file before; the last file is deleted."""
    names = ["access.ndjson", *(f"access.ndjson.{n}.gz" for n in (1, 2, 3))]
    everyday = []
    for number in range(6):
        everyday.append(write(day(number), tmp_path / f"day{number}.ndjson"))
        for old, name in zip(reversed(everyday), names, strict=False):
            data = old.path.read_bytes()
            (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
        sources = find_sources([tmp_path / name for name in names[: number + 1]], tmp_path)
        read = scan_into(ledger, sources)  # type: ignore[arg-type]
        assert read == [True] + [False] * (len(sources) - 1)
    assert tables(ledger) == folded_tables(everyday)


def test_a_copy_does_not_take_the_name_away(ledger: Ledger, log: Source, tmp_path: Path) -> None:
    """A file that is also there as a copy is still known by its own name."""
    copy = Source(tmp_path / "copy.ndjson", "copy.ndjson")
    shutil.copy(log.path, copy.path)
    assert scan_into(ledger, [log, copy]) == [True, False]
    write(day(1), log.path)
    assert REUSED in stop(ledger, [log])
    assert scan_into(ledger, [log, copy]) == [True, False]


@pytest.mark.parametrize("form", ["relative", "link", "dots"])
def test_a_name_is_a_place(
    ledger: Ledger, log: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """Absolute, relative and linked names of one file are one name; other folders are others."""
    scan_into(ledger, [log])
    write(day(1), log.path)
    (tmp_path / "sub").mkdir()
    if form == "relative":
        monkeypatch.chdir(tmp_path)
        other = Source(Path("access.ndjson"), "access.ndjson")
    elif form == "link":
        (tmp_path / "sub" / "link").symlink_to(log.path)
        other = Source(tmp_path / "sub" / "link", "link")
    else:
        other = Source(tmp_path / "sub" / ".." / "access.ndjson", "x")
    assert REUSED in stop(ledger, [other])
    elsewhere = write(day(2), tmp_path / "sub" / "access.ndjson")
    assert scan_into(ledger, [elsewhere]) == [True]


def test_names_that_do_not_last_are_no_names(ledger: Ledger, log: Source) -> None:
    """Standard input, pipes and tables are new whenever their content is."""
    for number in range(3):
        write(day(0, 10 + 10 * number), log.path)
        assert scan_into(ledger, [Source(log.path, "stdin", named=False)]) == [True]


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_is_no_content_to_replace(ledger: Ledger, log: Source, content: str) -> None:
    """A log that was empty when it was scanned needs no answer when it has lines."""
    log.path.write_text(content, encoding="utf-8")
    scan_into(ledger, [log])
    write(day(0), log.path)
    assert scan_into(ledger, [log]) == [True]
    assert tables(ledger) == folded_tables([log])


@pytest.mark.slow
def test_several_files_of_which_two_changed(ledger: Ledger, tmp_path: Path) -> None:
    """The error names the first and counts the others; replacing changes only these."""
    days = [write(day(number), tmp_path / f"day{number}.ndjson") for number in range(4)]
    scan_into(ledger, days)
    for number in (1, 3):
        write(day(number)[:20], days[number].path)
    line = stop(ledger, days)
    assert line.startswith("day1.ndjson: ")
    assert "; 1 more of these sources changed as well; nothing was folded" in line
    assert scan_into(ledger, days, "replace") == [False, True, False, True]
    assert tables(ledger) == folded_tables(days)


def test_a_file_whose_rows_are_merged_cannot_be_replaced(tmp_path: Path) -> None:
    """The error says why, names the setting, and tells what to do; nothing is folded."""
    ledger = opened(tmp_path / "book", recent=1)
    days = [write(day(number), tmp_path / f"day{number}.ndjson") for number in range(3)]
    scan_into(ledger, days)
    write(day(0)[3:], days[0].path)
    write(day(2)[3:], days[2].path)
    assert "--replace is no longer possible" in stop(ledger, days)
    line = stop(ledger, days, "replace")
    assert "no longer among the recent sources" in line
    assert "start a new ledger file and scan all logs again; ledger.recent_sources says" in line
    write(day(1, 40), days[1].path)
    assert "scan a file with the new lines only, or start" in stop(ledger, [days[1]], "add")
    ledger.engine.close()


def test_a_hostile_name_is_one_harmless_line(ledger: Ledger, tmp_path: Path) -> None:
    """Control characters and quotes in a name reach neither the terminal nor the SQL."""
    log = write(day(0), tmp_path / "a';DROP TABLE sources;--\x1b[2J\n.ndjson")
    scan_into(ledger, [log])
    write(day(1), log.path)
    line = stop(ledger, [log])
    assert "\x1b" not in line
    assert "\n" not in line
    fold_all(ledger, [])
