"""The catalogue of the simulator and its laws of fame."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.lab.simulate.access_log.tracks import (
    ARTISTS,
    GENRES,
    TRACKS,
    Tracks,
    draw_artist,
    power_draw,
    power_share,
)
from ringfence.lab.simulate.hashing import hashed_uniform


@pytest.fixture(scope="module")
def tracks() -> Tracks:
    """A catalogue."""
    return Tracks.make(np.random.default_rng(1))


def test_power_draw_follows_power_share() -> None:
    """Drawn ranks occur as often as their share says, and the shares add up to one."""
    drawn = power_draw((np.arange(100_000) + 0.5) / 100_000, 7, 1.1)
    share = power_share(np.arange(7), 7, 1.1)
    assert share.sum() == pytest.approx(1.0)
    assert np.bincount(drawn, minlength=7) / 100_000 == pytest.approx(share, abs=2e-5)


def test_power_draw_stays_within_the_ranks() -> None:
    """The largest uniform number still yields an existing rank, even among one."""
    assert power_draw(np.array([0.0, np.nextafter(1.0, 0.0)]), 1, 1.1).tolist() == [0, 0]
    assert power_draw(np.array([np.nextafter(1.0, 0.0)]), ARTISTS, 1.18).tolist() == [ARTISTS - 1]


def test_every_track_has_a_number_of_its_own(tracks: Tracks) -> None:
    """Two million tracks, numbered 1 to two million, each artist's in one run."""
    assert np.array_equal(np.sort(tracks.number), np.arange(1, TRACKS + 1))
    assert int(tracks.size.sum()) == TRACKS
    assert tracks.size.min() >= 1
    first, size = int(tracks.start[1234]), int(tracks.size[1234])
    assert np.ptp(tracks.number[first : first + size]) == size - 1


def test_one_track_in_a_hundred_carries_four_fifths_of_use(tracks: Tracks) -> None:
    """Draws from many tastes fall on the head of the list that extractors work down."""
    u = np.random.default_rng(2).random((3, 200_000))
    genre = np.where(u[2] < 0.8, (u[2] / 0.8 * GENRES).astype(np.int64), -1)
    drawn = tracks.draw(draw_artist(u[0], genre), u[1])
    head = tracks.by_fame()[: TRACKS // 100]
    assert np.isin(drawn, head).mean() == pytest.approx(0.8, abs=0.04)


def test_artists_stay_in_their_genre() -> None:
    """A draw within a genre yields an artist of that genre."""
    artist = draw_artist(np.linspace(0, 0.999, 500), np.full(500, 13))
    assert set((artist % GENRES).tolist()) == {13}
    assert artist.max() < ARTISTS


def test_keyed_numbers_are_uniform_and_lasting() -> None:
    """The same key and slot give the same number; neighbours give unrelated ones."""
    slot = np.arange(10_000)
    numbers = hashed_uniform(np.full(10_000, 5), slot)
    assert np.array_equal(numbers, hashed_uniform(np.full(10_000, 5), slot))
    assert np.histogram(numbers, 10, (0, 1))[0] == pytest.approx([1000] * 10, abs=150)
    assert abs(np.corrcoef(numbers[1:], numbers[:-1])[0, 1]) < 0.04
    assert abs(np.corrcoef(numbers, hashed_uniform(np.full(10_000, 6), slot))[0, 1]) < 0.04
