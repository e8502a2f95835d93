"""Where the requests of an attack come from: addresses and clients that no user has.

Networks are numbers, as in :mod:`ringfence.lab.simulate.attributes`. Numbers from
:data:`FOREIGN` on stand for addresses of RFC 6598 (100.64.0.0/10), numbers from :data:`IPV6` on for
networks of 64 bits in the documentation range 2001:db8::/32. Clients from :data:`FORGED` on stand
for browsers with a version of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ringfence.engine import literal
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Integers

FOREIGN: Final = 1 << 24
"""First number of an address of 100.64.0.0/10."""
IPV6: Final = 1 << 32
"""First number of an IPv6 network."""
FORGED: Final = 1 << 16
"""First number of a client that claims to be a browser of some version."""

_NETWORKS: Final = 1 << 14
"""Networks of 24 bits in 100.64.0.0/10."""
_HOSTS: Final = 250
"""Addresses of such a network that are used; the first has number 1."""
_VERSIONS: Final = 60_000
_FORGERIES: Final = (90, 40, 4_000, 2_500, 200)
"""First major version of a forged browser, number of them, first build, number of builds, and
number of patches."""
_FIRST_NETWORK: Final = 11

ClientsName = Literal["usual", "forged", "robot", "single"]


@dataclass(frozen=True)
class Origin:
    """The places and clients of an attack's accounts.

    Attributes:
        networks: number of networks of 24 bits among which the addresses are dealt; 0 for a network
            per account, as through residential proxies. IPv6 addresses are in one network of 48
            bits.
        ipv6: whether every address is an IPv6 network of 64 bits of its own.
        clients: usual (as users have), forged (browsers of many versions), robot (one that claims
            to be a search engine), or single (one browser for all).
    """

    networks: int = 0
    ipv6: bool = False
    clients: ClientsName = "usual"

    def addresses(self, accounts: int, seed: int) -> Integers:
        """Return (accounts,) the numbers of the addresses; no two accounts share one.

        Raises:
            ValueError: the networks have too few addresses.
        """
        account = np.arange(accounts)
        if self.ipv6:
            return IPV6 + account
        networks = min(self.networks or accounts, _NETWORKS)
        if accounts > networks * _HOSTS:
            raise ValueError(f"{networks} networks have too few addresses for {accounts} accounts")
        shift = int(hashed_uniform(np.array([key_of(seed, _FIRST_NETWORK)]), account[:1])[0] * 4096)
        network = (shift + account % networks) % _NETWORKS
        return FOREIGN + network * 256 + 1 + account // networks

    def forged(self, accounts: int, seed: int) -> Integers:
        """Return (accounts,) the numbers of forged browsers, most of them different."""
        chance = hashed_uniform(np.array([key_of(seed, _FIRST_NETWORK + 1)]), np.arange(accounts))
        return FORGED + (chance * _VERSIONS).astype(np.int64)


def address_sql(number: str) -> str:
    """Return the SQL of the address with a number."""
    four = " || '.' || ".join(f"({number} >> {shift} & 255)" for shift in (16, 8, 0))
    foreign = f"({number} - {FOREIGN})"
    return (
        f"CASE WHEN {number} < {FOREIGN} THEN '10.' || {four} "
        f"WHEN {number} < {IPV6} THEN '100.' || (64 + ({foreign} >> 16)) || '.' || "
        f"({foreign} >> 8 & 255) || '.' || ({foreign} & 255) "
        f"ELSE '2001:db8:17:' || printf('%x', 4096 + {number} - {IPV6}) || '::' END"
    )


def origin_sql(address: str) -> str:
    """Return the SQL of the visitor of an address: the address, or its IPv6 network."""
    return f"CASE WHEN contains({address}, ':') THEN {address} || '/64' ELSE {address} END"


def client_sql(code: str, names: Sequence[str]) -> str:
    """Return the SQL of the name of a client, NULL for negative codes."""
    listed = ", ".join(map(literal, names))
    major, majors, build, builds, patches = _FORGERIES
    version = (
        f"({major} + {code} % {majors}) || '.0.' || ({build} + {code} * 7919 % {builds}) "
        f"|| '.' || ({code} % {patches})"
    )
    return (
        f"CASE WHEN {code} >= {FORGED} THEN 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) "
        f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/' || {version} || ' Safari/537.36' "
        f"WHEN {code} >= 0 THEN ([{listed}]::VARCHAR[])[{code} + 1] END"
    )
