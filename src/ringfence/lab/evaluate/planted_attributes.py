"""Give planted accounts attributes: network, client, device, means of payment, sign-up.

The links of an attack name the attributes that its accounts share. The sharing groups are as large
as in the simulator's scenarios (:data:`~ringfence.lab.simulate.attributes.TOGETHER`). All other
attributes are each account's own. The user of a stolen account signed up and pays, so the planted
takes carry neither; the user's own takes do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ringfence.engine import Engine, Statement, identifier
from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.attributes import (
    BURST,
    CLIENT_NAMES,
    RARE,
    SCRIPT_CLIENT,
    TOGETHER,
    Attributes,
    rotated,
)
from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.origins import Origin, address_sql, client_sql, origin_sql
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Columns, Floats, Integers, Names
from ringfence.stats.seconds import DAY, HOUR

SIGN_UP_BEFORE: Final = 7 * DAY
"""Accounts are created within this number of seconds before their first take; bursts of accounts
before the first take of the attack. Assumption: nobody pays for accounts long before using them."""

_NETWORKS: Final = 1 << 14
"""Number of /24 networks in the range of RFC 6598."""

# Purposes of random numbers: each has its own stream.
_ATTRIBUTES: Final = 83
_UNPAID, _SIGN_UP, _BURST_ENDS, _IN_BURST = range(4)

USUAL_CLIENTS: Final = Statement(
    "evaluate.usual_clients",
    """
SELECT client, count(DISTINCT account) AS accounts
FROM population
WHERE client IS NOT NULL
GROUP BY client
ORDER BY accounts DESC, client
LIMIT 20
""",
)

UNPAID: Final = Statement(
    "evaluate.unpaid",
    """
