"""Test files and scenarios opened as populations."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from tests.lab.evaluate.conftest import DAYS, with_links

from ringfence.errors import SettingsError, SourceError
from ringfence.lab.evaluate import Population, open_population
from ringfence.settings import Settings
from ringfence.testing import account, together, users, write_events
from ringfence.testing.users import START

SCENARIO = """
days = 3
columns = ["seconds", "group", "surface"]
[catalogue]
items = 5_000
[users]
accounts = 60
kinds = { crawler = 2, collector = 3, granted = 1 }
[[attack]]
name = "greedy"
"""


def test_a_file_is_normalised(hundred: Population) -> None:
    """The population has every take of the file, with its columns, in the order of time."""
    events = users(100, days=DAYS, uses=60)
    assert (hundred.accounts, hundred.events) == (100, events["ts"].size)
    assert hundred.columns == ("group", "surface", "ip", "client", "seconds")
    assert (hundred.start, hundred.days) == (START.astype("int64"), DAYS)
    with duckdb.connect() as connection:
        ts = connection.execute(f"SELECT ts FROM {hundred.relation}").fetchnumpy()["ts"]
    assert np.array_equal(ts, np.sort(events["ts"]))


def test_link_columns_are_copied(linked: Population) -> None:
    """Devices, means of payment and sign-ups are those of the file, after the other columns."""
    events = with_links(users(100, days=DAYS, uses=60))
    assert linked.columns[-3:] == ("device", "payment", "signed_up")
    names = ("account", "device", "payment", "signed_up")
    expected = {tuple(row) for row in zip(*(events[name].tolist() for name in names), strict=True)}
    assert distinct_rows(linked, names) == expected
    assert len(expected) == 100


def distinct_rows(population: Population, names: tuple[str, ...]) -> set[tuple[object, ...]]:
    """Return the distinct values of some columns."""
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {', '.join(names)} FROM {population.relation}")
        return set(found.fetchall())


def test_columns_by_their_own_names(tmp_path: Path, settings: Settings) -> None:
    """The settings name columns that have other names."""
    rows = "".join(f"2025-06-0{1 + n % 3}T10:00:0{n}Z,ann,song {n % 2}\n" for n in range(6))
    (tmp_path / "plays.csv").write_text("wann,wer,was\n" + rows)
    columns = {"ts": "wann", "account": "wer", "item": "was"}
    own = settings.model_copy(
        update={"events": settings.events.model_validate({"columns": columns})}
    )
    population = open_population(str(tmp_path / "plays.csv"), own, tmp_path)
    assert (population.accounts, population.days, population.columns) == (1, 3, ())


def test_account_months(tmp_path: Path, settings: Settings) -> None:
    """Each 30 days become an account over the same days, at the same hours."""
    day = 86_400
    seconds = [3 * 3600, 29 * day + 7200, 30 * day + 60, 95 * day]
    late = account("bo", [50 * day + 23 * 3600], [9])
    write_events(tmp_path / "e.parquet", together(account("ann", seconds, [1, 2, 3, 4]), late))
    months = open_population(str(tmp_path / "e.parquet"), settings, tmp_path, account_months=True)
    assert (months.accounts, months.days) == (4, 30)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT account, CAST(epoch(ts) AS BIGINT) - {months.start} FROM {months.relation} "
            "ORDER BY ALL"
        ).fetchall()
    assert rows == [
        ("ann/1", 3 * 3600), ("ann/1", 29 * day + 7200), ("ann/2", 60), ("ann/4", 5 * day),
        ("bo/1", 23 * 3600),
    ]  # fmt: skip


def test_months_share_the_attributes_of_the_person(tmp_path: Path, settings: Settings) -> None:
    """Each month of an account has its device, card and sign-up."""
    events = with_links(account("user-0001", [0, 31 * 86_400], [1, 2]))
    write_events(tmp_path / "e.parquet", events)
    months = open_population(str(tmp_path / "e.parquet"), settings, tmp_path, account_months=True)
    signed_up = events["signed_up"][0].item()
    assert distinct_rows(months, ("account", "device", "payment", "signed_up")) == {
        ("user-0001/1", "device 0", "card 1", signed_up),
        ("user-0001/2", "device 0", "card 1", signed_up),
    }


def test_a_scenario_is_written_without_its_attacks(tmp_path: Path, settings: Settings) -> None:
    """It has only users, of known kinds, and the item pool uses the names of the events."""
    (tmp_path / "tiny.toml").write_text(SCENARIO)
    population = open_population(str(tmp_path / "tiny.toml"), settings, tmp_path)
    kinds = sorted(population.kind(name) for name in population.kinds)
    assert (kinds.count("crawler"), kinds.count("collector")) == (2, 3)
    assert len(kinds) == 60
    assert sum(map(population.has_bulk_access, population.kinds)) == 3
    with duckdb.connect() as connection:
        seen = connection.execute(
            f'SELECT DISTINCT item, "group" FROM {population.relation}'
        ).fetchall()
    everything = np.arange(population.item_pool.items)
    groups = population.item_pool.group_names(population.item_pool.group_of(everything))
    assert set(seen) <= set(zip(population.item_pool.item_names(everything), groups, strict=True))


def test_another_seed_makes_other_users(tmp_path: Path, settings: Settings) -> None:
    """The seed of a scenario can be replaced."""
    (tmp_path / "tiny.toml").write_text(SCENARIO)
    events = []
    for seed in (1, 2):
        (tmp_path / str(seed)).mkdir()
        opened = open_population(
            str(tmp_path / "tiny.toml"), settings, tmp_path / str(seed), seed=seed
        )
        events.append(opened.events)
    assert events[0] != events[1]


def test_unusable_populations_are_refused(tmp_path: Path, settings: Settings) -> None:
    """A file without takes and a missing scenario raise one line each."""
    (tmp_path / "empty.csv").write_text("ts,account,item\n")
    with pytest.raises(SourceError, match="contains no usable accesses"):
        open_population(str(tmp_path / "empty.csv"), settings, tmp_path)
    with pytest.raises(SettingsError, match="there is no such file"):
        open_population(str(tmp_path / "nowhere.toml"), settings, tmp_path)


def test_an_evaluation_reads_real_names(tmp_path: Path) -> None:
    """Attacks are known by their names, so a key in the settings is not used; it need not exist."""
    log = tmp_path / "a.csv"
    log.write_text("ts,account,item\n2026-03-09T08:00:00Z,ada,1\n2026-03-10T08:00:00Z,bob,2\n")
    settings = Settings(privacy={"pseudonym_key": "missing"})
    population = open_population(str(log), settings, tmp_path)
    rows = duckdb.sql(f"SELECT account FROM {population.relation} ORDER BY account").fetchall()
    assert rows == [("ada",), ("bob",)]
    assert population.settings.privacy.pseudonym_key == ""
