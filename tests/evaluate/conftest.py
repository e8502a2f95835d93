"""A hundred readers over ten days, opened once as a population."""

from __future__ import annotations

import pytest

from ringfence.evaluate import Population, open_population
from ringfence.settings import Settings
from ringfence.testing import readers, write_events

DAYS = 10


@pytest.fixture(scope="session")
def settings() -> Settings:
    """One thread: tests run side by side."""
    return Settings.model_validate({"engine": {"threads": 1}})


@pytest.fixture(scope="session")
def hundred(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Population:
    """Readers with every column that events may have."""
    folder = tmp_path_factory.mktemp("hundred")
    write_events(folder / "readers.parquet", readers(100, days=DAYS, uses=60))
    return open_population(str(folder / "readers.parquet"), settings, folder)
