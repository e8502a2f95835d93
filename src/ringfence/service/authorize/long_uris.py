"""Limit how many long URIs are read, because one takes as long as hundreds of other answers.

Without a limit, a client that sends long URIs would make all answers late, and a gateway that is
fail-open would let every request pass.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_RATE: Final = 10.0
"""Long URIs per second that are read for all together: at 25 ms, a quarter of the time."""

_RATE_OF_ONE: Final = 1.0
_BURST: Final = 20.0
_MOST: Final = 10_000


class LongUriTurns:
    """Says whether a long URI is read now.

    At first, 20 are read at once, of all clients or of one. Then it is one per second for each
    client, and ten for all. A client beyond its own rate takes none of those of the others.

    Args:
        clock: gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all = (_BURST, clock())
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> bool:
        """Return whether one of a client may be read, and count it.

        Args:
            client: the account or address of the request, as the gateway names it.
        """
        now = self._clock()
        mine = _left(self._clients.get(client, (_BURST, now)), now, _RATE_OF_ONE)
        every = _left(self._all, now, _RATE)
        may = mine >= 1 and every >= 1
        self._all = (every - may, now)
        self._clients[client] = (mine - may, now)
        self._clients.move_to_end(client)
        if len(self._clients) > _MOST:
            self._clients.popitem(last=False)
        return may


def _left(state: tuple[float, float], now: float, rate: float) -> float:
    left, moment = state
    return min(_BURST, left + (now - moment) * rate)
