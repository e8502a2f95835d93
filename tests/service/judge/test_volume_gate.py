"""Accounts past the volume gate are examined, the largest first, and again when they have grown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from ringfence.engine import Engine
from ringfence.service.judge import volume_gate
from ringfence.service.judge.volume_gate import VolumeWatch
from ringfence.stats.arrays import Columns

GATES = {"hour": 100.0, "new_1": 200.0, "new_7": 500.0, "new_30": 1_000.0}


def taken(accounts: Mapping[int, tuple[int, int, int, int]]) -> Columns:
    """Return the new items of accounts per window."""
    counts = np.array(list(accounts.values()))
    columns = {name: counts[:, place] for place, name in enumerate(GATES)}
    return {"account_key": np.array(list(accounts), np.uint64), **columns}


def test_accounts_past_the_gate_come_in_order_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once, largest first; a window that grows by a tenth brings an account back."""
    now = taken(
        {1: (1, 10, 20, 30), 2: (99, 210, 210, 210), 3: (300, 300, 300, 300), 4: (1, 1, 500, 1)}
    )
    monkeypatch.setattr(volume_gate, "recent_volumes", lambda *_: now)
    watch = VolumeWatch()
    engine: Engine = None  # type: ignore[assignment] - is not used
    watch.look(engine, [1])
    assert watch.waiting == 0
    watch.learn(GATES)
    watch.look(engine, [1])
    assert watch.waiting == 3
    assert watch.next(2).tolist() == [3, 2]
    assert watch.next(2).tolist() == [4]
    watch.look(engine, [1])
    assert watch.waiting == 0
    now = taken({2: (99, 230, 230, 230), 3: (310, 310, 310, 310)})
    watch.look(engine, [1])
    assert watch.next().tolist() == []
    now = taken({2: (99, 232, 232, 232), 3: (310, 331, 331, 331)})
    watch.look(engine, [1])
    assert sorted(watch.next().tolist()) == [2, 3]
