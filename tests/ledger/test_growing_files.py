"""A file that changes while a scan runs is read as it was, or the scan says that it changed."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ringfence.errors import SourceError
from ringfence.events import Reading, find_sources
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger import ledger as module
from ringfence.settings import Settings


def log(first: int, last: int) -> bytes:
    """Return lines of a log; each takes another item."""
    return b"".join(
        b'192.0.2.1 - u%d [05/Nov/2026:10:%02d:%02d +0000] "GET /track/%d HTTP/1.1" 200 9 "-" "x"\n'
        % (n % 9, n // 60 % 60, n % 60, n)
        for n in range(first, last)
    )


def write_records(path: Path, name: str) -> None:
    """Write accesses in a format; ``cut`` is a log with lines whose quotes are not closed."""
    times = [f"{n // 60:02}:{n % 60:02}" for n in range(300)]
    rows = [
        {"time": f"2026-11-05T10:{time}Z", "account": f"u{n % 9}", "item": f"t{n}"}
        for n, time in enumerate(times)
    ]
    plain = {
        "log": log(0, 300),
        "cut": log(0, 150) + log(150, 300).replace(b'"GET', b"GET", 9),
        "jsonl": b"".join(json.dumps(row).encode() + b"\n" for row in rows),
        "csv": "\n".join(["time,account,item", *(",".join(row.values()) for row in rows)]).encode(),
        "w3c": b"#Fields: date time c-ip cs-username cs-uri-stem sc-status\n"
        + b"".join(
            f"2026-11-05 10:{time} 192.0.2.1 u{n % 9} /track/{n} 200\n".encode()
            for n, time in enumerate(times)
        ),
    }
    if name == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_bytes(gzip.compress(plain["log"]) if name == "log.gz" else plain[name])


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A ledger in memory."""
    one = open_writable(None, Settings())
    yield one
    one.engine.close()


def append(path: Path, data: bytes) -> None:
    """Append to a file, as a web server does."""
    with path.open("ab") as file:
        file.write(data)


def shorten(path: Path) -> None:
    """Cut a file, as log rotation with copytruncate does."""
    os.truncate(path, 1000)


def replace(path: Path) -> None:
    """Put another file in its place, as log rotation does."""
    path.rename(path.with_name("rotated"))
    path.write_bytes(log(5_000, 9_000))


def rewrite(path: Path) -> None:
    """Write other content of the same length."""
    data = path.read_bytes().replace(b"/track/", b"/truck/")
    path.write_bytes(data)
    os.utime(path, (1, 1))


When = Callable[[pytest.MonkeyPatch, Callable[[], None]], None]


