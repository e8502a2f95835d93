"""The owner's table says what each account may do, whatever the account is named."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url
from tests.cases.conftest import NewUrl
from tests.enforcement.effects import effect

from ringfence.enforcement import SinkError
from ringfence.enforcement.sinks import sql
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


def test_a_statement_that_changes_several_rows_changes_none(owner: Engine, address: str) -> None:
    """One decision must not suspend others, also if the statement is wrong."""
    wrong = "UPDATE users SET state = :effect WHERE :account = :account"
    with pytest.raises(SinkError, match="changes several rows") as caught:
        SqlSink("users", address, wrong).apply(effect())
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


@contextmanager
def hanging_server(behind: str) -> Iterator[str]:
    """Give the address of a server that answers until it is sent an UPDATE, and then hangs."""

    def forward(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while (piece := source.recv(65_536)) and b"UPDATE" not in piece:
                target.sendall(piece)

    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(folder) / ".s.PGSQL.5432"))
        listener.listen()
        held: list[socket.socket] = []

        def serve() -> None:
            client, server = listener.accept()[0], socket.socket(socket.AF_UNIX)
            held.extend((client, server))
            server.connect(behind)
            threading.Thread(target=forward, args=(server, client), daemon=True).start()
            forward(client, server)

        threading.Thread(target=serve, daemon=True).start()
        yield folder
        for one in held:
            one.close()


def test_a_server_that_hangs_is_left(
    postgresql: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that stops to answer within a statement is an error after the time-out."""
    url = make_url(postgresql("store_0")).set(drivername="postgresql+psycopg")
    monkeypatch.setattr(sql, "_SECONDS", 2)
    began = time.monotonic()
    with hanging_server(f"{url.query['host']}/.s.PGSQL.5432") as folder:
        there = url.update_query_dict({"host": folder}).render_as_string(False)
        with pytest.raises(SinkError, match="the database refuses") as caught:
            SqlSink("users", there, STATEMENT).apply(effect())
    assert caught.value.retry
    assert 1 < time.monotonic() - began < 10


def test_a_statement_without_end_is_left(
    owner: Engine, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that runs for too long is stopped, and nothing of it stays."""
    monkeypatch.setattr(sql, "_SECONDS", 1)
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
        "UPDATE users SET state = :effect WHERE (SELECT max(i) FROM n) > 0"
    )
    with pytest.raises(SinkError, match="the database refuses") as caught:
        SqlSink("users", address, endless).apply(effect())
    assert caught.value.retry
    assert set(states(owner).values()) == {"free"}
