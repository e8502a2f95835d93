"""The example of the guide as an installed package: checked, run, and found in the files."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import duckdb
import pytest
from tests.evidence.test_registry import install

import ringfence
from ringfence.evidence import EvidenceTest, installed_tests
from ringfence.evidence.registry import ENTRY_POINT_GROUP
from ringfence.testing import CHECKS, Check, extractor, together, users, write_events

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "my-evidence-test.md"


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> EvidenceTest:
    """Return the test of the guide, loaded through the entry point of an installed package."""
    site = tmp_path_factory.mktemp("site")
    page = GUIDE.read_text(encoding="utf-8")
    body = re.search(r"cat > nights\.py <<'END'\n(.*?)^> END$", page, re.DOTALL | re.MULTILINE)
    assert body
    code = re.sub(r"^> ?", "", body[1], flags=re.MULTILINE)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        install(site, "nights", "nights = nights:Nights", code)
        (test,) = installed_tests()
        yield test
    sys.modules.pop("nights", None)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_example_passes_every_check(nights: EvidenceTest, check: Check) -> None:
    """The public checks can be used on a test of another package."""
    check(nights)


@pytest.mark.slow
def test_an_installed_test_takes_part_in_every_scan(nights: EvidenceTest, tmp_path: Path) -> None:
    """Its sentence is in findings.jsonl, its p-values in accounts.parquet, its name on record."""
    events = together(users(60), extractor("night-owl", days=10, hours=20, per_hour=120))
    log = write_events(tmp_path / "events.parquet", events)
    result = ringfence.scan(log, out=tmp_path / "result")
    records = [
        json.loads(line) for line in (tmp_path / "result/findings.jsonl").read_text().splitlines()
    ]
    owl = next(record for record in records if record["id"] == "night-owl")
    (evidence,) = (one for one in owl["evidence"] if one["test"] == "nights")
    assert (evidence["observed"], evidence["supports"]) == (50, "extraction")
    assert evidence["sentence"].startswith("Was in use in 50 hours of the night.")
    with duckdb.connect() as connection:
        smallest, largest = connection.execute(
            "SELECT min(p_nights), max(p_nights) FROM read_parquet(?)",
            [str(tmp_path / "result/accounts.parquet")],
        ).fetchall()[0]
    assert smallest == pytest.approx(2 / 62)
    assert largest <= 1
    assert nights.name in {value for name, value, _ in result.assumptions if "tests" in name}


def test_the_guide_names_the_entry_point_group() -> None:
    """The group in the guide is the one that the registry reads."""
    assert f'[project.entry-points."{ENTRY_POINT_GROUP}"]' in GUIDE.read_text(encoding="utf-8")
