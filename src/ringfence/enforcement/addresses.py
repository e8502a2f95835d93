"""Find the address to connect to, and refuse addresses inside private networks.

A name is resolved once, and the connection goes to the address that was checked. If the name were
resolved again by the connection, its owner could answer with another address by then (DNS
rebinding).
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread
from typing import Final

_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""Addresses that a gateway translates to IPv4 (RFC 6052): the last 32 bits are the IPv4 address."""

_GLOBAL: Final = IPv6Network("2000::/3")
"""The only addresses of IPv6 that are given out for use in the public internet."""

_NOT_GLOBAL: Final = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
"""The parts of them for protocols, tunnels and documentation."""

_NOT_GLOBAL_4: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
            "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
"""The addresses of IPv4 that are not public. Source, also of those of IPv6: the registries of
special addresses of IANA, RFC 6890. They are listed here because each version of Python knows
others."""


class PrivateAddressError(Exception):
    """A name leads into a private network."""


async def address_of(host: str, port: int, *, allow_private: bool) -> str:
    """Return the address of a host.

    Raises:
        PrivateAddressError: one of its addresses is not a public one.
        OSError: it has none.
    """
    addresses = await _resolved(host, port)
    if not allow_private and not all(map(is_public, addresses)):
        raise PrivateAddressError
    return addresses[0]


async def _resolved(host: str, port: int) -> list[str]:
    """Return all addresses of a host.

    A name server that hangs cannot be interrupted. The loop's own threads would be waited for at
    the end, so this uses one that is left behind.

    Raises:
        OSError: it has none.
        UnicodeError: it is not a name.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def give_answer(addresses: list[str], error: Exception | None) -> None:
        """Give the answer to the loop, unless nobody waits for it any more."""
        if answer.done():
            return
        if error is None:
            answer.set_result(addresses)
        else:
            answer.set_exception(error)

    def resolve() -> None:
        """Ask the name server, in a thread of its own."""
        addresses: list[str] = []
        failure: Exception | None = None
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = [str(entry[4][0]) for entry in found]
        except (OSError, UnicodeError) as error:
            failure = error
        # The loop is closed if nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(give_answer, addresses, failure)

    Thread(target=resolve, daemon=True).start()
    return await answer


def is_public(address: str) -> bool:
    """Return whether an address belongs to the public internet, and so does one within it."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _NOT_GLOBAL_4)
    inner = _embedded(ip)
    if inner is not None:
        return is_public(str(inner))
    return ip in _GLOBAL and not any(ip in network for network in _NOT_GLOBAL)


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
