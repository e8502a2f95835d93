"""Choose the accounts that are examined soon after a fold: those past the volume gate.

Only an account past the volume gate can be a finding. The gate was measured by the last whole scan
as a number of new items per hour, day, 7 and 30 days. Accounts far above it come first. An account
is examined again when it has grown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.ledger.recent_volumes import recent_volumes
from ringfence.stats.arrays import Keys

MOST_AT_ONCE: Final = 50
"""Accounts that are judged at once: 1 % of the sample. They can move its quantile of 95 % to that
of 94 %."""

WINDOW_GROWTH: Final = 1.1
"""Factor by which the new items of one window must grow before an account is examined again."""

_NOTHING: Final = (0.0,) * 4

_MOST_REMEMBERED: Final = 1_000_000


class VolumeWatch:
    """The accounts that have passed the volume gate since they were last examined."""

    def __init__(self) -> None:
        self._gates: dict[str, float] = {}
        self._waiting: dict[int, tuple[float, ...]] = {}
        self._examined: dict[int, tuple[float, ...]] = {}

    @property
    def waiting(self) -> int:
        """Number of accounts that wait for an examination."""
        return len(self._waiting)

    @property
    def learned(self) -> bool:
        """Whether a whole scan has measured the gates."""
        return bool(self._gates)

    def learn(self, gates: Mapping[str, float]) -> None:
        """Take over the gates of a whole scan."""
        self._gates = dict(gates)
        if len(self._examined) > _MOST_REMEMBERED:
            self._examined.clear()

    def look(self, engine: Engine, sources: Iterable[int]) -> None:
        """Look at the accounts of recent sources."""
        if not self._gates:
            return
        taken = recent_volumes(engine, sources)
        if not taken["account_key"].size:
            return
        above = np.column_stack([taken[name] / gate for name, gate in self._gates.items()])
        past = (above >= 1).any(axis=1)
        for key, times in zip(
            taken["account_key"][past].tolist(), above[past].tolist(), strict=True
        ):
            if self._has_grown(key, times):
                self._waiting[key] = tuple(times)

    def _has_grown(self, key: int, times: Sequence[float]) -> bool:
        """Return whether a window past its gate has grown since an account was examined."""
        before = self._examined.get(key, _NOTHING)
        grown = zip(times, before, strict=True)
        return any(now >= max(1.0, WINDOW_GROWTH * then) for now, then in grown)

    def next(self, most: int = MOST_AT_ONCE) -> Keys:
        """Return the keys of the accounts to examine now, at most some, and take note of them."""
        first = sorted(self._waiting, key=lambda key: -max(self._waiting[key]))[:most]
        for key in first:
            self._examined[key] = self._waiting.pop(key)
        return np.array(first, dtype=np.uint64)

    def passing(self, engine: Engine, sources: Iterable[int]) -> Keys:
        """Look at the accounts of recent sources, and return those to examine now."""
        self.look(engine, sources)
        return self.next()
