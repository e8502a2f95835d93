"""``ringfence check``: what a scan would read, on the terminal and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run

LINE = '192.0.2.{n} - {login} [09/Mar/2026:08:{n:02d}:00 +0100] "GET /record/{n} HTTP/1.1" 200 512'
AGENT = ' "-" "Player/2.1"'


def log(path: Path, lines: list[str]) -> Path:
    """Write a log."""
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.fixture
def combined(tmp_path: Path) -> Path:
    """Write a log of three takes by two accounts, and one page that is not found."""
    lines = [
        LINE.format(n=n, login=login) + AGENT for n, login in enumerate(["-", "ann", "ann"], 1)
    ]
    lines.append(lines[0].replace(" 200 ", " 404 "))
    return log(tmp_path / "access.log", lines)


def test_json_says_what_is_read(run: Run, combined: Path) -> None:
    """Counts, and every take with all its values; what is absent is null."""
    done = run("check", combined, "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0
    assert (said["format"], said["settings_file"], said["warnings"]) == ("combined", None, [])
    assert said["counts"] == {"lines": 4, "takes": 3, "accounts": 2, "items": 3, "quarantined": 0}
    assert said["not_takes"] == {"not-successful": 1}
    assert [event["account"] for event in said["events"]][1:] == ["ann", "ann"]
    assert said["events"][1] == {
        "ts": "2026-03-09T07:02:00Z", "account": "ann", "item": "/record/2", "group": None,
        "surface": None, "ip": "192.0.2.2", "client": "Player/2.1", "bytes": 512, "seconds": None,
    }  # fmt: skip


def test_the_terminal_shows_each_line_beside_its_reading(run: Run, combined: Path) -> None:
    """A line comes above what was read from it, and another line says why it is not a take."""
    shown = run("check", combined).stdout.splitlines()
    at = next(n for n, line in enumerate(shown) if line.startswith("192.0.2.2 "))
    assert "ann" in shown[at + 1]
    assert "/record/2" in shown[at + 1]
    assert any("not-successful" in line for line in shown)
    assert all(len(line) <= 80 for line in shown)


def test_nothing_is_written(run: Run, combined: Path, tmp_path: Path) -> None:
    """The folder holds the log alone, before and after."""
    run("check", combined)
    assert list(tmp_path.iterdir()) == [combined]


def test_implausible_input_ends_with_status_3(run: Run, tmp_path: Path) -> None:
    """The JSON document is printed all the same, and names the kind of warning."""
    lines = [f"{n} | something else" for n in range(50)]
    done = run(
        "check", log(tmp_path / "a.log", [LINE.format(n=1, login="-") + AGENT, *lines]), "--json"
    )
    assert done.returncode == 3
    assert json.loads(done.stdout)["warnings"][0]["kind"] == "unreadable-lines"


def test_unusable_input_ends_with_status_2(run: Run, tmp_path: Path) -> None:
    """A file in no known format is one line on standard error."""
    done = run("check", log(tmp_path / "a.log", ["nothing here", "is a record"]), "--json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
