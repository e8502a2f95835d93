"""Tell from where somebody logs in, also behind a proxy on the same machine."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.requests import Request

_VISITOR_BITS: Final = 64


def client_address(request: Request) -> str:
    """Return the address of a client, or its network of 64 bits for IPv6; empty without one.

    A proxy on this machine adds the address of its client at the end of ``X-Forwarded-For``. From
    other machines, the header is not read: anybody could write it.

    Args:
        request: as the server has received it.
    """
    peer = request.client.host if request.client else ""
    found = _address(peer)
    if found is not None and found.is_loopback:
        said = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2]
        found = _address(said.strip()) or found
    if found is None:
        return peer
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        # One client may have all addresses of its network.
        return str(IPv6Network((int(found), _VISITOR_BITS), strict=False))
    return str(found)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
