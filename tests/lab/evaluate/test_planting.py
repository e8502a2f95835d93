"""Test planted events: names, columns, stolen accounts, and reproducibility."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest

from ringfence.errors import SettingsError
from ringfence.lab.evaluate import Population, open_population
from ringfence.lab.evaluate.planting import PlantedAttack, plant
from ringfence.lab.simulate.extractors import Downloads, Even, Stolen, Strategy
from ringfence.settings import Settings
from ringfence.testing import account, write_events

RING = Even(accounts=3, per_day=200, days=4)


def planted(
    population: Population, strategy: Strategy, folder: Path, seed: int = 5
) -> PlantedAttack:
    """Plant an attack on the sixth day."""
    return plant(population, "ring", strategy, seed=seed, first_day=5, days=2, scratch=folder)


def columns(planted: PlantedAttack) -> dict[str, np.ndarray]:
    """Read the events."""
    with duckdb.connect() as connection:
        return connection.execute(f"FROM '{planted.events}'").fetchnumpy()


def test_events_are_the_takes(hundred: Population, tmp_path: Path) -> None:
    """Every take of the asked days is an event with the population's columns and names."""
    ring = planted(hundred, RING, tmp_path)
    events = columns(ring)
    assert list(events) == ["ts", "account", "item", *hundred.columns]
    assert events["ts"].size == ring.moment.size == 3 * 2 * 200
    assert np.array_equal(events["ts"].astype("datetime64[s]").astype(np.int64), ring.moment)
    assert (ring.start, ring.end) == (hundred.start + 5 * 86400, hundred.start + 7 * 86400)
    assert ring.start <= ring.moment.min() <= ring.moment.max() < ring.end
    assert list(events["item"]) == list(hundred.item_pool.item_names(ring.item))
    assert np.ma.getmaskarray(events["seconds"]).all()
    assert set(events["surface"]) == {"stream"}
    assert set(events["client"]) <= set(_clients(hundred))


def _clients(population: Population) -> list[str]:
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT DISTINCT client FROM {population.relation}").fetchall()
    return [client for (client,) in rows]


def test_the_same_seed_plants_the_same(hundred: Population, tmp_path: Path) -> None:
    """The file depends on the seed only."""
    strategy = Even(accounts=2, per_day=50, days=2, split="random")
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    same = [planted(hundred, strategy, folder).events.read_bytes() for folder in folders[:2]]
    other = planted(hundred, strategy, folders[2], seed=6).events.read_bytes()
    assert same[0] == same[1]
    assert same[0] != other


def test_names_differ_from_those_of_users(tmp_path: Path, settings: Settings) -> None:
    """If a user has the name of an extractor, the extractors get other names."""
    write_events(tmp_path / "e.parquet", account("planted ring 1", [0, 800_000], [1, 2]))
    population = open_population(str(tmp_path / "e.parquet"), settings, tmp_path)
    names = planted(population, RING, tmp_path).names
    assert list(names) == ["planted ring' 1", "planted ring' 2", "planted ring' 3"]


def test_stolen_accounts_are_active_users(hundred: Population, tmp_path: Path) -> None:
    """Each stolen account is another active user; other attacks steal none."""
    stolen = planted(hundred, Stolen(accounts=20, per_day=10, days=4), tmp_path)
    assert len(set(stolen.names)) == 20
    assert all(name.startswith("user-") for name in stolen.names)
    assert stolen.stolen == set(stolen.names)
    assert planted(hundred, RING, tmp_path).stolen == frozenset()


def test_too_few_users_to_steal_from(hundred: Population, tmp_path: Path) -> None:
    """More stolen accounts than active users raise one line."""
    with pytest.raises(SettingsError, match="needs 101 users to steal from, but 95 are active"):
        planted(hundred, Stolen(accounts=101, per_day=10, days=4), tmp_path)


def test_downloads_have_their_surface(hundred: Population, tmp_path: Path) -> None:
    """The event of a download has the surface download."""
    downloads = planted(hundred, Downloads(accounts=3, days=4), tmp_path)
    assert set(columns(downloads)["surface"]) == {"download"}
