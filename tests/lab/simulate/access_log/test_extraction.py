"""Extractors: what they take, when, and that rings never collide."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.lab.simulate.access_log.extraction import (
    Crew,
    greedy_uses,
    make_crew,
    ring_50_uses,
    ring_200_uses,
)
from ringfence.lab.simulate.access_log.uses import WEEK

_FAME = np.arange(1_000_000, 900_000, -1, dtype=np.int32)


@pytest.mark.parametrize(
    ("lines", "crew"),
    [
        (2_000_000, Crew(1, 50_000, 50, 200)),
        (20_000_000, Crew(10, 50_000, 500, 2_000)),
        (200_000, Crew(1, 50_000, 5, 20)),
        (12_000, Crew(1, 3_000, 2, 2)),
    ],
)
def test_crew_scales_with_the_log(lines: int, crew: Crew) -> None:
    """Members scale with the log; what each takes stays, but for the greedy one of small logs."""
    assert make_crew(lines) == crew


def test_crew_of_two_million_takes_235_000_lines() -> None:
    """50,000 + 50 × 2,500 + 200 × 300."""
    assert make_crew(2_000_000).lines == 235_000


def test_greedy_takes_the_head_of_the_list_in_ten_bursts() -> None:
    """The most famous tracks, each once, in ten stretches faster than anybody listens."""
    uses = greedy_uses(np.random.default_rng(1), _FAME, 5, 20_000)
    assert set(uses.track.tolist()) == set(_FAME[:20_000].tolist())
    when = np.sort(uses.second)
    pauses = np.flatnonzero(np.diff(when) > 900)
    assert len(pauses) == 9
    stretches = np.split(when, pauses + 1)
    assert min(len(stretch) / (np.ptp(stretch) + 1) for stretch in stretches) > 1.0


def test_ring_of_50_never_sleeps_and_never_collides() -> None:
    """Each member takes 2,500 tracks in every hour of every day; no track is taken twice."""
    uses = ring_50_uses(np.random.default_rng(1), _FAME, 10, 6)
    assert len(np.unique(uses.track)) == len(uses) == 6 * 2_500
    for member in range(10, 16):
        hours = np.bincount(uses.second[uses.account == member] // 3600, minlength=168)
        assert hours.sum() == 2_500
        assert hours.min() >= 10


def test_ring_divides_the_list_from_its_head() -> None:
    """The ring as a whole takes exactly the first tracks, earlier ones earlier."""
    uses = ring_50_uses(np.random.default_rng(1), _FAME, 0, 4)
    order = np.argsort(uses.second, kind="stable")
    assert uses.track[order].tolist() == _FAME[: len(uses)].tolist()


def test_ring_of_200_sleeps() -> None:
    """Each member takes 300 tracks, some 43 a day, and rests for hours every night."""
    uses = ring_200_uses(np.random.default_rng(1), _FAME, 0, 8)
    assert len(np.unique(uses.track)) == len(uses) == 8 * 300
    for member in range(8):
        mine = np.sort(uses.second[uses.account == member])
        assert np.bincount(mine // 86_400, minlength=7).tolist() == pytest.approx([43] * 7, abs=3)
        assert np.sort(np.diff(mine))[-6:].min() > 7 * 3600
        assert mine[0] >= 0
        assert mine[-1] < WEEK
