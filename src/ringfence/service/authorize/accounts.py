"""Name the account of a request as the reader of logs does, so that both count the same account.

The login that the gateway names comes first. Without one, a login or key in the URI counts, and
then the visitor: the address, or the address with the client. A test compares the names with those
that the reader gives to the lines of a log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import md5
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import unquote

from ringfence.events.accounts import ENCODED_TEXT
from ringfence.events.secrets import is_login_name, key_name

_WHOLE: Final = 128
_DIGITS: Final = 8
_REMEMBERED: Final = 50_000
_IS_ENCODED: Final = re.compile(ENCODED_TEXT)


@dataclass(frozen=True)
class AccountNaming:
    """Settings that decide which account a request belongs to if the gateway names none.

    Attributes:
        key: as in ``account.key``.
        ipv6_prefix: bits of an IPv6 address that distinguish visitors.
        parameters: query parameters that hold a login or key, in any URI; None for those of the
            item rules, in URIs with an item.
    """

    key: str = "auto"
    ipv6_prefix: int = 64
    parameters: tuple[str, ...] | None = None

    def visitor(self, address: str, client: str) -> str:
        """Return the name of a visitor; empty if visitors are not accounts, or have no address."""
        if self.key == "login" or not address:
            return ""
        origin = _origin(address, self.ipv6_prefix)
        if self.key == "address" or not client:
            return origin
        return f"{origin} {_digits(client)}"


def parameter_reader(names: Sequence[str]) -> Callable[[str], str]:
    """Return a function that returns the login or key in a URI; an empty text if there is none.

    Args:
        names: of the parameters, in the order in which they count.
    """
    searches = [
        (f"{name}=", re.compile(rf"^[^?#]*\?(?:[^#]*?&)??{re.escape(name)}=([^&#]*)").search, name)
        for name in names
    ]

    def account_of(uri: str) -> str:
        for text, search, name in searches:
            match = search(uri) if text in uri else None
            if match and match[1]:
                value = _decoded(match[1])
                return value if is_login_name(name) else key_name(value)
        return ""

    return account_of


def _decoded(value: str) -> str:
    plain = value.replace("+", " ")
    if "%" not in value:
        return plain
    return unquote(plain) if _IS_ENCODED.search(value) else value


@lru_cache(_REMEMBERED)
def _origin(address: str, prefix: int) -> str:
    """Return the part of an address that distinguishes visitors. Another text stays."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(found) if prefix == _WHOLE else str(IPv6Network((int(found), prefix), False))
    return str(found)


@lru_cache(_REMEMBERED)
def _digits(client: str) -> str:
    return md5(client.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:_DIGITS]
