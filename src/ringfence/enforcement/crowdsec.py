"""The form in which CrowdSec gives decisions to its bouncers.

An account that is an address has the scope ``Ip``, one that is a network has ``Range``, and every
other one has ``username``. CrowdSec writes the first two with a capital, and bouncers compare them
so. Source: the API that bouncers read, https://docs.crowdsec.net/docs/local_api/bouncers/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final

from ringfence.cases.effects import Hold
from ringfence.cases.moments import MICROSECONDS_PER_DAY

Scope = str
"""``Ip``, ``Range`` or ``username``."""

IP: Final = "Ip"
RANGE: Final = "Range"
USERNAME: Final = "username"

ORIGIN: Final = "ringfence"
"""The origin of all decisions."""

_TYPES: Final = {"suspend": "ban", "challenge": "captcha", "throttle": "throttle"}
"""The remediation of each effect. Bouncers that do not know ``throttle`` use their fallback."""

_NO_END: Final = 10 * 365 * MICROSECONDS_PER_DAY // 1_000_000
"""Seconds of a decision without end, because a bouncer needs an end: ten years."""


@dataclass(frozen=True)
class BouncerDecision:
    """One account on which a decision has an effect, as a bouncer is told it.

    Attributes:
        account: the account.
        hold: the decision that counts for it.
    """

    account: str
    hold: Hold

    def to_json(self, moment: int) -> str:
        """Return the JSON object.

        Args:
            moment: now, microseconds since 1970; the duration counts from here.
        """
        effect = self.hold.effect
        # Written by hand, because a stream has millions of them. Only the account is outside text.
        return (
            f'{{"duration":"{_remaining(self.hold.until, moment)}","id":{self.hold.decision},'
            f'"origin":"{ORIGIN}","scenario":"ringfence/{effect}","scope":"{scope_of(self.account)}",'
            f'"type":"{_TYPES[effect]}","value":{json.dumps(self.account)}}}'
        )


def scope_of(account: str) -> Scope:
    """Return the scope of an account."""
    if not ("." in account or ":" in account) or "%" in account:
        return USERNAME
    try:
        if "/" in account:
            ip_network(account)
            return RANGE
        ip_address(account)
    except ValueError:
        return USERNAME
    return IP


def names_of_address(address: str) -> list[str]:
    """Return the accounts that an address may be held as: itself, and every network around it.

    Raises:
        ValueError: the text is not an address.
    """
    ip = ip_address(address)
    networks = (ip_network((ip, length), strict=False) for length in range(ip.max_prefixlen + 1))
    return [address, str(ip), *map(str, networks)]


@lru_cache(maxsize=4096)
def duration(seconds: int) -> str:
    """Return a time as Go writes it, such as ``3h59m55s``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _remaining(until: int | None, moment: int) -> str:
    if until is None:
        return duration(_NO_END)
    # Rounded up, so that a bouncer does not end a decision before its time.
    return duration(max(0, -((moment - until) // 1_000_000)))
