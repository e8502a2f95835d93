"""``ringfence leak notice``: from an assessment and links to a pack that can be checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Outcome, Run
from tests.leaks.leaked_catalogue import items, most_used, write_catalogue, write_listing
from tests.leaks.notices_sample import write_claim


@pytest.fixture
def ready(run: Run, tmp_path: Path) -> Run:
    """Assess a copy, make a key, and write links and settings."""
    catalogue = items(200)
    write_catalogue(catalogue, tmp_path / "catalogue.csv")
    write_listing(most_used(catalogue, 120), tmp_path / "dump.txt")
    done = run("leak", "assess", "dump.txt", "--catalogue", "catalogue.csv", "--out", "leak")
    assert done.returncode == 0, done.stderr
    write_claim(tmp_path / "ringfence.toml")
    (tmp_path / "links.txt").write_text("https://b.example.com/2\nx\nhttps://a.example.com/1\n")
    return run


def notice(run: Run, *more: str, config: str = "ringfence.toml") -> Outcome:
    """Run the command with its needed options."""
    return run(
        "leak", "notice", "links.txt", "--assessment", "leak", "--key", "n.key", "--out", "pack",
        "--date", "2026-03-09", "--config", config, *more,
    )  # fmt: skip


def test_notices_are_made_and_checked(ready: Run, tmp_path: Path) -> None:
    """The numbers, the warning to check, and the fingerprint of the key are said."""
    key = ready("leak", "notice-key", "n.key")
    fingerprint = key.stdout.split()[-1]
    assert len(fingerprint) == 64
    made = notice(ready, "--law", "dmca", "--law", "dsa", "--language", "fr", "--stix")
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[:2] == [
        "6 notices about 2 links of 2 hosts: 4 to hosts, 1 to Google Search, 1 to Microsoft Bing.",
        "Not used: 1 link, see refused.jsonl.",
    ]
    assert "Nothing was sent." in made.stdout
    assert (tmp_path / "pack/notices/hosts/a.example.com/0001.dsa.fr.txt").exists()
    checked = ready("leak", "notice-check", "pack", "--fingerprint", fingerprint.upper())
    assert checked.returncode == 0
    assert "Every file is as it was signed." in checked.stdout
    other = ready("leak", "notice-check", "pack", "--fingerprint", "0" * 64)
    assert other.returncode == 1
    assert "Another key signed the pack" in other.stdout
    (tmp_path / "pack/links.csv").write_text("")
    changed = ready("leak", "notice-check", "pack", "--json")
    assert changed.returncode == 1
    assert json.loads(changed.stdout)["changed"] == ["links.csv"]


@pytest.mark.slow
def test_the_document_has_the_same_numbers(ready: Run, tmp_path: Path) -> None:
    """``--json`` prints what pack.json has."""
    ready("leak", "notice-key", "n.key")
    made = json.loads(notice(ready, "--json").stdout)
    written = json.loads((tmp_path / "pack/pack.json").read_text())
    assert made.items() <= written.items()
    assert (made["links"], made["hosts"], made["refused"]) == (2, 2, 1)
    assert written["day"] == "2026-03-09"


@pytest.mark.slow
def test_from_a_register_to_a_pack_and_back(ready: Run, tmp_path: Path) -> None:
    """A pack has the links that a recipient was not told about, and marks them when it is sent."""
    ready("leak", "notice-key", "n.key")
    ready("leak", "links", "add", "register", "links.txt", "--date", "2026-03-01")

    def made(out: str) -> Outcome:
        return ready(
            "leak", "notice", "--register", "register", "--assessment", "leak", "--key", "n.key",
            "--out", out, "--date", "2026-03-09", "--config", "ringfence.toml",
        )  # fmt: skip

    def marked(*words: str) -> str:
        return ready("leak", "links", "sent", "register", *words, "--date", "2026-03-10").stdout

    first = made("one").stdout.splitlines()
    assert first[0] == (
        "4 notices about 2 links of 2 hosts: 2 to hosts, 1 to Google Search, 1 to Microsoft Bing."
    )
    assert made("two").returncode == 0
    assert [(tmp_path / out / "manifest.sig").read_bytes() for out in ("one", "two")] == [
        (tmp_path / "one/manifest.sig").read_bytes()
    ] * 2
    assert "Changed: 2 sent." in marked("one", "--recipient", "host")
    (tmp_path / "links.txt").write_text("HTTPS://c.example.com:443/3#x\n")
    ready("leak", "links", "add", "register", "links.txt", "--date", "2026-03-02")
    assert made("three").stdout.splitlines()[0] == (
        "3 notices about 3 links of 3 hosts: 1 to hosts, 1 to Google Search, 1 to Microsoft Bing."
    )
    assert "Changed: 1 sent." in marked("three")
    again = made("four")
    assert again.returncode == 2
    assert "has no link about which a recipient must be told" in again.stderr
    assert not (tmp_path / "four").exists()
    told = ready("leak", "links", "list", "register", "--url", "https://b.example.com/2").stdout
    assert [line.split()[1:] for line in told.splitlines()[:-1]] == [
        ["found", "links.txt"],
        ["sent", "three", "to", "bing"], ["sent", "three", "to", "google"],
        ["sent", "one", "to", "host"],
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sent", "register", "leak"], "there is no such file"),
        (["sent", "register", "own"], "is not the name of a recipient"),
        (["sent", "register", "own", "--batch", "1"], "a pack has no batches"),
        (["sent", "register", "own", "--recipient", "A b"], "is not the name of a recipient"),
    ],
)
def test_a_folder_that_is_no_pack_marks_nothing(
    ready: Run, tmp_path: Path, words: list[str], said: str
) -> None:
    """The line says what is wrong, and the links stay as they are."""
    ready("leak", "links", "add", "register", "links.txt")
    (tmp_path / "own").mkdir()
    table = "url,recipient\nhttps://a.example.com/1,\u202ehost\n"
    (tmp_path / "own/links.csv").write_text(table)
    done = ready("leak", "links", *words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
    assert done.stderr.strip().isprintable()
    assert json.loads(ready("leak", "links", "summary", "register", "--json").stdout)["facts"] == 0


def test_a_refusal_is_one_line_and_writes_nothing(ready: Run, tmp_path: Path) -> None:
    """Missing settings, options that do not exist, and a missing key end with status 2."""
    (tmp_path / "empty.toml").write_text("")
    ready("leak", "notice-key", "n.key")
    for done, said in (
        (notice(ready, config="empty.toml"), "notices.signature (17 U.S.C. § 512(c)(3)(A)(i))"),
        (notice(ready, "--law", "gdpr"), "'gdpr' is not a law"),
        (notice(ready, "--language", "de"), "'de' is not a language of notices"),
        (notice(ready, "--date", "9 March"), "'9 March' is not a day"),
        (notice(ready, "--key", "none.key"), "none.key: cannot be read"),
        (notice(ready, "--assessment", "."), "leak.json: cannot be read"),
    ):
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
        assert not (tmp_path / "pack").exists()
