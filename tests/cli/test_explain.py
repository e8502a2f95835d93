"""``ringfence explain``: what was found of one account or ring, in words."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import duckdb
import pytest
from tests.cli.conftest import Run
from tests.cli.test_usage import plain
from tests.report import sample

from ringfence.model.finding import Finding
from ringfence.report import write_findings


def stored(folder: Path, *findings: Finding, volume: float = 0.3) -> Path:
    """Write what a scan would write of these findings, and of one account that is none."""
    write_findings(findings, folder / "findings.jsonl")
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'member-1' AS account, 300::BIGINT AS items, 310::BIGINT AS uses, "
            "to_timestamp(1748822400) AS first, to_timestamp(1750000000) AS last, '' AS verdict, "
            "'' AS ring, 0.04::DOUBLE AS p_value, 0.004::DOUBLE AS p_novelty, "
            f"{volume}::DOUBLE AS p_volume) TO '{folder / 'accounts.parquet'}' (FORMAT parquet)"
        )
    return folder


def words(text: str) -> str:
    """Join lines, so that where they break does not matter."""
    return " ".join(text.split())


def test_an_account_is_explained(run: Run, greedy: Path) -> None:
    """Verdict, p-value, what a scan shows by chance, coverage, and every sentence."""
    scanned = json.loads(run("scan", greedy, "--out", "o", "--json").stdout)
    found = scanned["findings"][0]
    done = run("explain", "o", found["id"])
    said = words(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{found['verdict']}, advised: {found['action']}" in said
    assert "Holds 8,000 items, 99.9% of the catalogue" in said
    assert f"p-value {found['p_value']:.1g}: 1 in " in said
    assert "show evidence as strong as this or stronger" in said
    assert "honest accounts with a p-value this small" in said
    assert all(words(one["sentence"]) in said for one in found["evidence"])


@pytest.mark.slow
def test_hostile_names_do_no_harm(run: Run, greedy: Path, tmp_path: Path) -> None:
    """The explanation of a hostile account, or of a ring of them, has no control character."""
    found = json.loads(run("scan", greedy, "--out", "o", "--json").stdout)["findings"][0]
    text = run("explain", "o", found["id"]).stdout
    for name in (one for one in sample.HOSTILE if chr(0xD800) not in one):
        ring = dataclasses.replace(sample.ring(3, names=(name,)), id=name)
        text += run("explain", stored(tmp_path, ring), name).stdout
    assert not {c for c in text if not c.isprintable()} - {"\n"}
    assert max(map(len, text.splitlines())) <= 80


def test_an_account_that_is_no_finding(run: Run, small: Path) -> None:
    """The explanation says so, and lists the answer of each test."""
    run("scan", small, "--out", "o")
    said = words(run("explain", "o", "account 1").stdout)
    assert "account 1 no finding Holds 3 items. First use 2025-06-02 01:00, last use" in said
    assert "Nothing unusual: over all tests, most users show evidence as strong as this" in said
    assert "- volume: nothing unusual, seen in most users (p = " in said


def test_a_member_that_is_no_finding(run: Run, tmp_path: Path) -> None:
    """The explanation names its unusual tests, its ring, and its own numbers in the ring."""
    said = words(run("explain", stored(tmp_path, sample.ring(3)), "member-1").stdout)
    assert "Unusual, but not enough to be a finding" in said
    assert "- novelty: unusual, seen in 1 in 250 users (p = 0.004)" in said
    assert said.index("- novelty") < said.index("- volume: nothing unusual")
    assert (
        "It is one of the 3 accounts of ring-2db9fac3, which is suspect, advised: challenge. "
        "It has 0 items in common with the others; 151 are expected. "
        "It shares with other members: device device-1. Shared attributes are never" in said
    )
    assert "one family" not in said


def test_one_kind_of_evidence_is_said_to_be_no_finding(run: Run, tmp_path: Path) -> None:
    """A tiny p-value next to no verdict is explained, where all that is tiny is of one kind."""
    folder = stored(tmp_path, sample.ring(3), volume=1e-9)
    said = words(run("explain", folder, "member-1").stdout)
    assert "Evidence of one family alone does not make a finding. - volume: unusual" in said


def test_evidence_of_a_ring_is_not_told_as_of_users(run: Run, tmp_path: Path) -> None:
    """A p-value about groups has its own words, for a ring and for a member that is a finding."""
    ring = sample.ring(3)
    member = dataclasses.replace(
        sample.finding("member-1"), evidence=(*sample.evidence(1), ring.evidence[0])
    )
    said = words(run("explain", stored(tmp_path, ring, member), "member-1").stdout)
    assert "(volume: 1 in 10 million users)" in said
    assert (
        "(collision: the probability that an independent account has as few items in common with "
        "the others, p at most 1e-12)" in said
    )
    said = words(run("explain", tmp_path, ring.id).stdout)
    assert (
        "(members: the probability that a group of honest accounts of this size has as many "
        "findings, p = 1e-09)" in said
    )
    assert " in 10 million users" not in said


def test_a_ring_is_explained(run: Run, tmp_path: Path) -> None:
    """Observed and expected, comparison group, growth, shared attributes and members are listed."""
    done = run("explain", stored(tmp_path, sample.ring()), "ring-2db9fac3")
    said, lines = words(done.stdout), done.stdout.splitlines()
    for phrase in (
        "ring of 25 accounts, suspect, advised: challenge",
        "the probability that any group of independent accounts in this scan has as few items in",
        "Its 25 accounts have 0 items in common, pair by pair.",
        "The evidence concerns the group",
        "25 of 25 members have fewer items in common with the others than independent accounts",
        "25 other accounts with holdings of similar size hold 7,250 items",
        "never evidence alone",
        "device: 40 pairs of members share a value, 0.5 expected (p = 0.004).",
        "Most shared: device-1 (9 members, 11 accounts in all)",
        "With device device-1: member-0, member-1, member-2, member-3, member-4 and 4 more",
        "... and 5 more, listed with --all",
    ):
        assert phrase in said, phrase
    grown = [line.split() for line in lines if re.fullmatch(r"2025-06-\d\d[ \d,]+", line)]
    assert len(grown) == 8
    assert grown[0] == ["2025-06-02", "1", "300", "0", "0"]
    assert grown[-1] == ["2025-06-26", "25", "7,500", "0", "3,456"]
    assert sum(line.startswith("member-") for line in lines) == 20
    assert max(map(len, lines)) <= 80


def test_all_members_on_request(run: Run, tmp_path: Path) -> None:
    """``--all`` lists every member."""
    done = run("explain", stored(tmp_path, sample.ring()), "ring-2db9fac3", "--all")
    assert sum(line.startswith("member-") for line in done.stdout.splitlines()) == 25
    assert "--all" not in done.stdout


def test_long_names_leave_room_for_numbers(run: Run, tmp_path: Path) -> None:
    """A name of any length is cut, and its line still has all its numbers in 80 columns."""
    ring = sample.ring(3, names=("192.0.2.44 Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)",))
    done = run("explain", stored(tmp_path, ring), "ring-2db9fac3")
    (line,) = (one for one in done.stdout.splitlines() if one.startswith("192.0.2.44"))
    assert line.split()[-7:] == ["300", "2025-06-02", "2025-06-22", "0", "150", "no", "finding"]
    assert len(line) <= 80


def test_lockstep_has_its_own_words(run: Run, tmp_path: Path) -> None:
    """More than expected is what speaks for it, and nothing is expected of all times."""
    ring = sample.ring(3)
    assert ring.ring is not None
    members = tuple(dataclasses.replace(one, observed=900.0) for one in ring.ring.members)
    growth = tuple(dataclasses.replace(one, expected=float("nan")) for one in ring.ring.growth)
    shown = dataclasses.replace(ring.ring, test="lockstep", members=members, growth=growth)
    found = dataclasses.replace(
        ring, ring=shown, evidence=(dataclasses.replace(ring.evidence[0], test="lockstep"),)
    )
    said = words(run("explain", stored(tmp_path, found), "ring-2db9fac3").stdout)
    assert "has as many takes at the same times" in said
    assert "3 of 3 members have more items taken at the same time with the others" in said
    assert "2025-06-26 25 7,500 0 " in said


def test_a_ring_without_a_page(run: Run, tmp_path: Path) -> None:
    """Beyond the findings that get a page, its sentence is there and where its members are."""
    ring = dataclasses.replace(sample.ring(3), ring=None)
    said = words(run("explain", stored(tmp_path, ring), "ring-2db9fac3").stdout)
    assert "Its 3 accounts have 0 items in common" in said
    assert "rings.parquet has its members" in said
    assert "A ring is extracting only if at least half of its accounts" in said
    member = words(run("explain", tmp_path, "member-1").stdout)
    assert "no finding by itself, but a member of a ring" in member
    assert "of ring-2db9fac3, which is suspect, advised: challenge. Unusual" in member


@pytest.mark.parametrize("name", ["ring-2db9fac3", "member-1"])
def test_json_is_what_the_file_says(run: Run, tmp_path: Path, name: str) -> None:
    """One document; for an account that is not a finding, its p-values by test and its rings."""
    record = json.loads(run("explain", stored(tmp_path, sample.ring(3)), name, "--json").stdout)
    assert record["id"] == name
    if name == "member-1":
        assert record["tests"] == {"novelty": 0.004, "volume": 0.3}
        assert record["rings"] == ["ring-2db9fac3"]
    else:
        assert [record] == [json.loads((tmp_path / "findings.jsonl").read_text())]


def test_what_cannot_be_explained(run: Run, tmp_path: Path) -> None:
    """A folder without a scan and a name nobody has are one line each, and status 2."""
    stored(tmp_path, sample.ring(3))
    gone = run("explain", "gone", "x")
    assert gone.stderr == (
        "ringfence: gone/findings.jsonl: cannot be read: No such file or directory "
        "(name the folder that a scan wrote, its --out)\n"
    )
    unknown = run("explain", ".", "membre-1")
    assert unknown.stderr == (
        "ringfence: .: this scan scored no account and no ring with the name 'membre-1' "
        "(did you mean member-1? Declared robots and accounts within a grant are listed in the "
        "report and not scored)\n"
    )
    assert [done[:2] for done in (gone, unknown)] == [(2, ""), (2, "")]


def test_it_explains_itself(run: Run) -> None:
    """Both arguments and all options are in the help."""
    shown = plain(run("explain", "--help").stdout)
    assert all(word in shown for word in ("DIR", "ID", "--all", "--json", "answer of each test"))
