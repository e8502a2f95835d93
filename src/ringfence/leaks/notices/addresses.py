"""Decide whether a link from outside can be stated in a notice.

A notice has the normal form of the register of links, which is visible ASCII. So it cannot reorder,
hide or break the text around it, every recipient copies the same address, and answers find their
link in the register.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from ringfence.errors import LeakError
from ringfence.leaks.register.urls import LONGEST_LINK, normalise_url
from ringfence.visible import visible

NOT_PUBLIC: Final = "has a host that is not public"
"""The reason for which a link within a network is refused."""

_OF_NETWORKS: Final = {"localhost", "local", "internal"}
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""The last label of a name that programs read as an IPv4 address (WHATWG URL, section 3.5)."""


def stated_link(text: str) -> str:
    """Return the normal form of a link that a notice can state.

    Args:
        text: what a person or a program says is a link.

    Raises:
        LeakError: it is not a link, or has characters that cannot be seen, white space, or a
            backslash. Whether its host is public is another question; see :func:`is_public_host`.
    """
    bare = text.strip()
    # The length comes first, so that nothing examines a text of any size.
    if len(bare) <= LONGEST_LINK:
        if visible(bare) != bare:
            raise LeakError("has characters that cannot be seen")
        if any(map(str.isspace, bare)):
            raise LeakError("has a space")
        if "\\" in bare:
            raise LeakError("has a backslash, which programs read differently")
    return normalise_url(bare)


def is_public_host(host: str) -> bool:
    """Return whether a host can be reached from everywhere, as far as its name says.

    Args:
        host: as :func:`ringfence.leaks.register.host_of` returns it.
    """
    try:
        return ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        labels = host.split(".")
        last = labels[-1]
        return len(labels) > 1 and last not in _OF_NETWORKS and not _NUMBER.fullmatch(last)