def before(patch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    """Let the change happen after the file was found, before anything is read."""
    assert patch
    change()


def while_read(patch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    """Let the change happen once, when the file was opened and its lines are counted."""
    load, done = Reading.load, list[int]()

    def changed_load(self: Reading, *arguments: object) -> None:
        if not done:
            done.append(1)
            change()
        load(self, *arguments)  # type: ignore[arg-type]

    patch.setattr(Reading, "load", changed_load)


def after(patch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    """Let the change happen once, when all events were read and nothing is stored yet."""
    add, done = module.add_lines, list[int]()

    def changed_add(*arguments: object) -> None:
        if not done:
            done.append(1)
            change()
        add(*arguments)  # type: ignore[arg-type]

    patch.setattr(module, "add_lines", changed_add)


@pytest.mark.slow
@pytest.mark.parametrize("when", [before, while_read, after])
@pytest.mark.parametrize(
    ("pack", "tail"),
    [(bytes, log(300, 600)), (bytes, b"no line\n" * 9), (bytes, b"half"), (gzip.compress, b"x\n")],
    ids=["lines", "other lines", "half a line", "packed"],
)
def test_a_file_that_grows_is_read_as_it_was(  # noqa: PLR0913, PLR0917 - one value per fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ledger: Ledger,
    when: When,
    pack: Callable[[bytes], bytes],
    tail: bytes,
) -> None:
    """Appended lines belong to the next scan: they are not taken, counted or identified."""
    path = tmp_path / "a.log"
    path.write_bytes(pack(log(0, 300)))
    (found,) = find_sources([path], tmp_path)
    when(monkeypatch, lambda: append(path, pack(tail)))
    folded = ledger.fold(found)
    assert folded.lines.total == folded.lines.takes == 300
    assert folded.lines.quarantined == 0
    (tmp_path / "copy").write_bytes(pack(log(0, 300)))
    (again,) = find_sources([tmp_path / "copy"], tmp_path)
    assert ledger.fold(again).folded_as == str(path)


@pytest.mark.parametrize("when", [before, while_read, after])
@pytest.mark.parametrize("change", [shorten, replace, Path.unlink])
def test_a_file_that_is_cut_or_replaced_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger: Ledger, when: When,
    change: Callable[[Path], None],
) -> None:  # fmt: skip
    """Parts of two contents are never mixed: nothing is folded, and the sentence says why."""
    path = tmp_path / "a.log"
    path.write_bytes(log(0, 300))
    (found,) = find_sources([path], tmp_path)
    when(monkeypatch, lambda: change(path))
    with pytest.raises(SourceError, match="was changed while the scan ran") as caught:
        ledger.fold(found)
    assert caught.value.where == str(path)
    assert ledger.engine.rows("SELECT count(*) FROM sources") == [(0,)]


@pytest.mark.parametrize("when", [before, while_read])
@pytest.mark.parametrize("name", ["log", "log.gz", "jsonl", "csv", "parquet", "w3c", "cut"])
def test_a_file_of_any_format_that_is_removed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger: Ledger, when: When, name: str
) -> None:
    """Whichever code misses the file first, the sentence is the same and nothing is folded."""
    path = tmp_path / f"a.{name}"
    write_records(path, name)
    (found,) = find_sources([path], tmp_path)
    when(monkeypatch, path.unlink)
    with pytest.raises(SourceError, match="was changed while the scan ran") as caught:
        ledger.fold(found)
    assert caught.value.where == str(path)
    assert ledger.engine.rows("SELECT count(*) FROM sources") == [(0,)]


def test_content_that_was_identified_and_rewritten_is_refused(
    tmp_path: Path, ledger: Ledger
) -> None:
    """A plan that was made for one content is not carried out for another one."""
    path = tmp_path / "a.log"
    path.write_bytes(log(0, 300))
    ledger.fold(find_sources([path], tmp_path)[0])
    path.write_bytes(log(0, 450))
    (plan,) = ledger.plan(find_sources([path], tmp_path), "add")
    assert plan.grown
    rewrite(path)
    with pytest.raises(SourceError, match="was changed while the scan ran"):
        ledger.fold(plan.source, plan=plan)


def test_a_file_that_grew_in_a_scan_is_known_when_it_comes_again(
    tmp_path: Path, ledger: Ledger
) -> None:
    """The next scan finds that the file has grown, and counts each line once."""
    path = tmp_path / "a.log"
    path.write_bytes(log(0, 300))
    (found,) = find_sources([path], tmp_path)
    append(path, log(300, 600))
    ledger.fold(found)
    (plan,) = ledger.plan(find_sources([path], tmp_path), "add")
    assert plan.grown
    assert ledger.fold(plan.source, plan=plan).lines.takes == 600
    assert ledger.engine.rows("SELECT sum(takes) FROM sources")[0][0] == 600


@pytest.mark.parametrize("lines", [0, 100])
def test_a_hole_is_refused(tmp_path: Path, ledger: Ledger, lines: int) -> None:
    """A file that is years long and holds almost nothing is not read."""
    path = tmp_path / "a.log"
    path.write_bytes(log(0, lines))
    os.truncate(path, 1 << 42)
    (found,) = find_sources([tmp_path / "*.log"], tmp_path / "scratch")
    with pytest.raises(SourceError, match="MiB of it are stored: the rest is a hole"):
        ledger.fold(found)
