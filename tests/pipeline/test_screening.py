"""A screening between two whole scans is never more certain than a whole scan at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ringfence.cases import open_store, record
from ringfence.cases.listing import list_cases
from ringfence.cases.lost_findings import begin_scan, last_scan, lost_findings
from ringfence.events import find_sources
from ringfence.evidence import built_in_tests
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger.account_files import write_accounts
from ringfence.model.exemption import Exemption
from ringfence.pipeline.population_sample import MARGIN, PopulationSample, save_sample
from ringfence.pipeline.screened_findings import record_screened
from ringfence.pipeline.screening import Screening
from ringfence.pipeline.steps import measure
from ringfence.stats.arrays import Columns, Keys
from ringfence.testing import extractor, together, users, write_events
from ringfence.testing.small_ledger import ONE_THREAD
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge

DAY = np.timedelta64(24, "h")
TESTS = built_in_tests()


def fold(ledger: Ledger, events: Columns, file: Path) -> None:
    """Fold events as one source."""
    (source,) = find_sources([write_events(file, events)], ledger.engine.scratch)
    ledger.fold(source)


def whole(ledger: Ledger, place: Path | None = None, sampled: int = 120) -> ScoredAccounts:
    """Judge all accounts, and save a sample of them if a place is given."""
    ledger.compact()
    measured = measure(ledger)
    scored = judge(measured.context, lambda _: None, TESTS)
    if place:
        save_sample(measured, scored, place, sampled)
    return scored


def keys_of(ledger: Ledger, names: list[str]) -> Keys:
    """Return the keys of accounts."""
    query = "SELECT account_key FROM accounts WHERE account IN (SELECT unnest($names))"
    return ledger.engine.columns(query, {"names": names})["account_key"]


@contextmanager
def service(folder: Path, seed: int, sampled: int = 120) -> Iterator[Ledger]:
    """Provide a ledger of users that was scanned; then an account takes 1,200 items in a day."""
    late = extractor("late", days=1, hours=20, per_hour=60)
    late["ts"] = late["ts"] + 22 * DAY
    events = together(users(300, seed=seed), extractor("bold", days=28, hours=9, per_hour=50), late)
    before = events["ts"] < events["ts"].min() + 22 * DAY
    ledger = open_writable(folder / "ledger.duckdb", ONE_THREAD)
    with closing(ledger.engine):
        fold(ledger, {k: v[before] for k, v in events.items()}, folder / "before.parquet")
        whole(ledger, folder / "population.duckdb", sampled)
        fold(ledger, {k: v[~before] for k, v in events.items()}, folder / "after.parquet")
        yield ledger


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_screening_finds_only_what_a_whole_scan_finds(tmp_path: Path, seed: int) -> None:
    """With a sample of 120 of 301 accounts, extractors are found, and nobody else is."""
    with service(tmp_path, seed) as ledger:
        heavy = "SELECT account_key FROM portfolio ORDER BY items DESC LIMIT 12"
        keys = ledger.engine.columns(heavy)["account_key"]
        keys = np.union1d(keys, keys_of(ledger, ["late", "bold"])).astype(np.uint64)
        write_accounts(ledger.engine, tmp_path / "part.duckdb", keys)
        screening = Screening(tmp_path / "population.duckdb", ONE_THREAD, TESTS)
        with closing(screening.engine):
            found = screening.examine(tmp_path / "part.duckdb")
            again = screening.examine(tmp_path / "part.duckdb")
        scored = whole(ledger)
    labels = account_verdicts(scored, ONE_THREAD.verdicts.false_accusation_rate)
    truth = dict(zip(scored.accounts["account"], labels, strict=True))
    assert {one.id for one in found} == {"late", "bold"}
    assert [one.id for one in again] == [one.id for one in found]
    for one in found:
        row = int(np.flatnonzero(scored.accounts["account"] == one.id)[0])
        assert truth[one.id] in {"extracting", one.verdict}
        assert one.p_value >= scored.p_values[row]
        assert one.items == scored.accounts["items"][row]
        assert {e.test for e in one.evidence} == {e.test for e in scored.evidence(row)}


@pytest.mark.slow
def test_a_sample_of_everybody_gives_the_numbers_of_a_whole_scan(tmp_path: Path) -> None:
    """If all accounts are in the sample and examined again, only the margin differs."""
    with service(tmp_path, seed=4, sampled=1_000) as ledger:
        scored = whole(ledger)
        keys = scored.accounts["account_key"].astype(np.uint64)
        write_accounts(ledger.engine, tmp_path / "part.duckdb", keys)
        screening = Screening(tmp_path / "population.duckdb", ONE_THREAD, TESTS)
        with closing(screening.engine):
            found = screening.examine(tmp_path / "part.duckdb")
            assert screening.scored is not None
            assert screening.scored.fused == pytest.approx(scored.fused, rel=1e-6)
    p_values = dict(zip(scored.accounts["account"], scored.p_values, strict=True))
    assert len(found) == 2
    for one in found:
        assert one.p_value == pytest.approx(MARGIN * p_values[one.id], rel=1e-6)


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a sample, and with the rows of an account that began after it."""
    folder = tmp_path_factory.mktemp("late")
    with service(folder, seed=1) as ledger:
        keys = keys_of(ledger, ["late"]).astype(np.uint64)
        write_accounts(ledger.engine, folder / "part.duckdb", keys)
    return folder


