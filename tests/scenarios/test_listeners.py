"""Test that nobody is accused among real listeners, whatever the size of the population."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

import ringfence

LISTENERS = Path(__file__).parents[3] / "shared" / "data" / "listeners-dev.parquet"

pytestmark = [
    pytest.mark.skipif(not LISTENERS.exists(), reason="the listening histories are not here"),
    pytest.mark.xdist_group("listeners"),
]

MONTHS = f"""
SELECT ts, listener || ' ' || strftime(ts, '%Y-%m') AS account, track AS item, artist AS "group",
  seconds
FROM '{LISTENERS}'
"""
"""Each month of a person as an account of its own."""


@pytest.fixture(scope="session")
def months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return all person-months as one file of events."""
    path = tmp_path_factory.mktemp("listeners") / "months.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({MONTHS}) TO '{path}' (FORMAT parquet)")
    return path


def chosen(source: Path, where: str, target: Path) -> Path:
    """Write the events of some accounts to a file."""
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT * FROM '{source}' WHERE {where}) TO '{target}' "
                           "(FORMAT parquet)")  # fmt: skip
    return target


def accounts(source: Path) -> list[str]:
    """Return the names of all accounts in a fixed random order."""
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT DISTINCT account FROM '{source}' ORDER BY 1").fetchall()
    return np.random.default_rng(1).permutation([name for (name,) in rows]).tolist()


def among(names: list[str]) -> str:
    """Return the SQL condition that the account is one of these."""
    return "account IN (" + ", ".join(f"'{name}'" for name in names) + ")"


def nobody_is_accused(source: Path) -> ringfence.ScanResult:
    """Scan with default settings and assert that no account is extracting."""
    result = ringfence.scan(source)
    found = [(f.id, f.p_value) for f in result.findings if f.verdict == "extracting"]
    assert not found
    return result


@pytest.mark.slow
def test_all_person_months_at_once(months: Path) -> None:
    """A scan of 1,606,074 plays accuses nobody."""
    result = nobody_is_accused(months)
    assert result.counts["lines"] == 1_606_074
    assert result.counts["accounts"] == len(accounts(months))


@pytest.mark.slow
def test_batches_of_two_hundred(months: Path, tmp_path: Path) -> None:
    """Scans of two hundred accounts each accuse nobody."""
    names = accounts(months)
    for begin in range(0, len(names), 200):
        where = among(names[begin : begin + 200])
        nobody_is_accused(chosen(months, where, tmp_path / f"{begin}.parquet"))


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(3))
def test_batches_of_twenty(months: Path, tmp_path: Path, batch: int) -> None:
    """Scans of twenty accounts each accuse nobody."""
    where = among(accounts(months)[batch * 20 : batch * 20 + 20])
    result = nobody_is_accused(chosen(months, where, tmp_path / "some.parquet"))
    assert result.counts["accounts"] == 20


@pytest.mark.slow
@pytest.mark.parametrize("person", range(10))
def test_one_person_alone(months: Path, tmp_path: Path, person: int) -> None:
    """An account without others to compare it with is not accused."""
    name = accounts(months)[-1 - person]
    result = nobody_is_accused(chosen(months, among([name]), tmp_path / "one.parquet"))
    assert result.counts["accounts"] == 1