WITH payers AS (SELECT account, count(payment) AS paid FROM population GROUP BY account)
SELECT avg(CASE WHEN paid = 0 THEN 1.0 ELSE 0.0 END) AS share FROM payers
""",
)


@dataclass(frozen=True)
class PlantedAttributes:
    """The attributes of the accounts of one attack.

    Attributes:
        attack: its name, which starts the names of devices and means of payment.
        accounts: number of accounts.
        stolen: whether the accounts belong to users.
        links: attributes that accounts share.
        seed: of all random choices.
        origin: addresses and clients of accounts from elsewhere; None for places like users'.
    """

    attack: str
    accounts: int
    stolen: bool
    links: Sequence[PlantedLink]
    seed: int
    origin: Origin | None = None

    def visitors(self, engine: Engine) -> Names | None:
        """Return (accounts,) the names of visitors; None if the accounts are not visitors.

        A visitor has the name that a scan of a log without logins gives it.
        """
        if self.origin is None or self.stolen:
            return None
        origin, client = origin_sql(address_sql("network")), client_sql("client", CLIENT_NAMES)
        name = f"{origin} || ' ' || left(md5({client}), 8)"
        return self._origin_texts(engine, self.origin, name)

    def _origin_numbers(self, origin: Origin) -> Columns:
        """Return (accounts,) the numbers of addresses and clients of accounts from elsewhere."""
        attributes = Attributes.of_crowd(self.seed, self.accounts)
        every = np.arange(self.accounts)
        attributes.set_origin(every, origin, self.seed)
        return {"number": every, "network": attributes.home, "client": attributes.client}

    def _origin_texts(self, engine: Engine, origin: Origin, sql: str) -> Names:
        """Return (accounts,) texts of the addresses or clients of accounts from elsewhere."""
        engine.table("visitors", self._origin_numbers(origin))
        rows = engine.rows(f"SELECT {sql} AS text FROM visitors ORDER BY number")  # noqa: S608 - own
        return np.array([text for (text,) in rows], dtype=object)

    def columns(
        self, engine: Engine, wanted: Collection[str], takes: EventColumns, start: int
    ) -> Columns:
        """Return the attributes of the taking account at each take.

        Args:
            engine: its view ``population`` has the attributes of users.
            wanted: columns of the population; no others are returned.
            takes: of all accounts.
            start: second 0 of the takes, in seconds since 1970.

        Returns:
            The wanted columns among ``ip``, ``client``, ``device``, ``payment`` (text or None) and
            ``signed_up`` (datetime64 or NaT), with one value per take.
        """
        found: Columns = {}
        if "ip" in wanted:
            found["ip"] = self._addresses(engine, takes)
        if "client" in wanted:
            found["client"] = self._clients(engine)[takes.account]
        if "device" in wanted:
            found["device"] = self._shared(engine, "device")[takes.account]
        if "payment" in wanted:
            found["payment"] = self._payments(engine)[takes.account]
        if "signed_up" in wanted:
            found["signed_up"] = self._signed_up(takes, start)[takes.account]
        return found

    def _random(self, purpose: int) -> Floats:
        """Return (accounts,) random numbers in [0, 1)."""
        key = np.array([key_of(self.seed, _ATTRIBUTES, purpose)])
        return hashed_uniform(key, np.arange(self.accounts))

    def _together(self, link: PlantedLink) -> Integers:
        """Return (accounts,) the number of each account's attribute; linked accounts share one."""
        return np.arange(self.accounts) // (TOGETHER[link] if link in self.links else 1)

    def _addresses(self, engine: Engine, takes: EventColumns) -> Names:
        """Return (takes,) an address in the account's network, from the range of RFC 6598."""
        if self.origin is not None:
            return self._origin_texts(engine, self.origin, address_sql("network"))[takes.account]
        host = self._networks(takes) % _NETWORKS * 256 + takes.account % 250
        numbers, places = np.unique((100 << 24) + (64 << 16) + host, return_inverse=True)
        texts = [".".join(str(n >> s & 255) for s in (24, 16, 8, 0)) for n in numbers]
        return np.array(texts, object)[places]

    def _networks(self, takes: EventColumns) -> Integers:
        """Return (takes,) the /24 network: the account's own, a shared one, or one per hour."""
        if "rotation" in self.links:
            return rotated(self.seed, takes.account, takes.second // HOUR, _NETWORKS)
        return self._together("network")[takes.account]

    def _clients(self, engine: Engine) -> Names:
        """Return (accounts,) a client as frequent as among users, or a rare one, or a script."""
        if self.origin is not None:
            return self._origin_texts(engine, self.origin, client_sql("client", CLIENT_NAMES))
        if "script" in self.links or "client" in self.links:
            named = CLIENT_NAMES[SCRIPT_CLIENT if "script" in self.links else RARE]
            return np.full(self.accounts, named, dtype=object)
        table = engine.columns(USUAL_CLIENTS)
        if not table["client"].size:
            return np.full(self.accounts, None, dtype=object)
        shares: Floats = np.cumsum(table["accounts"].astype(np.float64))
        numbers = np.arange(self.accounts)
        chance = hashed_uniform(np.full(self.accounts, self.seed % 2**31), numbers)
        places = np.searchsorted(shares, chance * shares[-1], side="right")
        return np.asarray(table["client"][places])

    def _shared(self, engine: Engine, link: PlantedLink) -> Names:
        """Return (accounts,) names of devices or means of payment that no user has."""
        prefix = unused_prefix(engine, link, f"planted {self.attack} {link}")
        return np.array([f"{prefix} {n + 1}" for n in self._together(link)], dtype=object)

    def _payments(self, engine: Engine) -> Names:
        """Return (accounts,) means of payment; unless linked, None as often as among users."""
        if self.stolen:
            return np.full(self.accounts, None, dtype=object)
        named = self._shared(engine, "payment")
        if "payment" not in self.links:
            named[self._random(_UNPAID) < engine.rows(UNPAID)[0][0]] = None
        return named

    def _signed_up(self, takes: EventColumns, start: int) -> npt.NDArray[Any]:
        """Return (accounts,) sign-up times: before the first take, or in bursts before all."""
        if self.stolen:
            return np.full(self.accounts, np.datetime64("NaT", "s"))
        first = np.full(self.accounts, takes.second.max())
        np.minimum.at(first, takes.account, takes.second)
        if "burst" in self.links:
            ends = self._random(_BURST_ENDS)[self._together("burst")] * SIGN_UP_BEFORE
            ahead = ends + self._random(_IN_BURST) * BURST
            first[:] = first.min()
        else:
            ahead = self._random(_SIGN_UP) * SIGN_UP_BEFORE
        return (start + first - ahead.astype(np.int64) - 1).astype("datetime64[s]")


def unused_prefix(engine: Engine, column: str, prefix: str) -> str:
    """Return a prefix that no value begins with in a column of the view ``population``."""
    begins = f"starts_with({identifier(column)}, $prefix)"
    while engine.rows(f"SELECT 1 FROM population WHERE {begins} LIMIT 1", {"prefix": prefix}):  # noqa: S608 - quoted
        prefix = f"{prefix}'"
    return prefix
