"""Rings from a file of events to findings, files and the terminal."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pytest
from rich.console import Console
from tests.rings.populations import SIZE, Pairs, ring, users

import ringfence
from ringfence.cli.result import render
from ringfence.model.ring_profile import SharedValue
from ringfence.pipeline import ScanResult


def events(pairs: Pairs, seed: int = 0) -> dict[str, np.ndarray]:
    """Return events at random times within twenty days, one per holding."""
    account, item = pairs
    moment = np.random.default_rng(seed).integers(0, 20 * 86_400, account.size)
    return {"moment": moment, "account": account, "item": item}


def write(path: Path, *crowds: dict[str, np.ndarray]) -> Path:
    """Write events to a Parquet file."""
    table = {name: np.concatenate([crowd[name] for crowd in crowds]) for name in crowds[0]}
    with duckdb.connect() as connection:
        connection.register("rows", table)
        connection.execute(
            "COPY (SELECT make_timestamp((1750000000 + moment) * 1000000) AS ts, "
            "'a' || account AS account, 'i' || item AS item, "
            f"'g' || (item // {SIZE}) AS \"group\" FROM rows ORDER BY ts) "
            f"TO '{path}' (FORMAT parquet)"
        )
    return path


@dataclass(frozen=True)
class Case:
    """A scan of users and a ring of thirty."""

    result: ScanResult
    folder: Path
    ring: Pairs


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Scan it into a folder."""
    folder = tmp_path_factory.mktemp("rings")
    rng = np.random.default_rng(3)
    crowd = users(rng, 400)
    members = ring(crowd, 30, 70, rng)
    log = write(folder / "log.parquet", events(crowd), events(members))
    return Case(ringfence.scan(log, out=folder / "out"), folder, members)


@pytest.mark.slow
def test_the_ring_is_a_finding(case: Case) -> None:
    """The finding has all members and no other account, and the union of their holdings."""
    (found,) = (one for one in case.result.findings if one.kind == "ring")
    assert set(found.accounts) == {f"a{n}" for n in np.unique(case.ring[0])}
    assert (found.verdict, found.action) == ("suspect", "challenge")
    assert found.items == found.uses == np.unique(case.ring[1]).size
    assert found.coverage.catalogue == pytest.approx(found.items / case.result.catalogue.items)
    assert found.expected_false == found.p_value <= 1e-3
    assert "Pairs of its 30 accounts share 0 items" in found.evidence[0].sentence
    assert "with holdings of the same size" in found.evidence[0].sentence


def test_files_have_it(case: Case) -> None:
    """findings.jsonl has the ring as documented, and rings.parquet has one row per member."""
    lines = (case.folder / "out/findings.jsonl").read_text(encoding="utf-8").splitlines()
    (said,) = (one for one in map(json.loads, lines) if one["kind"] == "ring")
    with duckdb.connect() as connection:
        table = connection.execute(f"FROM '{case.folder / 'out/rings.parquet'}'").fetchnumpy()
    assert set(table["ring"]) == {said["id"]}
    assert sorted(table["account"]) == sorted(said["accounts"])
    assert table["items"].tolist() == [70] * 30
    assert table["observed"].tolist() == [0] * 30
    assert table["expected"].sum() / 2 == pytest.approx(said["evidence"][0]["expected"], rel=1e-4)


def test_the_terminal_says_it(case: Case) -> None:
    """The headline is that of the report: it counts each account once, and the ring's members."""
    console = Console(file=io.StringIO(), width=80, force_terminal=False)
    render(case.result, console)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert text.startswith(
        "None of 430 accounts extracts the catalogue, as far as this scan can tell.\n"
        "30 accounts are suspect and worth a review. Of all these accounts, 30 accounts \n"
        "act together, as one ring.\n"
    )
    assert "Pairs of its 30 accounts share 0 items" in text


@pytest.mark.slow
def test_the_id_stays_when_others_join(case: Case, tmp_path: Path) -> None:
    """A ring that grows keeps its id, because its first members give it the name."""
    rng = np.random.default_rng(4)
    crowd = users(np.random.default_rng(3), 400)
    held = np.union1d(np.unique(crowd[1]), case.ring[1])
    fresh = np.setdiff1d(held, case.ring[1])[:350]
    late = (20_000 + np.arange(fresh.size) % 5, rng.permutation(fresh))
    later = events(late, seed=5)
    later["moment"] = later["moment"] + 21 * 86_400
    log = write(tmp_path / "log.parquet", events(crowd), events(case.ring), later)
    before = next(one for one in case.result.findings if one.kind == "ring")
    after = next(one for one in ringfence.scan(log).findings if one.kind == "ring")
    assert after.id == before.id
    assert set(before.accounts) < set(after.accounts)


