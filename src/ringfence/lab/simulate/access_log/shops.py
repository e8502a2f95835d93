"""Shops: honest accounts that play all day, every day, from a playlist."""

from __future__ import annotations

import numpy as np

from ringfence.lab.simulate.access_log.taste import taste_track
from ringfence.lab.simulate.access_log.tracks import Tracks
from ringfence.lab.simulate.access_log.uses import DAY, Uses, in_week
from ringfence.stats.arrays import Integers, SmallIntegers

_SLOWEST_DAY = 16 * 3600 // 180


def shop_uses(rng: np.random.Generator, tracks: Tracks, shops: Integers) -> Uses:
    """Make the week of some shops.

    Each is open 12 to 16 hours from about eight, plays tracks of three to four minutes back to
    back, from a playlist of 300 to 1500: half of the shops in its order, half shuffled.

    Args:
        rng: source of randomness.
        tracks: the catalogue.
        shops: their account numbers.

    Returns:
        Their uses, all successful streams.
    """
    parts = [_week(rng, tracks, int(shop), in_order=bool(n % 2)) for n, shop in enumerate(shops)]
    second, account, track = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Uses.streams(second, account, track)


def _week(
    rng: np.random.Generator, tracks: Tracks, shop: int, *, in_order: bool
) -> tuple[SmallIntegers, SmallIntegers, SmallIntegers]:
    song = rng.uniform(180.0, 240.0, (7, _SLOWEST_DAY))
    within = np.cumsum(song, axis=1) - song
    is_open = within < rng.uniform(12.0, 16.0) * 3600.0
    opening = 8 * 3600.0 + rng.normal(0.0, 300.0, (7, 1)) - 3600.0 * int(rng.integers(0, 3))
    second = (within + opening + DAY * np.arange(7)[:, None])[is_open]
    size = int(rng.integers(300, 1501))
    place = np.arange(len(second)) % size if in_order else rng.integers(0, size, len(second))
    account = np.full(len(second), shop)
    return in_week(second), account.astype(np.int32), _playlist(tracks, shop, size)[place]


def _playlist(tracks: Tracks, shop: int, size: int) -> SmallIntegers:
    """Look up so many different tracks of one taste, in the order in which they come up."""
    # A taste repeats its famous tracks: six times as many look-ups have enough different ones.
    place = np.arange(6 * size)
    track = taste_track(tracks, np.full(len(place), shop * 8 + 7), place)
    return track[np.sort(np.unique(track, return_index=True)[1])[:size]]
