"""The owner's table says what each account may do, whatever the account is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url
from tests.cases.conftest import NewUrl
from tests.enforcement.effects import effect

from ringfence.enforcement import SinkError
from ringfence.enforcement.sinks.sql import SqlSink

STATEMENT = "UPDATE users SET state = :effect, until = :until WHERE login = :account"
HOSTILE = "x' OR '1'='1'; DROP TABLE users; --"


@pytest.fixture
def address(new_url: NewUrl) -> str:
    """Return the address of an empty database in SQLAlchemy's form."""
    found = new_url()
    if "://" not in found:
        return f"sqlite:///{found}"
    return make_url(found).set(drivername="postgresql+psycopg").render_as_string(False)


@pytest.fixture
def owner(address: str) -> Iterator[Engine]:
    """Return the owner's database, with three users."""
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE users (login TEXT, state TEXT, until TEXT)"))
        users = [{"login": login} for login in ("ann", "bob", HOSTILE)]
        connection.execute(text("INSERT INTO users VALUES (:login, 'free', NULL)"), users)
    yield engine
    engine.dispose()


def states(owner: Engine) -> dict[str, str]:
    """Return the state of each user."""
    with owner.connect() as connection:
        return {row.login: row.state for row in connection.execute(text("SELECT * FROM users"))}


def test_an_account_is_changed_and_freed(owner: Engine, address: str) -> None:
    """Only the account's own row changes, also if its name is SQL."""
    sink = SqlSink("users", address, STATEMENT)
    for account in ("ann", HOSTILE):
        sink.apply(effect(account=account))
    assert states(owner) == {"ann": "suspend", "bob": "free", HOSTILE: "suspend"}
    sink.apply(effect(name="lift", until=None))
    assert states(owner)["ann"] == "lift"


def test_an_unknown_account_is_refused(owner: Engine, address: str) -> None:
    """A statement that changes no row is a dead letter, not a success."""
    with pytest.raises(SinkError, match="changes no row") as caught:
        SqlSink("users", address, STATEMENT).apply(effect(account="nobody"))
    assert not caught.value.retry
    assert set(states(owner).values()) == {"free"}


@pytest.mark.parametrize("statement", ["UPDATE nothing SET a = 1", "nonsense", "SELECT :missing"])
def test_a_wrong_statement_is_tried_again(address: str, statement: str) -> None:
    """The operator can repair it; the error shows neither the values nor the address."""
    with pytest.raises(SinkError, match="the database refuses") as caught:
        SqlSink("users", address, statement).apply(effect(account="hunter2"))
    assert caught.value.retry
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://u:hunter2@127.0.0.1:1/x", "nothing", "no+such://u:hunter2@h/x"]
)
def test_a_wrong_address_tells_no_password(url: str) -> None:
    """An address that cannot be used is an error that may pass, and is not shown."""
    sink = SqlSink("users", url, STATEMENT)
    with pytest.raises(SinkError, match="the database refuses") as caught:
        sink.apply(effect())
    assert "hunter2" not in str(caught.value) + repr(sink)
