"""``ringfence leak overview`` and ``ringfence canary used``: the pages about leaks as text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Run
from tests.leaks.leak_folders import HOSTILE, write_folders
from tests.ledger.sample import SETTINGS, Click, fold_all, write

from ringfence.leaks.register import open_register
from ringfence.ledger import open_writable


def write_settings(path: Path, sections: dict[str, Any]) -> None:
    """Write settings that name the folders."""
    lines = [
        line
        for section, values in sections.items()
        for line in (f"[{section}]", *(f"{name} = {json.dumps(v)}" for name, v in values.items()))
    ]
    path.write_text("\n".join(lines))


def test_the_overview_has_every_folder(run: Run, tmp_path: Path) -> None:
    """Copies, canaries, links and packs are listed, also while the register is in use."""
    write_settings(tmp_path / "ringfence.toml", write_folders(tmp_path))
    with open_register(tmp_path / "register"):
        shown = run("leak", "overview")
        document = json.loads(run("leak", "overview", "--json").stdout)
    assert (shown.returncode, shown.stderr) == (0, "")
    copy, sources, canaries, links, pack = shown.stdout.splitlines()
    assert copy.startswith("2026-03 copy, 20")
    assert copy.endswith(": The dump contains files of 336 of 1,000 items.")
    assert sources == "  2 of 20,001 accounts and rings are named as its source."
    assert canaries == "Canaries: 10 are planted."
    assert links == "Links: 4: 2 found, 0 sent, 0 acknowledged, 1 removed, 1 back."
    assert pack == "Pack 2026-03 copy, 2026-03-09: notices 10, links 1,500, hosts 2."
    assert document["canaries"] == 10
    assert document["links"]["states"]["removed"] == 1
    assert document["links"]["days"][0]["day"] == "2026-01-01"
    assert document["leaks"][0]["assessment"]["files"]["share"] == 0.336
    assert "secret-" not in json.dumps(document)


def test_hostile_names_are_shown_by_their_signs(run: Run, tmp_path: Path) -> None:
    """No sign of a name of a folder reaches the terminal as it stands."""
    write_settings(
        tmp_path / "ringfence.toml",
        write_folders(tmp_path, name="\x1b[31m" + HOSTILE.replace("/", "|")),
    )
    shown = run("leak", "overview")
    assert shown.returncode == 0
    assert "\x1b" not in shown.stdout
    assert "\u202e" not in shown.stdout


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({}, "the settings do not say where"),
        ({"leaks": {"assessments": "none"}}, "cannot be read"),
        ({"leaks": {"link_register": "none"}}, "is not a register of links"),
        ({"canaries": {"file": "none"}}, "cannot be read"),
    ],
)
def test_missing_folders_are_named_in_one_line(
    run: Run, tmp_path: Path, sections: dict[str, Any], said: str
) -> None:
    """The exit status is 2, and the error says what to do."""
    write_settings(tmp_path / "ringfence.toml", sections)
    shown = run("leak", "overview")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert said in " ".join(shown.stderr.split())


def test_only_used_canaries_are_printed(run: Run, tmp_path: Path) -> None:
    """A canary with its accounts in the order of their first use; the others stay secret."""
    write_folders(tmp_path)
    clicks = [Click(1_767_225_600 + n, f"u{n % 3}", f"t{n}") for n in range(90)]
    clicks += [Click(1_767_300_000 + 9 - n, f"u{n}", "101") for n in range(3)]
    ledger = open_writable(tmp_path / "a.ledger", SETTINGS)
    fold_all(ledger, [write(clicks, tmp_path / "log.csv")])
    ledger.engine.close()
    words = ("canary", "used", tmp_path / "canaries.jsonl", "--ledger", tmp_path / "a.ledger")
    shown = run(*words)
    assert shown.returncode == 1
    assert shown.stdout.splitlines() == [
        "1 of 10 canaries were used.",
        "101, first on 2026-01-01: u2, u1, u0",
    ]
    (one,) = json.loads(run(*words, "--json").stdout)
    assert (one["item"], one["holders"], one["accounts"]) == ("101", 3, ["u2", "u1", "u0"])
