"""Addresses in many spellings, and the client of a forwarded list, by Python's own rules."""

from __future__ import annotations

import random
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ringfence.engine import Engine
from ringfence.events.accounts import Identity, origin_select

Address = IPv4Address | IPv6Address


def resolve(
    engine: Engine, records: Sequence[tuple[str | None, str | None]], identity: Identity
) -> list[tuple[str | None, str | None]]:
    """Return client address and origin of (ip, forwarded) records."""
    engine.run("CREATE OR REPLACE TEMP TABLE raw (place INTEGER, ip VARCHAR, forwarded VARCHAR)")
    engine.run(
        "INSERT INTO raw SELECT UNNEST($place), UNNEST($ip), UNNEST($forwarded)",
        {
            "place": list(range(len(records))),
            "ip": [ip for ip, _ in records],
            "forwarded": [forwarded for _, forwarded in records],
        },
    )
    select = origin_select("SELECT * FROM raw", identity, frozenset({"ip", "forwarded"}))
    return engine.rows(f"SELECT client_ip, origin FROM ({select}) AS found ORDER BY place")


def random_address(rng: random.Random) -> Address:
    """Return an address; groups of IPv6 are often 0 or short."""
    if rng.random() < 0.3:
        return IPv4Address(rng.getrandbits(32))
    if rng.random() < 0.1:
        return IPv6Address((0xFFFF << 32) | rng.getrandbits(32))
    groups = [rng.choice([0, 0, rng.getrandbits(16), rng.getrandbits(4)]) for _ in range(8)]
    return IPv6Address(b"".join(group.to_bytes(2, "big") for group in groups))


def spelling(address: Address, rng: random.Random) -> str:
    """Write an address in one of its ways, perhaps with port, brackets or scope."""
    if isinstance(address, IPv4Address):
        return str(address) + rng.choice(["", "", f":{rng.randrange(65536)}"])
    text = rng.choice([str, _exploded, _short, _upper, _one_gap, _dotted_end])(address)
    ending = rng.choice(["", "", "%eth0", "%12"])
    if rng.random() < 0.5:
        return f"[{text}{ending}]" + rng.choice(["", f":{rng.randrange(65536)}"])
    return text + ending


def canonical(address: Address) -> str:
    """Return the text that all spellings of an address have in common."""
    return str(unmapped(address))


def unmapped(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 address, if there is one."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def origin(address: Address, prefix: int) -> str:
    """Return what tells visitors apart: the IPv4 address, or the IPv6 network."""
    plain = unmapped(address)
    if isinstance(plain, IPv4Address) or prefix == 128:
        return str(plain)
    return str(ip_network((plain, prefix), strict=False))


def client(parts: Sequence[str], trusted: Sequence[str]) -> str | None:
    """Return the client of a list, walking from its end."""
    last: str | None = None
    for part in reversed(parts):
        try:
            address = unmapped(ip_address(part.strip()))
        except ValueError:
            return last
        last = str(address)
        if not any(address in ip_network(network) for network in trusted):
            return last
    return last


def _exploded(address: IPv6Address) -> str:
    return address.exploded


def _upper(address: IPv6Address) -> str:
    return address.exploded.upper()


def _short(address: IPv6Address) -> str:
    return ":".join(f"{int(group, 16):x}" for group in address.exploded.split(":"))


def _one_gap(address: IPv6Address) -> str:
    groups = _short(address).split(":")
    if "0" not in groups:
        return str(address)
    first = groups.index("0")
    return ":".join(groups[:first]) + "::" + ":".join(groups[first + 1 :])


def _dotted_end(address: IPv6Address) -> str:
    return ":".join(_short(address).split(":")[:6]) + f":{IPv4Address(int(address) & 0xFFFFFFFF)}"
