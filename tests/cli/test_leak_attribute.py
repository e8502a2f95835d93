"""``ringfence leak attribute``: sources on screen, as JSON, and as cases."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Run
from tests.leaks.leaked_service import (
    CATALOGUE,
    GROUP,
    people,
    with_ring,
    write_ledger,
)

from ringfence.cases import findings_about, open_store, record
from ringfence.leaks.attribution import LeakFiles, attribute_leak
from ringfence.leaks.attribution.findings import leak_findings, record_leak
from ringfence.leaks.overview import written_leaks
from ringfence.model.evidence import Evidence
from ringfence.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a ledger, a catalogue and a dump of what one of 300 accounts took."""
    folder = tmp_path_factory.mktemp("leak")
    rng = np.random.default_rng(7)
    takes = with_ring(people(300, 150, rng), 1, 2_000, rng)
    write_ledger(folder / "a.ledger", takes)
    rows = [f"t{number},g{number // GROUP}" for number in range(CATALOGUE)]
    (folder / "catalogue.csv").write_text("\n".join(["item,group", *rows]) + "\n")
    dump = rng.choice(takes.item[takes.account == 300], 150, replace=False)
    lines = [f"t{number}" for number in dump]
    (folder / "dump.csv").write_text("\n".join(["item", *lines, "new-item"]) + "\n")
    (folder / "other.csv").write_text("\n".join(["item", *(f"t{n}" for n in range(50))]) + "\n")
    return folder


@pytest.mark.slow
def test_a_source_is_named_and_opens_a_case(run: Run, folder: Path) -> None:
    """The text, the JSON and the case have the same account, and a second run joins the case."""
    words = ("leak", "attribute", folder / "dump.csv", "--ledger", folder / "a.ledger")
    options = ("--catalogue", folder / "catalogue.csv", "--cases", "cases.sqlite")
    shown = run(*words, *options)
    assert shown.returncode == 0, shown.stderr
    first, *rest = shown.stdout.splitlines()
    assert first.startswith("account u300: A published copy has 150 of its 2,000 items;")
    assert rest[0].startswith("1 of 301 accounts and rings are named. They hold 150 of the 151")
    assert rest[-1] == "1 items of the dump are in neither catalogue nor ledger."
    document = json.loads(run(*words, *options, "--json").stdout)
    assert [one["id"] for one in document["sources"]] == ["u300"]
    cases = json.loads(run("case", "list", "--cases", "cases.sqlite", "--json").stdout)
    assert [(one["subject"], one["verdict"]) for one in cases] == [("u300", "extracting")]
    detail = run("case", "show", "u300", "--cases", "cases.sqlite")
    assert "A published copy has 150 of its 2,000 items" in " ".join(detail.stdout.split())


def test_a_result_is_kept_for_the_pages(run: Run, folder: Path, tmp_path: Path) -> None:
    """``--out`` writes what ``--json`` prints, and the pages read the same sources."""
    words = ("leak", "attribute", folder / "dump.csv", "--ledger", folder / "a.ledger")
    shown = run(*words, "--catalogue", folder / "catalogue.csv", "--out", "copies/one", "--json")
    written = json.loads((tmp_path / "copies/one/attribution.json").read_text())
    assert written == json.loads(shown.stdout)
    (found,), unreadable = written_leaks(tmp_path / "copies")
    assert unreadable == []
    assert found.attribution is not None
    assert [one.id for one in found.attribution.sources] == ["u300"]


def test_a_copy_from_elsewhere_ends_with_status_one(run: Run, folder: Path) -> None:
    """Nobody is named, no case is opened, and the text says what was compared."""
    shown = run(
        "leak", "attribute", folder / "other.csv", "--ledger", folder / "a.ledger",
        "--cases", "cases.sqlite",
    )  # fmt: skip
    assert shown.returncode == 1
    assert shown.stdout.startswith("0 of 301 accounts and rings are named.")
    assert json.loads(run("case", "list", "--cases", "cases.sqlite", "--json").stdout) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--published", "soon"), "'soon' is not a time"),
        (("--date-column", "day"), "has no column 'day'"),
        (("--catalogue", "none.csv"), "cannot be read"),
    ],
)
def test_unusable_options_are_one_line(
    run: Run, folder: Path, words: tuple[str, ...], said: str
) -> None:
    """Wrong times, columns and files are refused with status 2."""
    refused = run("leak", "attribute", folder / "dump.csv", "--ledger", folder / "a.ledger", *words)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_case_of_a_scan_keeps_its_evidence_behind_that_of_the_leak(folder: Path) -> None:
    """The leak comes first in the case of an account, and the evidence of the scan stays."""
    settings = Settings()
    files = LeakFiles(folder / "dump.csv", folder / "a.ledger", folder / "catalogue.csv")
    (found,) = leak_findings(attribute_leak(files, settings), settings)
    of_scan = Evidence("volume", 2_000.0, 90.0, 1e-4, "Took 2,000 items.")
    with open_store(folder / "kept.sqlite") as store, store.writing() as connection:
        record(connection, [replace(found, evidence=(of_scan,))], 1_800_000_000_000_000)
        (status,) = record_leak(connection, [found], 1_800_000_000_000_001)
        kept = findings_about(connection, ["u300", "u1"])
    assert status.case == 1
    assert list(kept) == ["u300"]
    assert [one.test for one in kept["u300"].evidence] == ["leak", "volume"]
