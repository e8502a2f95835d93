"""Stores to test on: the same tests run on SQLite and on PostgreSQL.

The migrations run once per database. Each test then gets a copy of that empty store.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from tests.cases.postgresql import server

from ringfence.cases import CaseStore, open_store

NewUrl = Callable[[], str]

_KEPT = 20
"""Databases that are kept, besides the template. No test uses as many, and they are in memory."""


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[str], str]]:
    """Return a function that makes a database from a template and returns its address."""
    numbers = count()
    with server() as address:
        url = make_url(address).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")

        def new(template: str) -> str:
            number = next(numbers)
            name, old = f"store_{number}", number - _KEPT
            with engine.connect() as connection:
                if old > 0:
                    connection.execute(text(f"DROP DATABASE store_{old} WITH (FORCE)"))
                connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
            return url.set(drivername="postgresql", database=name).render_as_string(False)

        open_store(new("template1")).close()
        yield new
        engine.dispose()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of an empty store."""
    path = tmp_path_factory.mktemp("migrated") / "store.sqlite"
    open_store(path).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewUrl:
    """Return a function that makes an empty store of either kind and returns its address."""
    if request.param == "postgresql":
        new: Callable[[str], str] = request.getfixturevalue("postgresql")
        return lambda: new("store_0")
    migrated: Path = request.getfixturevalue("migrated")
    numbers = count()

    def copied() -> str:
        path = tmp_path / f"store-{next(numbers)}.sqlite"
        shutil.copy(migrated, path)
        return str(path)

    return copied


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database of either kind in which nothing is."""
    if request.param == "postgresql":
        new: Callable[[str], str] = request.getfixturevalue("postgresql")
        return new("template1")
    return str(tmp_path / "empty.sqlite")


@pytest.fixture
def url(new_url: NewUrl) -> str:
    """Return the address of an empty store."""
    return new_url()


@pytest.fixture
def store(url: str) -> Iterator[CaseStore]:
    """Return an empty store."""
    with open_store(url) as opened:
        yield opened
