"""Open a hundred users over ten days as a population, once per session."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.lab.evaluate import Population, open_population
from ringfence.settings import Settings
from ringfence.stats.arrays import Columns
from ringfence.testing import users, write_events

DAYS = 10


@pytest.fixture(scope="session")
def settings() -> Settings:
    """Return settings with one thread, because tests run in parallel."""
    return Settings.model_validate({"engine": {"threads": 1}})


@pytest.fixture(scope="session")
def hundred(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Population:
    """Return users with the columns that most logs have."""
    folder = tmp_path_factory.mktemp("hundred")
    write_events(folder / "users.parquet", users(100, days=DAYS, uses=60))
    return open_population(str(folder / "users.parquet"), settings, folder)


def with_links(events: Columns) -> Columns:
    """Add devices, sign-ups ten days apart, and means of payment for two of three users."""
    number = np.array([int(name[-4:]) for name in events["account"]])
    made = np.datetime64("2020-01-01T12:00:00") + (number * 10).astype("timedelta64[D]")
    paid = [f"card {n}" if n % 3 else None for n in number]
    device = [f"device {n // 2}" for n in number]
    columns = {"device": device, "payment": paid}
    return {
        **events,
        **{name: np.array(values, dtype=object) for name, values in columns.items()},
        "signed_up": made.astype("datetime64[s]"),
    }


@pytest.fixture(scope="session")
def linked(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Population:
    """Return the same users with every column that events may have."""
    folder = tmp_path_factory.mktemp("linked")
    write_events(folder / "users.parquet", with_links(users(100, days=DAYS, uses=60)))
    return open_population(str(folder / "users.parquet"), settings, folder)
