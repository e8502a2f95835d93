"""The account is the login of the log, else a login or key in the URL, else the visitor."""

from __future__ import annotations

import time
from typing import Any

import pytest
from tests.events.conftest import Read

from ringfence.events.secrets import key_name
from ringfence.settings import Settings


def line(target: str, login: str = "-", ip: str = "192.0.2.11") -> str:
    """A combined line."""
    return f'{ip} - {login} [09/Mar/2026:08:00:00 +0000] "GET {target} HTTP/1.1" 200 9 "-" "P"\n'


def accounts(read: Read, lines: list[str], **account: Any) -> list[str | None]:  # noqa: ANN401
    """Return the account of each line."""
    settings = Settings(account=account, items={"preset": "path"})
    return [event["account"] for event in read("".join(lines).encode(), settings).events]


@pytest.mark.parametrize(
    ("query", "account"),
    [
        ("user=ann", "ann"),
        ("x=1&user=ann%40example.org", "ann@example.org"),
        ("user=J%C3%B6rg+M", "Jörg M"),
        ("user=%ff", "%ff"),
        ("user=a%0Aroot", "a%0Aroot"),
        ("user=first&user=second", "first"),
        ("user=&api_key=KEY9", key_name("KEY9")),
        ("api_key=KEY9&user=ann", "ann"),
        ("api_key=KEY%39", key_name("KEY9")),
    ],
)
def test_parameters_name_the_account(read: Read, query: str, account: str) -> None:
    """Values are decoded once if they are text, and keys are hashed."""
    assert accounts(read, [line(f"/a?{query}")], parameters=["user", "api_key"]) == [account]


@pytest.mark.parametrize("target", ["/user=ann", "/a?User=ann", "/a?xuser=ann", "/a#?user=ann"])
def test_only_a_parameter_of_this_name_counts(read: Read, target: str) -> None:
    """Paths, fragments, and names in another case are not parameters."""
    (account,) = accounts(read, [line(target)], parameters=["user"])
    assert account is not None
    assert account.startswith("192.0.2.11 ")


def test_the_order_is_login_then_parameter_then_visitor(read: Read) -> None:
    """The key login takes parameters, too; visitor and address do not."""
    lines = [line("/a?user=ann", login="bob"), line("/b?user=ann"), line("/c")]
    assert accounts(read, lines, parameters=["user"])[:2] == ["bob", "ann"]
    assert accounts(read, lines, key="login", parameters=["user"]) == ["bob", "ann", None]
    assert accounts(read, lines, key="address", parameters=["user"]) == ["192.0.2.11"] * 3


def test_a_key_is_in_no_column_of_an_event(read: Read) -> None:
    """An item that is a URL with its query loses the key, so it is one item for all."""
    rule = {"pattern": r"(?P<item>/data.*)"}
    settings = Settings(account={"parameters": ["licence"]}, items={"rules": [rule]})
    log = "".join(line(f"/data?licence=KEY{n}&id=3") for n in range(2))
    events = read(log.encode(), settings).events
    assert {event["item"] for event in events} == {"/data?licence=&id=3"}
    assert "KEY0" not in str(events)


@pytest.mark.parametrize("key", ["auto", "login", "address", "visitor"])
def test_an_event_without_an_account_is_not_a_take(read: Read, key: str) -> None:
    """The outcome says so exactly where the name is missing."""
    lines = [line("/a", ip=ip, login=login) for ip in ("unknown", "192.0.2.1, unknown", "10.0.0.1",
             "2001:db8::7", "[::1]:80", "host.example") for login in ("-", "ann")]  # fmt: skip
    settings = Settings(account={"key": key}, items={"preset": "path"})
    events = read("".join(lines).encode(), settings).events
    assert events
    assert all((e["account"] is None) == (e["outcome"] == "no-account") for e in events)


def test_takes_are_counted_without_a_long_preparation(read: Read, engine: Any) -> None:  # noqa: ANN401
    """A filter on takes is planned at once, however many steps an address goes through."""
    read(line("/a").encode())
    begin = time.process_time()
    engine.rows(
        "SELECT any_value(account), client, ip FROM events WHERE outcome IS NULL GROUP BY 2, 3"
    )
    assert time.process_time() - begin < 1.5
