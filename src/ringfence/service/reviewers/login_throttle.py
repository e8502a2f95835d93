"""Slow down attempts to guess passwords."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_FREE_TRIES: Final = {"name": 5, "both": 5, "address": 20}
"""Failures after which one must wait. Many people can have the address of one proxy."""

_LONGEST_WAIT: Final = 900.0
_MOST_KEYS: Final = 10_000


@dataclass
class _Failures:
    count: int
    until: float


class LoginThrottle:
    """Counts failed logins by name and by address. It forgets them when the service restarts.

    After five failures of a name, or twenty of an address, each further one doubles the wait: 2 s,
    4 s, 8 s, to at most 15 minutes. A person whose name is attacked from elsewhere can still log in
    from an address from which he or she has logged in before.

    Args:
        clock: gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait(self, name: str, address: str) -> float:
        """Return the seconds until this name may be tried from this address; 0 for now."""
        with self._lock:
            now = self._clock()
            return max(0.0, *(self._until(key) - now for key in self._keys(name, address)))

    def failed(self, name: str, address: str) -> None:
        """Take note of a failed login."""
        with self._lock:
            now = self._clock()
            for key in self._keys(name, address):
                one = self._failures.setdefault(key, _Failures(0, 0.0))
                one.count += 1
                beyond = one.count - _FREE_TRIES[key[0]] + 1
                if beyond > 0:
                    one.until = now + min(_LONGEST_WAIT, 2.0 ** min(beyond, 20))
                self._failures.move_to_end(key)
            while len(self._failures) > _MOST_KEYS:
                self._failures.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """Take note of a login, which forgets the failures of this name and address."""
        with self._lock:
            for key in self._keys(name, address):
                self._failures.pop(key, None)
            self._known[_pair(name, address)] = None
            while len(self._known) > _MOST_KEYS:
                self._known.popitem(last=False)

    def _until(self, key: tuple[str, str]) -> float:
        one = self._failures.get(key)
        return one.until if one else 0.0

    def _keys(self, name: str, address: str) -> tuple[tuple[str, str], ...]:
        """Return the keys that count. Others cannot stop a pair that has logged in."""
        pair = _pair(name, address)
        if pair in self._known:
            return (("both", "\0".join(pair)),)
        return (("name", pair[0]), ("address", address))


def _pair(name: str, address: str) -> tuple[str, str]:
    return name.casefold()[:100], address
