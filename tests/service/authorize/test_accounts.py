"""Accounts without a login have the names that the reader of logs gives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.events.conftest import Read, engine, read

from ringfence.events import items
from ringfence.service.authorize.accounts import AccountNaming, parameter_reader
from ringfence.service.authorize.requests import ItemReading
from ringfence.settings import Settings

__all__ = ["engine", "read"]

ADDRESSES = (
    "192.0.2.11", "2001:db8:1:2:3:4:5:6", "2001:db8::7", "::1", "::ffff:192.0.2.1", "2001:DB8::A",
    "2001:db8:0:1::", "fe80::1", "64:ff9b::192.0.2.33", "10.0.0.9", "host.example",
)  # fmt: skip
CLIENTS = ("", "Mozilla/5.0 (X11; Linux)", "café", "P")
QUERIES = (
    "user=ann", "x=1&user=ann%40example.org", "user=J%C3%B6rg+M", "user=%ff", "user=a%0Aroot",
    "user=first&user=second", "user=&api_key=KEY9", "api_key=KEY9&user=ann", "api_key=KEY%39",
    "xuser=ann", "a=user=ann", "user=ann#user=bob", "id=3", "", "api_key=&user=",
)  # fmt: skip


def accounts(read: Read, records: list[dict[str, str]], **account: Any) -> list[str]:  # noqa: ANN401
    """Return the account of each record, as a scan names it; empty if there is none."""
    settings = Settings(account=account, items={"preset": "path"})
    lines = (
        json.dumps({"ts": f"2026-03-09T08:{n // 60:02}:{n % 60:02}Z", "url": "/a", **record})
        for n, record in enumerate(records)
    )
    found = read("\n".join(lines).encode(), settings, "log.ndjson").events
    return [event["account"] or "" for event in sorted(found, key=lambda event: event["ts"])]


@pytest.mark.parametrize("key", ["auto", "login", "address", "visitor"])
@pytest.mark.parametrize("prefix", [48, 64, 128])
def test_visitors_have_the_names_of_a_scan(read: Read, key: str, prefix: int) -> None:
    """Every spelling of an address, with and without a client, gives the same name."""
    pairs = [(address, client) for address in ADDRESSES for client in CLIENTS]
    records = [{"ip": address, "client": client} for address, client in pairs]
    naming = AccountNaming(key, prefix)
    expected = accounts(read, records, key=key, ipv6_prefix=prefix)
    assert [naming.visitor(*pair) for pair in pairs] == expected


def test_parameters_have_the_names_of_a_scan(read: Read) -> None:
    """The first login or key of a URI counts, decoded once, and a key is hashed."""
    names = ("user", "api_key")
    records = [{"url": f"/a?{query}", "ip": "192.0.2.1"} for query in QUERIES]
    expected = accounts(read, records, key="login", parameters=names)
    account_of = parameter_reader(names)
    assert [account_of(record["url"]) for record in records] == expected


def test_parameters_of_item_rules_count_by_default() -> None:
    """A preset has parameters of its own; the operator's list replaces it."""
    subsonic = items.preset("subsonic")
    assert ItemReading(subsonic).parameters == subsonic.parameters
    own = ItemReading(subsonic, AccountNaming(parameters=("key",)))
    assert own.parameters == own.keys == ("key",)
    assert ItemReading(subsonic, AccountNaming("address")).parameters == ()


def test_the_folder_of_the_reader_is_that_of_the_test(tmp_path: Path, read: Read) -> None:
    """The comparison reads a real file: a record without an account has none."""
    assert accounts(read, [{"ip": ""}]) == [""]
    assert (tmp_path / "log.ndjson").exists()
