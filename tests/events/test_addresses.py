"""Every spelling of an address is one address, and a network is a range of them."""

from __future__ import annotations

import random
from ipaddress import ip_address

import pytest
from tests.events.spellings import canonical, origin, random_address, resolve, spelling

from ringfence.engine import Engine
from ringfence.events.accounts import Identity

RANDOM = 4_000


@pytest.mark.parametrize("prefix", [16, 48, 52, 56, 60, 64, 68, 96, 124, 128])
def test_every_spelling_is_the_address_that_python_reads(engine: Engine, prefix: int) -> None:
    """Ports, brackets, scopes, case, zeros and IPv4 inside IPv6 make no difference."""
    rng = random.Random(prefix)  # noqa: S311 - test data
    addresses = [random_address(rng) for _ in range(RANDOM)]
    records = [(spelling(one, rng), None) for one in addresses]
    assert resolve(engine, records, Identity(ipv6_prefix=prefix)) == [
        (canonical(one), origin(one, prefix)) for one in addresses
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.11:52011", "192.0.2.11"),
        ("192.0.2.1%eth0", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("[2001:db8::7]:40110", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:db8::7:40110", "2001:db8::7"),
        ("2001:db8:0:0:0:0:0:7:8080", "2001:db8::7"),
        ("::ffff:192.0.2.1:52011", "192.0.2.1"),
        ("::FFFF:C000:201", "192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("2001:0DB8:0000:0000:0000:0000:0000:0007", "2001:db8::7"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ("fe80::1%25eth0", "fe80::1"),
        ("::", "::"),
    ],
)
def test_what_belongs_to_the_connection_is_cut_off(engine: Engine, text: str, address: str) -> None:
    """A port, a scope and brackets do not belong to the client's address."""
    assert resolve(engine, [(text, None)], Identity())[0][0] == address


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("host.example", "host.example"),
        ("host.example:1234", "host.example"),
        ("localhost", "localhost"),
        ("0f3a+/b9==", "0f3a+/b9=="),
        ("999.1.1.1:80", "999.1.1.1"),
        ("unix:", None),
        ("1:2:3", None),
        ("1::2::3", None),
        (":::", None),
        ("1:2:3:4:5:6:7:8:9:a", None),
        ("192.0.2.1[1", None),
        ("192.0.2.1=1", None),
        ("192.0.2.1 ann", None),
        ("\x1b[31m192.0.2.1", None),
        ("unknown", None),
        ("192.0.2.7-static.example.net", "192.0.2.7-static.example.net"),
        ("192.0.2.*", "192.0.2.*"),
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("192.0.2.7=", None),
        ("192.0.2.7-1", None),
        ("192.0.2.7+0000", None),
        ("-192.0.2.7", None),
        (None, None),
    ],
)
def test_a_host_name_or_code_stays_and_damaged_text_names_nobody(
    engine: Engine, text: str | None, name: str | None
) -> None:
    """A host name or a code is a visitor's address as well; other text is none."""
    assert resolve(engine, [(text, None)], Identity()) == [(name, name)]


def test_two_devices_of_a_household_are_one_visitor(engine: Engine) -> None:
    """With 64 bits the network counts; with 128 every address does."""
    records = [("2001:db8:1:2::7", None), ("2001:db8:1:2:a1b2:c3d4:e5f6:1", None)]
    assert {origin for _, origin in resolve(engine, records, Identity())} == {"2001:db8:1:2::/64"}
    whole = resolve(engine, records, Identity(ipv6_prefix=128))
    assert [origin for _, origin in whole] == [text for text, _ in records]
    assert all(ip_address(ip or "") for ip, _ in whole)
