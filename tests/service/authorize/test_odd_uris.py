"""A client cannot get around its allowance by the way in which it writes a URI."""

from __future__ import annotations

from datetime import datetime

import pytest
from tests.events.items.test_plain_url import hostile

from ringfence.engine import identifier, literal, open_engine
from ringfence.events.accounts import Identity
from ringfence.events.event_sql import typing_select
from ringfence.events.formats import RAW_COLUMNS
from ringfence.events.items import PRESETS, Preset
from ringfence.service.authorize.accounts import AccountNaming
from ringfence.service.authorize.gateways import GATEWAY_PROFILES
from ringfence.service.authorize.requests import (
    NO_ITEM,
    AccessQuestion,
    ItemReading,
    QuestionReader,
)
from ringfence.service.exposure.keys import name_hash
from ringfence.settings import EngineSettings

RULES = {one.name: one for one in PRESETS}
NAMING = AccountNaming(parameters=("u",))


def asked(rules: str, uri: str) -> AccessQuestion:
    """Return what the gateway asks for a URI, of a service with these item rules."""
    with open_engine(EngineSettings(threads=1)) as engine:
        reader = QuestionReader(bytes(32), ItemReading(RULES[rules], NAMING), engine)
        headers = {"x-original-uri": uri, "x-ringfence-address": "192.0.2.1"}
        return reader.read(GATEWAY_PROFILES["nginx"], headers, "GET")


@pytest.mark.parametrize(
    "uri",
    [
        "/rest/%73tream?id=12&u=ann",
        "/rest/stream?%69d=12&%75=ann",
        "/rest/stream?%69d=12&u=ann&id=7&u=ben",
        "/rest//stream?id=12&u=%61nn",
        "/rest/./stream?id=12&u=ann",
        "/rest/ping/../stream?id=12&u=ann",
        "/rest%2Fstream?id=12&u=ann",
        "/rest/stream;x=1?id=12&u=ann",
        "/rest/stream;x?id=12&u=ann",
        "/rest;2-x//stream%3By?id=12&u=ann",
        "/rest/;x/stream?id=12&u=ann",
        "/rest/stream/?id=12&u=ann",
        "/rest/stream/;x?id=12&u=ann",
        f"/rest/%73tream?c={'x' * 600}&id=12&u=ann",
    ],
)
def test_an_oddly_written_uri_is_a_take_of_the_same_account(uri: str) -> None:
    """Servers decode such a URI, so it is charged like the plain one, to the same account."""
    assert asked("subsonic", uri)[:3] == asked("subsonic", "/rest/stream?id=12&u=ann")[:3]


@pytest.mark.parametrize(
    "uri",
    [
        "/tracks/1/../12",
        "/tracks/1//../12",
        "/tracks/1/%2e%2E/12",
        "/tracks/1/..%2F12",
        "/%74racks/12",
        "/tracks%2F12",
        "/tracks/1/..;/12",
        "/tracks/1;x/..;y=2/12",
        "/tracks/1/..%3Bx/12",
        "/tracks/1/%2e.;/12",
        "/tracks;x/12/tracks/1",
        "/tracks/;x/12",
        "/tracks/%3Bx//12",
        "/tracks//12?from=/tracks/1",
        "/tracks;x/12#/tracks/1;y",
        "/tracks/12;x=1",
        "/tracks/12;jsessionid=8F2A.node1;y=2",
    ],
)
def test_a_known_item_in_front_does_not_make_a_take_a_repeat(uri: str) -> None:
    """The item is the one that a server delivers after it has removed the dot segments."""
    assert asked("stream", uri).name == "12"


def test_each_item_is_new_where_servers_resolve_dot_segments_differently() -> None:
    """Tomcat delivers item 12 for the first URI, and other servers what is named in the second."""
    names = {asked("stream", f"/tracks/1/;x/../{item}").name for item in (12, 13)}
    names |= {asked("stream", f"/tracks/{item}/%3Bx=1/.%2E/stream").name for item in (12, 13)}
    assert len(names - {"", "1", "stream"}) == 4
    assert asked("stream", "/pages/;x/../12").item == NO_ITEM


@pytest.mark.parametrize(
    "uri",
    [
        "/rest/..;x/../stream?id={}&u=ann",
        "/rest/.;/x/../stream?id={}&u=ann",
        "/rest//../stream?id={}&u=ann",
        "/rest;x%2Fstream?id={}&u=ann",
    ],
)
def test_a_uri_that_only_some_servers_deliver_is_charged_each_time(uri: str) -> None:
    """Many servers resolve ``..;x/..``, some keep empty segments, and others decode slashes."""
    first, second = (asked("subsonic", uri.format(item)) for item in (12, 13))
    assert NO_ITEM not in {first.item, second.item}
    assert first.item != second.item
    assert first.account == asked("subsonic", "/rest/stream?id=12&u=ann").account


