"""``ringfence check``: what a scan would read, on the terminal and as JSON."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from tests.cli.conftest import Run

import ringfence
from ringfence import Settings

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
    assert said["not_takes"] == {"item-missing": 1}
    assert [event["account"] for event in said["events"]][1:] == ["ann", "ann"]
    assert said["events"][1] == {
        "ts": "2026-03-09T07:02:00Z", "account": "ann", "item": "2", "group": None,
        "surface": "metadata", "ip": "192.0.2.2", "client": "Player/2.1", "bytes": 512,
        "seconds": None,
    }  # fmt: skip


def test_the_terminal_shows_each_line_beside_its_reading(run: Run, combined: Path) -> None:
    """A line comes above what was read from it, and another line says why it is not a take."""
    shown = run("check", combined).stdout.splitlines()
    at = next(n for n, line in enumerate(shown) if line.startswith("192.0.2.2 "))
    assert "ann" in shown[at + 1]
    assert "item 2" in shown[at + 1]
    assert any("item-missing" in line for line in shown)
    # Settings to paste must not be broken.
    paste = next(n for n, line in enumerate(shown) if line.startswith("To keep the learned"))
    assert all(len(line) <= 80 for line in shown[:paste])


@pytest.mark.parametrize(
    ("settings", "users"),
    [
        ("", "music (no measured users of this kind; taste is left out)"),
        ('[verdicts]\nreference_distribution = "library"\n', "a digital library"),
    ],
)
def test_the_measured_users_are_named(
    run: Run, combined: Path, tmp_path: Path, settings: str, users: str
) -> None:
    """The check says with whom a scan compares accounts, and which setting changes it."""
    (tmp_path / "ringfence.toml").write_text(settings)
    said = json.loads(run("check", combined, "--json").stdout)["assumptions"]
    (one,) = (one for one in said if one["setting"] == "verdicts.reference_distribution")
    assert (one["name"], one["value"]) == ("users", f"compared with measured users of {users}")


def test_nothing_is_written(run: Run, combined: Path, tmp_path: Path) -> None:
    """The folder holds the log alone, before and after."""
    run("check", combined)
    assert list(tmp_path.iterdir()) == [combined]


def test_implausible_input_ends_with_status_3(run: Run, tmp_path: Path) -> None:
    """The JSON document is printed even with status 3, and names the kind of warning."""
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


@pytest.mark.slow
def test_suggested_rules_can_be_pasted(run: Run, combined: Path) -> None:
    """The learned rules are TOML that Ringfence accepts as settings, and read the same items."""
    said = json.loads(run("check", combined, "--json").stdout)
    (text,) = said["suggestions"]
    pasted = tomllib.loads("\n".join(text.splitlines()[1:]))
    assert Settings(**pasted).items.rules
    (combined.parent / "ringfence.toml").write_text("\n".join(text.splitlines()[1:]))
    again = json.loads(run("check", combined, "--json").stdout)
    assert again["settings_file"] == "ringfence.toml"
    assert [one["item"] for one in again["events"]] == [one["item"] for one in said["events"]]


def test_hostile_text_is_made_visible(run: Run, tmp_path: Path) -> None:
    """Control characters of a line, an account and an item do not reach the terminal."""
    rows = ["ts,account,item", "2026-03-09T08:00:00Z,\x1b[31mann\u202e,\x1b]0;owned\x07song"]
    shown = run("check", log(tmp_path / "a.csv", rows)).stdout
    assert all(line.isprintable() for line in shown.splitlines())
    assert "\\u{1b}" in shown


@pytest.mark.slow
def test_a_sample_of_a_large_file_is_read(run: Run, tmp_path: Path) -> None:
    """The sample has the first part and later parts, to the last line, and its size is printed."""
    rows = [f"2026-03-09T08:00:00Z,account {n // 50_000},item {n}" for n in range(200_000)]
    path = log(tmp_path / "a.csv", ["ts,account,item", *rows])
    said = json.loads(run("check", path, "--json").stdout)
    assert said["sampled"]["whole"] == 0
    assert said["sampled"]["bytes"] < said["sampled"]["of_bytes"] == path.stat().st_size
    assert said["counts"]["accounts"] == 4
    assert said["counts"]["quarantined"] == 0
    assert len(said["events"]) == 100
    assert [one["item"] for one in said["events"]] == [f"item {n}" for n in range(100)]
    assert "This is a sample" in run("check", path).stdout


@pytest.mark.slow
def test_several_files_are_spread(run: Run, tmp_path: Path) -> None:
    """Of 40 files 16 are read, the first and the last among them."""
    for n in range(40):
        log(tmp_path / f"{n:02d}.csv", ["ts,account,item", f"2026-03-09T08:00:00Z,a{n},i"])
    said = json.loads(run("check", tmp_path, "--json").stdout)
    assert (said["sampled"]["files"], said["sampled"]["of_files"]) == (16, 40)
    assert {"a0", "a39"} <= {one["account"] for one in said["events"]}


@pytest.mark.slow
def test_secrets_are_not_shown(run: Run, tmp_path: Path) -> None:
    """Neither the lines nor the events nor the suggestions contain the key of a request."""
    lines = [
        (LINE + AGENT).format(n=n, login="-").replace(
            f"/record/{n} ", f"/record/{n}?api_key=opensesame{n} "
        )
        for n in range(1, 9)
    ]  # fmt: skip
    path = log(tmp_path / "access.log", lines)
    for done in (run("check", path), run("check", path, "--json")):
        assert done.returncode == 0
        assert "record" in done.stdout
        assert "opensesame" not in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "time;user;item\n2026-05-04 08:00:00;ann;a\n",
        "#Fields: date time c-ip cs-uri-stem\n2026-05-04 08:00:00 192.0.2.1 /record/1\n",
    ],
)
def test_the_line_that_names_the_columns_is_no_fault(tmp_path: Path, text: str) -> None:
    """The header of a table and the fields of a W3C log are called header."""
    log = tmp_path / "some.log"
    log.write_text(text)
    assert [line.outcome for line in ringfence.check(log).lines] == ["header", ""]
