"""Stores to test on: the same tests run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from tests.cases.postgresql import server

from ringfence.cases import CaseStore, open_store

NewUrl = Callable[[], str]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[NewUrl]:
    """Return a function that makes an empty database and returns its address."""
    numbers = count()
    with server() as address:
        url = make_url(address).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")

        def new() -> str:
            name = f"store_{next(numbers)}"
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            return url.set(drivername="postgresql", database=name).render_as_string(False)

        yield new
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Return a function that returns the address of an empty database of either kind."""
    if request.param == "postgresql":
        made: NewUrl = request.getfixturevalue("postgresql")
        return made
    numbers = count()
    return lambda: str(tmp_path / f"store-{next(numbers)}.sqlite")


@pytest.fixture
def url(new_url: NewUrl) -> str:
    """Return the address of an empty database."""
    return new_url()


@pytest.fixture
def store(url: str) -> Iterator[CaseStore]:
    """Return an empty store."""
    with open_store(url) as opened:
        yield opened
