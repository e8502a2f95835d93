"""Networks of addresses, as settings name them."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

AnyNetwork = IPv4Network | IPv6Network

PRIVATE_WORD: Final = "private"
"""The word for all of :data:`PRIVATE_NETWORKS`."""

PRIVATE_NETWORKS: Final = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)
"""Private (RFC 1918, RFC 4193), loopback, link-local and carrier-grade (RFC 6598) networks."""


def parse_networks(names: Sequence[str]) -> tuple[AnyNetwork, ...]:
    """Return the networks that are named in CIDR notation, as single addresses or as ``private``.

    Raises:
        ValueError: a name is not a network, or its address has bits beyond the prefix.
    """
    return tuple(
        _network(one)
        for name in names
        for one in (PRIVATE_NETWORKS if name == PRIVATE_WORD else (name,))
    )


def _network(name: str) -> AnyNetwork:
    try:
        return ip_network(name.strip())
    except ValueError as error:
        raise ValueError(f"{name!r} is not a network; {_advice(name)}") from error


def _advice(name: str) -> str:
    try:
        return f"write {ip_network(name.strip(), strict=False)}"
    except ValueError:
        return f"write one such as 203.0.113.0/24, or {PRIVATE_WORD}"
