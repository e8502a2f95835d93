"""The client is the last address in the forwarded list that is not trusted."""

from __future__ import annotations

import random
import time

import pytest
from tests.events.spellings import client, resolve

from ringfence.engine import Engine
from ringfence.events.accounts import Identity
from ringfence.model.networks import PRIVATE_NETWORKS, parse_networks

TRUSTED = ("private", "198.51.100.0/24", "203.0.113.128/25", "2001:db8:ffff::/48")
IDENTITY = Identity(trusted=parse_networks(TRUSTED))
PARTS = (
    "192.0.2.11", "192.0.2.12", "198.51.100.7", "203.0.113.4", "203.0.113.200", "10.0.0.1",
    "172.31.255.255", "172.32.0.0", "100.64.0.1", "127.0.0.1", "169.254.7.7", "2001:db8::7",
    "2001:db8:ffff::1", "fd00::1", "::1", "fe80::5", "::ffff:10.0.0.9", "unknown", "_hidden", "",
    "999.1.1.1", "10.0.0", "x\x00y", "'; DROP TABLE raw; --",
)  # fmt: skip


def chosen(engine: Engine, ip: str | None, forwarded: str | None, identity: Identity) -> str | None:
    """Return the client of one record."""
    return resolve(engine, [(ip, forwarded)], identity)[0][0]


def test_any_mix_of_trusted_and_other_parts_is_walked_from_its_end(engine: Engine) -> None:
    """The result is that of the rule written in Python, with and without a peer address."""
    rng = random.Random(1)  # noqa: S311 - test data
    networks = (*PRIVATE_NETWORKS, *TRUSTED[1:])
    lists = [[rng.choice(PARTS) for _ in range(rng.randint(2, 7))] for _ in range(5_000)]
    listed = resolve(engine, [(", ".join(parts), None) for parts in lists], IDENTITY)
    assert [ip for ip, _ in listed] == [client(parts, networks) for parts in lists]
    peers = ["10.0.0.1", "198.51.100.9", "192.0.2.200", "2001:db8:ffff::9"]
    records = [(rng.choice(peers), ",".join(parts)) for parts in lists]
    split = resolve(engine, records, IDENTITY)
    assert [ip for ip, _ in split] == [
        client([*parts, peer], networks) for parts, (peer, _) in zip(lists, records, strict=True)
    ]


@pytest.mark.parametrize(
    ("ip", "forwarded", "address"),
    [
        ("192.0.2.9", "198.51.100.99", "192.0.2.9"),
        ("10.0.0.1", "192.0.2.11, 203.0.113.200", "192.0.2.11"),
        ("10.0.0.1:443", "192.0.2.11:1234, [2001:db8:ffff::1]:443", "192.0.2.11"),
        ("10.0.0.1", "10.1.1.1, 10.0.0.3", "10.1.1.1"),
        ("10.0.0.1", "192.0.2.1, unknown, 10.0.0.3", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("unix:", "192.0.2.7", "192.0.2.7"),
        ("localhost", "192.0.2.7", "192.0.2.7"),
        ("proxy.example", "192.0.2.7", "proxy.example"),
        ("192.0.2.1, unknown", None, None),
        (None, "192.0.2.1, 10.0.0.1", "192.0.2.1"),
        ("10.0.0.1", 'for="[2001:DB8::1]:443";proto=https, for=10.0.0.3', "2001:db8::1"),
        ("10.0.0.1", "For=192.0.2.60;proto=http;by=10.0.0.5", "192.0.2.60"),
        ("10.0.0.1", "192.0.2.5, for=_hidden", "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_that_is_not_trusted(
    engine: Engine, ip: str | None, forwarded: str | None, address: str | None
) -> None:
    """The header of a peer that is not trusted counts for nothing; garbage ends the walk."""
    assert chosen(engine, ip, forwarded, IDENTITY) == address


@pytest.mark.parametrize("documentation", ["192.0.2.7", "198.51.100.7", "203.0.113.7"])
def test_documentation_ranges_are_not_trusted_by_default(
    engine: Engine, documentation: str
) -> None:
    """Examples in documentation stand for public addresses."""
    default = Identity(trusted=parse_networks(["private"]))
    assert chosen(engine, "10.0.0.1", f"192.0.2.1, {documentation}", default) == documentation


def test_without_trusted_proxies_no_header_is_believed(engine: Engine) -> None:
    """An empty list of networks means that the peer is the client."""
    assert chosen(engine, "10.0.0.1", "192.0.2.1", Identity()) == "10.0.0.1"


@pytest.mark.parametrize(
    "hostile",
    [
        "," * 100_000,
        "10.0.0.1," * 100_000,
        "192.0.2.1, " + "x" * 1_000_000,
        "[" * 100_000,
        ":" * 100_000,
        '"for=' * 50_000,
        "1.1.1." * 50_000,
    ],
    ids=["commas", "trusted", "long", "brackets", "colons", "elements", "dots"],
)
def test_a_hostile_list_takes_no_longer_than_its_length(engine: Engine, hostile: str) -> None:
    """Very long lists are read from their end only, and never become a name."""
    begin = time.perf_counter()
    address = chosen(engine, "10.0.0.1", hostile, IDENTITY)
    assert address in {"10.0.0.1", "10.0.0.3"}
    assert time.perf_counter() - begin < 5
