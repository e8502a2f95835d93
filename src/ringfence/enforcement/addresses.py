"""Find the address to connect to, and refuse addresses inside private networks.

A name is resolved once, and the connection goes to the address that was checked. If the name were
resolved again by the connection, its owner could answer with another address by then (DNS
rebinding).
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Thread
from typing import Final

_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""Addresses that a gateway translates to IPv4 (RFC 6052): the last 32 bits are the IPv4 address."""


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

    def settle(addresses: list[str], error: Exception | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(addresses)
        else:
            answer.set_exception(error)

    def resolve() -> None:
        addresses: list[str] = []
        failure: Exception | None = None
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = [str(entry[4][0]) for entry in found]
        except (OSError, UnicodeError) as error:
            failure = error
        # The loop is closed if nobody waits any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, addresses, failure)

    Thread(target=resolve, daemon=True).start()
    return await answer


def is_public(address: str) -> bool:
    """Return whether an address belongs to the public internet, and so does one within it."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = _embedded(ip)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _embedded(ip: IPv6Address) -> IPv4Address | None:
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
