"""Test the command ``ringfence policy``."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from tests.cli.conftest import Run, run
from tests.policy.days import write_days
from tests.service.questions.live_ledger import held_ledger

from ringfence.service.files import ServiceFolder

__all__ = ["run"]

POLICY = """
[policy]
most_share_per_day = 1
[[policy.rules]]
verdict = "extracting"
action = "suspend"
automatic = true
"""


def test_show_says_the_policy_in_words(run: Run, tmp_path: Path) -> None:
    """It begins with the mode, and names rules, limits and protected classes."""
    assert "There are no rules" in run("policy", "show").stdout
    (tmp_path / "ringfence.toml").write_text(POLICY)
    said = " ".join(run("policy", "show").stdout.split())
    assert said.startswith("Shadow mode: decisions are recorded as what would have happened.")
    assert "1. Any extracting finding: suspend by itself, for 30 days." in said
    assert "Accounts of these classes wait for a person: employee, institution." in said
    enforced = POLICY.replace("[policy]", "[policy]\nmode = 'enforce'", 1)
    (tmp_path / "ringfence.toml").write_text(enforced)
    assert "its decisions take effect" in run("policy", "show").stdout
    assert json.loads(run("policy", "show", "--json").stdout)["mode"] == "enforce"


def test_a_reason_cannot_forge_a_line(run: Run, tmp_path: Path) -> None:
    """Control characters in the settings are shown and not sent to the terminal."""
    (tmp_path / "ringfence.toml").write_text('[policy]\nground = "[red]x\\u001b[2J"\n' + POLICY[9:])
    said = run("policy", "show").stdout
    assert "\x1b" not in said
    assert "[red]" in said


@pytest.mark.slow
def test_two_policies_stand_side_by_side(run: Run, tmp_path: Path) -> None:
    """The table has a column per policy in 80 columns, and the JSON document all hits."""
    files = write_days(tmp_path, days=5, greedy_from=1)
    for file in files:
        run("scan", file, "--ledger", "book", "--force", "--out", "out")
    (tmp_path / "other.toml").write_text(POLICY)
    words = ("policy", "test", "--ledger", "book", "--policy", "other.toml", "--last", "3")
    done = run(*words)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "3 days were judged, 2025-06-04 to 2025-06-06."
    assert lines[1].split() == ["finding", "in", "force", "other"]
    assert lines[2].split() == ["greedy", "06-04", "suspend", "(review)", "06-04", "suspend"]
    document = json.loads(run(*words, "--json").stdout)
    assert document["policies"] == ["in force", "other"]
    assert document["days"] == ["2025-06-04", "2025-06-05", "2025-06-06"]
    assert [(hit["policy"], hit["day"], hit["automatic"]) for hit in document["hits"]] == [
        ("in force", "2025-06-04", False),
        ("other", "2025-06-04", True),
    ]


@pytest.mark.slow
def test_the_ledger_of_the_service_is_replayed_while_it_is_in_use(run: Run, tmp_path: Path) -> None:
    """Its sources are merged and the judge has it open: its days are cut by time, in a copy."""
    settings = '[service]\nfolder = "live"\nfree_disk_mb = 0\n' + POLICY
    (tmp_path / "ringfence.toml").write_text(settings)
    folder = ServiceFolder(tmp_path / "live")
    folder.create()
    with held_ledger(folder, write_days(tmp_path, days=5, greedy_from=1)):
        done = run("policy", "test", "--ledger", "live/ledger.duckdb", "--last", "3", "--json")
        assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["days"] == ["2025-06-04", "2025-06-05", "2025-06-06"]
    assert [(hit["day"], hit["accounts"]) for hit in document["hits"]] == [
        ("2025-06-04", ["greedy"])
    ]


def test_import_prints_what_show_understands(run: Run, tmp_path: Path) -> None:
    """The output is a settings file; --json has the same content."""
    (tmp_path / "config.txt").write_text("UsageLimit -enforce -expires=120 Global\n")
    text = run("policy", "import-ezproxy", "config.txt").stdout
    (tmp_path / "ringfence.toml").write_text(text)
    assert "suspend by itself, for 2 hours" in " ".join(run("policy", "show").stdout.split())
    done = run("policy", "import-ezproxy", "config.txt", "--json")
    assert json.loads(done.stdout) == tomllib.loads(text)


def test_wrong_usage_is_one_line(run: Run) -> None:
    """A missing ledger, file or sub-command ends with status 2."""
    for words in (["test", "--ledger", "none"], ["import-ezproxy", "none"], ["shwo"], []):
        done = run("policy", *words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
