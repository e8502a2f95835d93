"""``ringfence scan``: what is printed, which status it ends with, and that names do no harm."""

from __future__ import annotations

import io
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from tests.cli.conftest import Run
from tests.report import sample

from ringfence.cli.result import MAY_BE_STOLEN, _evidence, _findings
from ringfence.model.finding import Verdict
from ringfence.pipeline import ScanResult

EXTRACTING = ("kind", "id", "accounts", "verdict", "p_value", "expected_false", "items", "uses",
              "coverage", "first", "last", "action", "evidence", "sample")  # fmt: skip
"""The keys of a finding, as the contract of the main job has them."""


def test_nothing_found(run: Run, small: Path, tmp_path: Path) -> None:
    """A quiet log says so, says what it assumed, and names the files."""
    done = run("scan", small)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "None of 3 accounts extracts the catalogue, as far as this scan can tell.\n"
    )
    for assumed in ("format", "account", "item", "time zone", "catalogue", "--format"):
        assert assumed in done.stdout
    for name in (
        "findings.jsonl",
        "accounts.parquet",
        "rings.parquet",
        "quarantine.jsonl",
        "report.html",
    ):
        assert (tmp_path / "ringfence-out" / name).is_file()
        assert f"ringfence-out/{name}\n" in done.stdout


def test_a_long_id_is_shown_as_far_as_the_line_goes() -> None:
    """The heading of the evidence has as much of an id as fits on the line."""
    console = Console(file=io.StringIO(), width=200)
    finding = sample.finding("a" * 150)
    _evidence(finding, console)
    assert isinstance(console.file, io.StringIO)
    assert f"\n{'a' * 150}:\n" in console.file.getvalue()


@pytest.mark.parametrize("verdict", ["suspect", "extracting"])
@pytest.mark.parametrize("name", ["user-547", "u" * 20])
def test_a_login_that_may_be_stolen_is_marked(verdict: Verdict, name: str) -> None:
    """The word stands below the verdict and is explained, and no row is wider than before."""
    plain = sample.finding(name, verdict=verdict)
    shown = {}
    for one in (plain, replace(plain, may_be_stolen=True)):
        result = object.__new__(ScanResult)
        for field, value in (("findings", (one,)), ("withheld", False), ("counts", {})):
            object.__setattr__(result, field, value)
        for field in ("quarantine", "not_takes", "robots"):
            object.__setattr__(result, field, {})
        output = io.StringIO()
        _findings(result, Console(file=output, width=80))
        shown[one.may_be_stolen] = output.getvalue().splitlines()
    row = next(n for n, line in enumerate(shown[True]) if line.startswith(name))
    assert shown[True][row] in shown[False]
    assert shown[True][row + 1].split() == ["stolen?"]
    assert MAY_BE_STOLEN in shown[True]
    assert "stolen" not in " ".join(shown[False])
    assert all(len(line) <= 80 for line in shown[True])


def test_a_finding_is_shown(run: Run, greedy: Path) -> None:
    """The table has the account, its verdict and its count; the evidence stands below."""
    done = run("scan", greedy, "--out", "o")
    assert done.returncode == 0
    assert re.search(r"\n\S+.*(extracting|suspect) +8,000 .* (suspend|challenge)\n", done.stdout)
    assert "…" not in "".join(done.stdout.splitlines()[1])
    assert "Took 8,000 items it had never taken before within 7 days" in " ".join(
        done.stdout.split()
    )


def test_it_fits_eighty_columns(run: Run, greedy: Path) -> None:
    """Only lines with a path, and so to be copied whole, are longer than the terminal is wide."""
    lines = run("scan", greedy, "--out", "o").stdout.splitlines()
    assert [line for line in lines if len(line) > 80 and not re.search(" o[/ ]", line)] == []


@pytest.mark.slow
def test_hostile_names_do_no_harm(run: Run, greedy: Path, tmp_path: Path) -> None:
    """No escape, no direction mark of an account or item reaches terminal, JSON or report."""
    shown = run("scan", greedy, "--out", "o")
    spoken = run("scan", greedy, "--out", "o", "--json")
    for text in (shown.stdout, spoken.stdout, (tmp_path / "o/findings.jsonl").read_text()):
        assert not set(text) & {"\x1b", "\x07", "\u202e"}
    page = (tmp_path / "o/report.html").read_text()
    assert "<script>alert(1)" not in page
    assert "\x1b" not in page


