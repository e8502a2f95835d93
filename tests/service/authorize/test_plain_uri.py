"""A client cannot get around its allowance by the way in which it writes a URI."""

from __future__ import annotations

import pytest

from ringfence.engine import open_engine
from ringfence.events.items import PRESETS
from ringfence.service.authorize.accounts import AccountNaming
from ringfence.service.authorize.gateways import GATEWAY_PROFILES
from ringfence.service.authorize.plain_uri import plain_uri
from ringfence.service.authorize.requests import (
    NO_ITEM,
    AccessQuestion,
    ItemReading,
    QuestionReader,
)
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
        f"/rest/%73tream?c={'x' * 600}&id=12&u=ann",
    ],
)
def test_an_oddly_written_uri_is_a_take_of_the_same_account(uri: str) -> None:
    """Servers decode such a URI, so it is charged like the plain one, to the same account."""
    assert asked("subsonic", uri)[:3] == asked("subsonic", "/rest/stream?id=12&u=ann")[:3]


@pytest.mark.parametrize(
    "uri",
    ["/tracks/1/../12", "/tracks/1/%2e%2E/12", "/tracks/1/..%2F12", "/%74racks/12", "/tracks%2F12"],
)
def test_a_known_item_in_front_does_not_make_a_take_a_repeat(uri: str) -> None:
    """The item is the one that a server delivers after it has removed the dot segments."""
    assert asked("stream", uri).name == "12"


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("/tracks/a%2Fb", "a%2Fb"),
        ("/tracks/a%7Eb", "a%7Eb"),
        ("/tracks/a.b/..c", "a.b"),
        ("//tracks/12", "12"),
    ],
)
def test_an_item_keeps_the_name_that_the_log_gives_it(uri: str, name: str) -> None:
    """Another name than the judge's would charge an honest account twice."""
    assert asked("stream", uri).name == name


def test_a_page_stays_a_page() -> None:
    """A request without an item is not charged, whatever is encoded in it."""
    for uri in ("/search?q=%61%2F..%2F", "/a.b/%41lbums//x", "/", "//", "/..", "/%2e%2e/%2F"):
        assert asked("stream", uri).item == NO_ITEM


def test_dot_segments_are_removed_as_the_standard_says() -> None:
    """The examples of RFC 3986, section 5.4, as absolute paths."""
    assert plain_uri("/a/b/c/./../../g") == "/a/g"
    assert plain_uri("/../../g") == "/g"
    assert plain_uri("/b/c/..") == "/b/"
    assert plain_uri("/b/c/.?x=/../y") == "/b/c/?x=/../y"
    assert plain_uri("/b/g..%252e/%7Euser") == "/b/g..%252e/~user"