@pytest.mark.slow
def test_an_account_with_a_grant_waits_for_the_whole_scan(late: Path) -> None:
    """The rest beside a grant is counted on the whole ledger, so screening says nothing."""
    granted = Exemption(
        0, "late", datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    )
    screening = Screening(late / "population.duckdb", ONE_THREAD, TESTS)
    with closing(screening.engine):
        assert screening.examine(late / "part.duckdb")
        assert screening.examine(late / "part.duckdb", [granted]) == ()


def test_a_test_that_cannot_run_on_the_sample_stops_the_screening(
    late: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer tests than in the whole scan could look more certain, so nobody is judged."""
    screening = Screening(late / "population.duckdb", ONE_THREAD, TESTS)
    with closing(screening.engine):
        monkeypatch.setattr(screening, "_tests", TESTS[:-1])
        assert screening.examine(late / "part.duckdb") == ()


def test_a_screening_opens_new_cases_only(tmp_path: Path, late: Path) -> None:
    """A second screening records nothing, and the next scan is told whom the last one has found."""
    screening = Screening(late / "population.duckdb", ONE_THREAD, TESTS)
    with closing(screening.engine), open_store(tmp_path / "cases.sqlite") as store:
        found = screening.examine(late / "part.duckdb")
        engine, active = screening.engine, screening.population.active
        assert record_screened(store, found, engine, active, ONE_THREAD) == 1
        assert record_screened(store, found, engine, active, ONE_THREAD) == 0
        with store.reading() as connection:
            assert [case.subject for case in list_cases(connection)] == ["late"]


def test_a_case_of_a_screening_counts_with_the_last_scan(tmp_path: Path, late: Path) -> None:
    """The next scan still knows all findings of the scan before, and says which it has lost."""
    screening = Screening(late / "population.duckdb", ONE_THREAD, TESTS)
    with closing(screening.engine), open_store(tmp_path / "cases.sqlite") as store:
        (found,) = screening.examine(late / "part.duckdb")
        with store.writing() as connection:
            begin_scan(connection, 1_000_000)
            record(connection, [replace(found, id="old", accounts=("old",))], 1_000_000)
        record_screened(store, [found], screening.engine, 300, ONE_THREAD)
        with store.reading() as connection:
            assert last_scan(connection) == 1_000_000
            assert len(lost_findings(connection, [], [], 1_000_000)) == 2


def test_facts_survive_their_file() -> None:
    """The facts of a whole scan are the same after they were written and read."""
    facts = PopulationSample(
        accounts=3, active=2, kind="music", columns=("client",), grouped=True, days=9,
        tests=("volume",), items=4, popularity=5.5, own_popularity=False, gates={"hour": 7.0},
    )  # fmt: skip
    assert PopulationSample.from_json(facts.to_json()) == facts


def _listed(name: str, number: int, day: int) -> Columns:
    """Return requests of an account for large pages of search results on one day."""
    pages = extractor(name, days=1, hours=20, per_hour=number // 20)
    size = pages["ts"].size
    return {
        **pages,
        "ts": pages["ts"] + day * DAY,
        "item": np.array([f"search-{n}" for n in range(size)], dtype=object),
        "surface": np.full(size, "search", dtype=object),
        "records": np.full(size, 100),
    }


@pytest.mark.slow
def test_a_screening_finds_a_walk_through_lists(tmp_path: Path) -> None:
    """Lists are rare in the population, but the sample has some, so the test runs on it."""
    people = {**users(300, seed=5), "records": np.full(users(300, seed=5)["ts"].size, 1)}
    before = together(people, *(_listed(f"user-{n:04d}", 20, 3) for n in (17, 170, 290)))
    ledger = open_writable(tmp_path / "ledger.duckdb", ONE_THREAD)
    with closing(ledger.engine):
        fold(ledger, before, tmp_path / "before.parquet")
        whole(ledger, tmp_path / "population.duckdb", 40)
        fold(ledger, _listed("walker", 2_400, 27), tmp_path / "after.parquet")
        write_accounts(ledger.engine, tmp_path / "part", keys_of(ledger, ["walker"]))
        screening = Screening(tmp_path / "population.duckdb", ONE_THREAD, TESTS)
        with closing(screening):
            (finding,) = screening.examine(tmp_path / "part")
        scored = whole(ledger)
        (row,) = np.flatnonzero(scored.accounts["account"] == "walker")
    assert finding.id == "walker"
    assert {e.test for e in finding.evidence} == {e.test for e in scored.evidence(int(row))}
    assert "listings" in {e.test for e in finding.evidence}