def test_json_has_the_documented_keys(run: Run, greedy: Path, tmp_path: Path) -> None:
    """One document on standard output and nothing else; its findings are those of the file."""
    done = run("scan", greedy, "--json", "--out", "o")
    result = json.loads(done.stdout)
    assert result.keys() == {
        "findings", "robots", "grants", "counts", "quarantine", "not_takes", "assumptions",
        "tests_not_run", "catalogue", "notes", "files", "warnings", "unread",
    }  # fmt: skip
    assert tuple(result["findings"][0]) == EXTRACTING
    assert result["findings"][0]["items"] == 8_000
    assert {"test", "observed", "expected", "p_value", "sentence", "supports"} == set(
        result["findings"][0]["evidence"][0]
    )
    lines = (tmp_path / "o/findings.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == result["findings"]
    assert result["counts"]["accounts"] == 41
    assert done.stderr == ""


@pytest.mark.slow
def test_a_finding_is_followed_by_how_to_ask_about_it(run: Run, greedy: Path, small: Path) -> None:
    """The command works as it is printed, whatever the folder and the account are called."""
    said = run("scan", greedy, "--out", "my files").stdout
    (command,) = (line for line in said.splitlines() if "ringfence explain" in line)
    program, *words = shlex.split(command)
    assert program == "ringfence"
    done = run(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert "extracting, advised: suspend" in done.stdout
    assert "ringfence explain" not in run("scan", small, "--out", "o").stdout


def test_the_headings_are_explained_within_80_columns(run: Run, greedy: Path) -> None:
    """Each abbreviated heading of the table has its meaning below it, and no line is cut."""
    lines = run("scan", greedy, "--out", "o").stdout.splitlines()
    end = next(number for number, line in enumerate(lines) if not line.strip())
    table = lines[:end]
    for heading in ("of all", "of use", "p-value", "false"):
        assert f"{heading}: " in " ".join(table)
    assert max(map(len, table)) <= 80


@pytest.mark.slow
@pytest.mark.parametrize(("log", "status"), [("small", 0), ("greedy", 1)])
def test_fail_on_findings(run: Run, log: str, status: int, request: pytest.FixtureRequest) -> None:
    """Only a finding makes the status 1, and only where it was asked for."""
    path = request.getfixturevalue(log)
    assert run("scan", path, "--fail-on-findings").returncode == status
    assert run("scan", path).returncode == 0


def test_standard_input(run: Run, small: Path) -> None:
    """``-`` reads a pipe."""
    done = run("scan", "-", "--json", text=small.read_text())
    assert json.loads(done.stdout)["counts"]["lines"] == 9


@pytest.mark.slow
def test_settings_of_this_folder_are_used(run: Run, small: Path, tmp_path: Path) -> None:
    """The command reads ringfence.toml in its folder, or the file of --config, and names it."""
    (tmp_path / "ringfence.toml").write_text('[events.columns]\nitem = "account"\n')
    assert json.loads(run("scan", small, "--json").stdout)["counts"]["items"] == 3
    assert "ringfence.toml" in assumed(run("scan", small, "--json").stdout)["settings"]
    (tmp_path / "other.toml").write_text("")
    other = run("scan", small, "--json", "--config", "other.toml")
    assert json.loads(other.stdout)["counts"]["items"] == 9
    assert assumed(other.stdout)["settings"] == "other.toml"


def assumed(document: str) -> dict[str, str]:
    """Return the assumptions in a JSON document, by name."""
    return {one["name"]: one["value"] for one in json.loads(document)["assumptions"]}


def test_without_a_settings_file_the_defaults_are_named(run: Run, small: Path) -> None:
    """The assumptions say that no settings file was read."""
    assert assumed(run("scan", small, "--json").stdout)["settings"] == "defaults"


@pytest.mark.slow
def test_many_skipped_sources_are_one_line(run: Run, tmp_path: Path) -> None:
    """However many sources the ledger already holds, one line counts them."""
    for day in range(1, 6):
        log = f"ts,account,item\n2026-03-0{day}T08:00:00Z,ann,item{day}\n"
        (tmp_path / f"day-{day}.csv").write_text(log)
    run("scan", "day-1.csv", "day-2.csv", "day-3.csv", "--ledger", "book")
    done = run("scan", "day-*.csv", "--ledger", "book")
    lines = [line for line in done.stdout.splitlines() if "already in the ledger" in line]
    assert lines == ["Skipped, already in the ledger: 3 of 5 sources (day-1.csv and others)"]


@pytest.mark.slow
def test_a_ledger_skips_what_it_knows(run: Run, small: Path) -> None:
    """The second scan of a file says that it was skipped, and finds the same."""
    run("scan", small, "--ledger", "book")
    done = run("scan", small, "--ledger", "book")
    assert "Skipped, already in the ledger: 1 of 1 source" in " ".join(done.stdout.split())
    assert "3 accounts" in done.stdout


def test_bad_lines_are_counted_and_kept(run: Run, small: Path, tmp_path: Path) -> None:
    """A line that cannot be read is said in the terminal and kept with its number."""
    with small.open("a") as file:
        file.write("yesterday,account 1,item 1\n")
    done = run("scan", small, "--out", "o")
    assert "Quarantined: 1 unreadable-time." in done.stdout
    record = json.loads((tmp_path / "o/quarantine.jsonl").read_text())
    assert (record["line"], record["reason"]) == (11, "unreadable-time")