@pytest.mark.slow
def test_tomorrows_scan_goes_on_from_todays(tmp_path: Path) -> None:
    """With a ledger, a ring that an older account joins keeps its id."""
    rng = np.random.default_rng(3)
    crowd = users(rng, 400)
    account, item = ring(crowd, 30, 70, rng)
    late = account >= 10_005
    older = (9_000 + np.zeros(60, np.int64), np.setdiff1d(np.unique(crowd[1]), item)[:60])
    first, ledger = events((account[late], item[late])), tmp_path / "ledger.duckdb"
    second = events((account[~late], item[~late]))
    early = events(older)
    early["moment"] = early["moment"] // 100
    today = ringfence.scan(write(tmp_path / "1.parquet", events(crowd), first), ledger=ledger)
    next_ = ringfence.scan(write(tmp_path / "2.parquet", second, early), ledger=ledger)
    rings = [[f for f in one.findings if f.kind == "ring"] for one in (today, next_)]
    assert [len(found) for found in rings] == [1, 1]
    (before,), (after,) = rings
    assert set(before.accounts) < set(after.accounts)
    assert after.accounts[0] == "a9000"
    assert after.id == before.id
    assert set(next_.accounts.column("ring")) == {"", before.id}


@pytest.mark.slow
def test_a_merged_ring_is_named(case: Case, tmp_path: Path) -> None:
    """A scan says which ring of an earlier scan has merged into which."""
    crowd, ledger = events(users(np.random.default_rng(3), 400)), tmp_path / "ledger.duckdb"
    log = write(tmp_path / "1.parquet", crowd, events(case.ring))
    first = ringfence.scan(log, ledger=ledger)
    (ring_,) = (one for one in first.findings if one.kind == "ring")
    assert not any("has merged into" in note for note in first.notes)
    with duckdb.connect(ledger) as connection:
        for name, part in (("ring-12", "LIMIT 12"), ("ring-6", "LIMIT 6")):
            connection.execute(
                f"INSERT INTO rings SELECT '{name}', account_key FROM rings "
                f"WHERE ring = '{ring_.id}' ORDER BY account_key {part}"
            )
        connection.execute("INSERT INTO rings SELECT 'ring-6', range FROM range(7)")
    again = ringfence.scan(log, ledger=ledger)
    assert [one.id for one in again.findings if one.kind == "ring"] == [ring_.id]
    said = [note for note in again.notes if "has merged into" in note]
    assert said == [
        f"ring-12 has merged into {ring_.id}; its id stays reserved in case they separate"
    ]


@pytest.mark.slow
def test_a_ring_is_found_by_its_device(tmp_path: Path) -> None:
    """A ring too small for the collision search is found by the device that its members share."""
    rng = np.random.default_rng(3)
    crowd = users(rng, 600)
    members = ring(crowd, 10, 13, rng)
    log = write(tmp_path / "log.parquet", events(crowd), events(members))
    linked = tmp_path / "linked.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT *, CASE WHEN account LIKE 'a100__' THEN 'farm' ELSE account END "
            f"AS device FROM '{log}') TO '{linked}' (FORMAT parquet)"
        )
    assert [one for one in ringfence.scan(log).findings if one.kind == "ring"] == []
    (found,) = (one for one in ringfence.scan(linked).findings if one.kind == "ring")
    assert set(found.accounts) == {f"a{n}" for n in range(10_000, 10_010)}
    assert found.verdict == "suspect"
    assert found.ring is not None
    (link,) = found.ring.links
    assert (link.attribute, link.values) == ("device", (SharedValue("farm", 10, 10),))
    assert link.p_value <= 0.01


@pytest.mark.slow
def test_accounts_in_lockstep_are_a_ring(tmp_path: Path) -> None:
    """Twelve accounts that take the same items within seconds on ten days are a ring."""
    rng = np.random.default_rng(5)
    crowd = users(rng, 300)
    taken = rng.choice(np.unique(crowd[1]), 100, replace=False)
    moment = np.sort(rng.integers(0, 10 * 86_400, 100))
    account = 30_000 + np.repeat(np.arange(12), 100)
    together_ = {
        "moment": np.tile(moment, 12) + rng.integers(0, 20, 1_200),
        "account": account,
        "item": np.tile(taken, 12),
    }
    result = ringfence.scan(write(tmp_path / "log.parquet", events(crowd), together_))
    (found,) = (one for one in result.findings if one.kind == "ring")
    assert set(found.accounts) == {f"a{n}" for n in range(30_000, 30_012)}
    assert found.evidence[0].test == "lockstep"
    assert "took the same item within two minutes" in found.evidence[0].sentence
    assert found.items == 100


@pytest.mark.slow
def test_users_alone_are_no_ring(tmp_path: Path) -> None:
    """Without a ring there is no ring finding, and rings.parquet has no row."""
    log = write(tmp_path / "log.parquet", events(users(np.random.default_rng(8), 300)))
    result = ringfence.scan(log, out=tmp_path / "out")
    assert [one for one in result.findings if one.kind == "ring"] == []
    with duckdb.connect() as connection:
        path = tmp_path / "out/rings.parquet"
        rows = connection.execute(f"SELECT count(*) FROM '{path}'").fetchone()
    assert rows == (0,)


def test_the_file_has_one_schema(case: Case, tmp_path: Path) -> None:
    """A file without rings and one with some can be read together."""
    log = write(tmp_path / "log.parquet", events(users(np.random.default_rng(8), 60)))
    ringfence.scan(log, out=tmp_path / "out")
    files = [str(folder / "out/rings.parquet") for folder in (tmp_path, case.folder)]
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT count(ring) FROM read_parquet($files)", {"files": files})
        assert rows.fetchone() == (30,)
