"""``ringfence case convert``, as an operator types it, on both databases."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.cases.findings import ANA, by, finding, moment, ring
from tests.cli.conftest import Run, run
from tests.exports.hostile import MARK

from ringfence.cases import Ruling, decide, open_store, record

__all__ = ["run"]

HOSTILE = f"{MARK}\x1b[2J\r\n\N{LINE SEPARATOR}\N{RIGHT-TO-LEFT OVERRIDE}</script>\"'\\"


@pytest.fixture
def cases(url: str) -> str:
    """Return a store with two accounts and a ring; one account and the ring are suspended."""
    found = [finding("ann"), finding(HOSTILE), ring("a", "b", HOSTILE)]
    with open_store(url) as store, store.writing() as connection:
        record(connection, found, moment(0), "out/report.html")
        for case in (1, 3):
            decide(connection, case, Ruling("suspend", "fast", "5.2", shadow=False), by(ANA, 5))
    return url


def lines(text: str) -> list[dict[str, Any]]:
    """Return the JSON documents of lines that no terminal and no parser can misread."""
    assert text.isascii()
    assert text.replace("\n", "").isprintable()
    return [json.loads(line) for line in text.splitlines()]


def test_every_case_is_an_event(run: Run, cases: str) -> None:
    """OCSF has one line per case, whatever the names of accounts are."""
    done = run("case", "convert", "--to", "ocsf", "--cases", cases)
    assert (done.returncode, done.stderr) == (0, "")
    events = lines(done.stdout)
    assert [event["unmapped"]["case"] for event in events] == [1, 2, 3]
    assert events[1]["resources"][0]["uid"] == HOSTILE


def test_named_cases_and_cases_since_a_day(run: Run, cases: str) -> None:
    """Cases are chosen by number or name, and by the day of their last change."""

    def converted(*words: str) -> list[int]:
        done = run("case", "convert", "--to", "ocsf", "--cases", cases, *words)
        assert done.returncode == 0, done.stderr
        return [event["unmapped"]["case"] for event in lines(done.stdout)]

    assert converted("ring-1", "1", "ann") == [3, 1]
    assert converted("--since", "2026-03-03") == [1, 3]
    assert converted("--since", "2026-03-02") == [1, 2, 3]
    assert converted("--since", "2026-03-08") == []
    assert converted("2", "3", "--since", "2026-03-03") == [3]


def test_statements_are_lines(run: Run, cases: str) -> None:
    """DSA has one line per account; the case without a decision is counted."""
    done = run("case", "convert", "--to", "dsa", "--cases", cases)
    assert done.returncode == 0
    assert len(lines(done.stdout)) == 4
    assert MARK not in done.stdout
    assert done.stderr.startswith("ringfence: left out 1 of 3 cases: dsa needs a decision in force")
    assert done.stderr.count("\n") == 1


def test_rings_are_a_bundle(run: Run, cases: str) -> None:
    """STIX has one document with the ring; the accounts are counted."""
    done = run("case", "convert", "--to", "stix", "--cases", cases)
    assert done.returncode == 0
    assert done.stdout.isascii()
    kinds = [part["type"] for part in json.loads(done.stdout)["objects"]]
    assert kinds == ["marking-definition", "attack-pattern", "campaign", "relationship", "note"]
    assert MARK not in done.stdout
    assert done.stderr.startswith("ringfence: left out 2 of 3 cases: stix needs a ring")
    assert done.stderr.count("\n") == 1


def test_an_empty_store_has_no_documents(run: Run, url: str) -> None:
    """Nothing is printed as nothing, and as a bundle without objects."""
    for form in ("ocsf", "dsa"):
        assert run("case", "convert", "--to", form, "--cases", url) == (0, "", "")
    done = run("case", "convert", "--to", "stix", "--cases", url)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["type"] == "bundle"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--to", "csv"], "--to: csv is not a format (ocsf, stix or dsa)"),
        (["--to", "ocsf", "--since", "May"], "--since: May is not a date"),
        (["--to", "ocsf", "eve"], "eve: there is no such case"),
        ([], "Missing option"),
    ],
)
def test_a_wrong_word_is_one_line(run: Run, cases: str, words: list[str], said: str) -> None:
    """A format, a day or a case that does not exist ends with status 2 and no output."""
    done = run("case", "convert", *words, "--cases", cases)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