@pytest.mark.parametrize("uri", ["/tracks/%2F/{}", "/tracks/.;/../{}", "/tracks/..;/%2e%2e/{}"])
def test_a_segment_of_no_item_is_no_known_item(uri: str) -> None:
    """To nginx, these are items 12 and 13, which one name would make repeats of each other."""
    first, second = (asked("stream", uri.format(item)) for item in (12, 13))
    assert first.item != second.item


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("/tracks/a%2Fb", "a%2Fb"),
        ("/tracks/a%7Eb", "a~b"),
        ("/tracks/a.b/..c", "a.b"),
        ("//tracks/12", "12"),
        ("/tracks/3.0.CO;2-K", "3.0.CO;2-K"),
        ("/tracks/3.0.CO%3B2-K", "3.0.CO%3B2-K"),
    ],
)
def test_an_item_keeps_the_name_that_the_log_gives_it(uri: str, name: str) -> None:
    """Another name than the judge's would charge an honest account twice."""
    assert asked("stream", uri).name == name


def test_a_page_stays_a_page() -> None:
    """A request without an item is not charged, whatever is encoded in it."""
    for uri in ("/search?q=%61%2F..%2F", "/a.b/%41lbums//x", "/", "//", "/..", "/%2e%2e/%2F"):
        assert asked("stream", uri).item == NO_ITEM


def printable() -> list[str]:
    """Return hostile URIs that a header can contain."""
    return [uri for uri in hostile(1_500) if uri.isascii() and uri.isprintable()]


def typed(uris: list[str], item: str, rules: Preset | None) -> str:
    """Return a SELECT of events with these URIs; the item is SQL."""
    listed = ", ".join(map(literal, uris))
    names = (identifier(name) for name in RAW_COLUMNS if name not in {"url", "item"})
    columns = ", ".join(f"NULL AS {name}" for name in names)
    urls = f"(SELECT unnest([{listed}]) AS url) AS step"
    return typing_select(
        f"SELECT {columns}, url, url AS written, {item} AS item FROM {urls}",
        "CAST('2026-03-01' AS TIMESTAMP)", Identity("auto", parameters=("u",)), rules,
        signed_up="CAST(NULL AS TIMESTAMP)", seconds="CAST(NULL AS DOUBLE)",
        present=frozenset({"url"}), horizon=datetime(2030, 1, 1), carried=("written",),  # noqa: DTZ001
    )  # fmt: skip


def test_a_login_in_an_odd_uri_is_the_same_account_if_events_name_their_items() -> None:
    """There are no item rules then, but the URI may still name the account."""
    odd = {*(f"{uri}?%75=ann" for uri in printable()), "/a?%75=%61nn", "/%61?x=1;y&u=ann%2Fb"}
    number, accounts, differing = name_hash(bytes(32)), set(), []
    with open_engine(EngineSettings(threads=1)) as engine:
        reader = QuestionReader(bytes(32), ItemReading(None, NAMING), engine)
        typing = typed(sorted(odd), "'i1'", None)
        for uri, account in engine.rows(f"SELECT written, account FROM ({typing}) AS typed"):
            headers = {"x-original-uri": uri, "x-ringfence-item": "i1"}
            asked = reader.read(GATEWAY_PROFILES["nginx"], headers, "GET")
            accounts.add(account)
            if asked.account != (account and number(account)):
                differing.append((uri, asked, account))
    assert differing == []
    assert {"ann", "ann/b"} < accounts


@pytest.mark.parametrize("rules", ["subsonic", "stream"])
def test_a_scan_counts_the_takes_that_the_gateway_counts(rules: str) -> None:
    """The lines of a log with odd URIs have the item and the account of the gateway's question."""
    odd = {
        *printable(),
        *("/rest/%73tream?id=1&%75=ann", "/rest//stream?id=2&u=%61nn", "/%74racks/3?u=ann"),
        *("/rest/stream;x?id=7&u=ann", "/tracks;y/8?u=ann", "/tracks/1/..;/9?u=ann"),
        *("/tracks/1/../4?u=ann", "/tracks%2F5?%75=ann", "//tracks//6?u=ann"),
    }
    typing = typed(sorted(odd), "CAST(NULL AS VARCHAR)", RULES[rules])
    number, differing, takes = name_hash(bytes(32)), [], 0
    with open_engine(EngineSettings(threads=1)) as engine:
        reader = QuestionReader(bytes(32), ItemReading(RULES[rules], NAMING), engine)
        found = engine.rows(f"SELECT written, account, item, outcome FROM ({typing}) AS typed")
        for uri, account, item, outcome in found:
            asked = reader.read(GATEWAY_PROFILES["nginx"], {"x-original-uri": uri}, "GET")
            is_take = outcome in {None, "no-account"}
            takes += outcome is None
            expected = (item, account and number(account)) if is_take else ("", asked.account)
            if (asked.name, asked.account) != expected:
                differing.append((uri, asked, item, account, outcome))
    assert differing == []
    assert takes >= 2
