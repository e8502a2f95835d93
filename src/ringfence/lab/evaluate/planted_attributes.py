"""What planted accounts carry besides their takes: network, client, device, payment, sign-up.

An attack's links say what its accounts share, so many of them together as in the simulator's own
scenarios (:data:`~ringfence.lab.simulate.attributes.TOGETHER`); what they do not share is each
one's own. A stolen account is the user's who signed up and pays: its planted takes say nothing of
either, those of the user do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ringfence.engine import Engine, Statement, identifier
from ringfence.lab.evaluate.population import DAY
from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.attributes import BURST, CLIENTS, RARE, SCRIPT, TOGETHER, rotated
from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Columns, Floats, Integers, Names

MADE_BEFORE: Final = 7 * DAY
"""Accounts are made for the attack within so many seconds before their first take, bursts of them
before the attack's. Assumed: nobody pays for accounts long before they are used."""

_HOUR: Final = 3600
_NETWORKS: Final = 1 << 14
"""Networks (/24) in RFC 6598's range."""

# What numbers are drawn for.
_CARRIED: Final = 83
_UNPAID, _MADE, _BURST_ENDS, _IN_BURST = range(4)

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
    """What decides what the accounts of one attack carry.

    Attributes:
        attack: its name; devices and means of payment are called after it.
        accounts: how many there are.
        stolen: whether they are users' accounts.
        links: what they share.
        seed: of all that is random.
    """

    attack: str
    accounts: int
    stolen: bool
    links: Sequence[PlantedLink]
    seed: int

    def of(
        self, engine: Engine, wanted: Collection[str], takes: EventColumns, start: int
    ) -> Columns:
        """Return what accounts carry at each of their takes.

        Args:
            engine: its view ``population`` says what users carry.
            wanted: columns that the population has; others are not made.
            takes: of all accounts.
            start: second 0 of the takes, in seconds since 1970.

        Returns:
            Those wanted of ``ip``, ``client``, ``device`` and ``payment`` (texts, or None) and
            ``signed_up`` (datetime64, or NaT), one value a take.
        """
        made: Columns = {}
        if "ip" in wanted:
            made["ip"] = self._addresses(takes)
        if "client" in wanted:
            made["client"] = self._clients(engine)[takes.account]
        if "device" in wanted:
            made["device"] = self._shared(engine, "device")[takes.account]
        if "payment" in wanted:
            made["payment"] = self._payments(engine)[takes.account]
        if "signed_up" in wanted:
            made["signed_up"] = self._signed_up(takes, start)[takes.account]
        return made

    def _draw(self, purpose: int) -> Floats:
        """Draw a number in [0, 1) for each account."""
        key = np.array([key_of(self.seed, _CARRIED, purpose)])
        return hashed_uniform(key, np.arange(self.accounts))

    def _together(self, link: PlantedLink) -> Integers:
        """Return the number of what each account has, which those share whom a link ties."""
        return np.arange(self.accounts) // (TOGETHER[link] if link in self.links else 1)

    def _addresses(self, takes: EventColumns) -> Names:
        """Give every take an address in its account's network, of RFC 6598's range."""
        host = self._networks(takes) % _NETWORKS * 256 + takes.account % 250
        numbers, places = np.unique((100 << 24) + (64 << 16) + host, return_inverse=True)
        texts = [".".join(str(n >> s & 255) for s in (24, 16, 8, 0)) for n in numbers]
        return np.array(texts, object)[places]

    def _networks(self, takes: EventColumns) -> Integers:
        """Return the network (/24) of every take: the account's own, one of few, or the hour's."""
        if "rotation" in self.links:
            return rotated(self.seed, takes.account, takes.second // _HOUR, _NETWORKS)
        return self._together("network")[takes.account]

    def _clients(self, engine: Engine) -> Names:
        """Give every account a client as often as users use it, a rare one, or a script."""
        if "script" in self.links or "client" in self.links:
            named = CLIENTS[SCRIPT if "script" in self.links else RARE]
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
        """Name the device or means of payment of every account, as no user's is named."""
        prefix = unused_prefix(engine, link, f"planted {self.attack} {link}")
        return np.array([f"{prefix} {n + 1}" for n in self._together(link)], dtype=object)

    def _payments(self, engine: Engine) -> Names:
        """Give every account its own means of payment, or none as often as users; or few."""
        if self.stolen:
            return np.full(self.accounts, None, dtype=object)
        named = self._shared(engine, "payment")
        if "payment" not in self.links:
            named[self._draw(_UNPAID) < engine.rows(UNPAID)[0][0]] = None
        return named

    def _signed_up(self, takes: EventColumns, start: int) -> npt.NDArray[Any]:
        """Return when each account was made: before its first take, or in a burst before all."""
        if self.stolen:
            return np.full(self.accounts, np.datetime64("NaT", "s"))
        first = np.full(self.accounts, takes.second.max())
        np.minimum.at(first, takes.account, takes.second)
        if "burst" in self.links:
            ends = self._draw(_BURST_ENDS)[self._together("burst")] * MADE_BEFORE
            ahead = ends + self._draw(_IN_BURST) * BURST
            first[:] = first.min()
        else:
            ahead = self._draw(_MADE) * MADE_BEFORE
        return (start + first - ahead.astype(np.int64) - 1).astype("datetime64[s]")


def unused_prefix(engine: Engine, column: str, prefix: str) -> str:
    """Lengthen a prefix until nothing in a column of the view ``population`` begins with it."""
    begins = f"starts_with({identifier(column)}, $prefix)"
    while engine.rows(f"SELECT 1 FROM population WHERE {begins} LIMIT 1", {"prefix": prefix}):  # noqa: S608 - quoted
        prefix = f"{prefix}'"
    return prefix
