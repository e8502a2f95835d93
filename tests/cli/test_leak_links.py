"""``ringfence leak links``: from lists of links to batches, answers and a summary."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

LINKS = """http://A.example/x
http://a.example:80/x#player
https://b.example/y?utm_source=forum
https://b.example/z
javascript:alert(1)
"""


@pytest.fixture
def links(run: Run, tmp_path: Path) -> Run:
    """Make a register of three links."""
    (tmp_path / "links.txt").write_text(LINKS)
    done = run("leak", "links", "add", "register", "links.txt", "--date", "2026-01-01")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "4 links were read. 3 are new, 1 were known or repeated.",
        "links.txt: refused, is not an http, https or ftp link: 1. Example: javascript:alert(1)",
    ]
    return lambda command, *words: run("leak", "links", command, "register", *words)


def test_a_link_from_found_to_back(links: Run, tmp_path: Path) -> None:
    """Batches are written and marked, answers are recorded, and the history has all of it."""
    done = links("batches", "--out", "out", "--size", "1")
    assert done.stdout.splitlines() == [
        "3 links for host are in 3 batches.",
        "Written: out/links-00001.csv",
    ]
    done = links("sent", "out/links-00001.csv", "--batch", "1", "--date", "2026-01-02")
    assert "Changed: 1 sent." in done.stdout
    assert "2 links for host" in links("batches", "--out", "out").stdout
    assert "3 links for google" in links("batches", "--out", "out", "--recipient", "google").stdout
    answers = tmp_path / "answers.csv"
    answers.write_text(
        "url,status,date\nHTTP://a.example/x,404,2026-02-01\nhttps://b.example/y,200,2026-02-01\n"
        "https://c.example/,404,2026-02-01\nhttps://b.example/z,503,2026-02-01\n"
        "https://b.example/z,404,soon\n"
    )
    done = links("recheck", "answers.csv")
    assert done.stdout.splitlines() == [
        "2 links of the register were named. 2 facts are new.",
        "Changed: 1 removed.",
        "Still there as before: 1.",
        "1 links are not in the register: https://c.example/",
        "1 records have no usable date. They do not count.",
        "1 answers say neither there nor removed: '503' (1)",
    ]
    assert "0 facts are new.\nChanged: nothing." in links("recheck", "answers.csv").stdout
    answers.write_text('{"url": "http://a.example/x", "state": "there", "date": "2026-03-01"}\n')
    assert "Changed: 1 back again." in links("recheck", "answers.csv").stdout
    assert links("list", "--url", "http://a.example/x").stdout.splitlines() == [
        "2026-01-01T00:00:00Z  found         links.txt",
        "2026-01-02T00:00:00Z  sent          links-00001.csv  to host",
        "2026-02-01T00:00:00Z  removed       answers.csv",
        "2026-03-01T00:00:00Z  there         answers.csv",
        "State: back",
    ]
    states = json.loads(links("summary", "--json").stdout)["states"]
    assert states == {"found": 2, "sent": 0, "acknowledged": 0, "removed": 0, "back": 1}
    listed = json.loads(links("list", "--state", "back", "--json").stdout)
    assert [one["url"] for one in listed] == ["http://a.example/x"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["list", "--state", "\x1b[31m"], "is not a state of links"),
        (["list", "--url", "javascript:0"], "is not an http, https or ftp link"),
        (["list", "--url", "http://a.b/"], "is not in the register"),
        (["batches", "--out", "out", "--recipient", "two words"], "is not the name of a recipient"),
        (["sent", "links.txt", "--recipient", "\u202e"], "is not the name of a recipient"),
        (["sent", "links.txt", "--batch", "1"], "has no column 'batch'"),
        (["sent", "links.txt", "--date", "9999-01-01"], "is not a date from 1990 until today"),
        (["add", "none.txt"], "there is no such file"),
        (["add", "links.txt", "--date", "soon"], "is not a date from 1990 until today"),
        (["recheck", "links.txt"], "has no column 'status or state'"),
        (["recheck", "."], "there is no such file"),
    ],
)
def test_a_wrong_value_ends_with_one_line(links: Run, words: list[str], said: str) -> None:
    """The line says what is wrong, and nothing changes."""
    before = links("list", "--json").stdout
    done = links(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.strip().isprintable()
    assert links("list", "--json").stdout == before


def test_there_must_be_a_register(run: Run, tmp_path: Path) -> None:
    """Only add makes a register, and not in a folder with other files."""
    assert "is not a register" in run("leak", "links", "summary", "none").stderr
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    (tmp_path / "links.txt").write_text(LINKS)
    assert "has other files" in run("leak", "links", "add", "full", "links.txt").stderr
