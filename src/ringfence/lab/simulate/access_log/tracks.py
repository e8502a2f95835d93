"""What there is to take: two million tracks by 150,000 artists, a few of them famous."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringfence.stats.arrays import Floats, Integers, SmallIntegers

TRACKS = 2_000_000
ARTISTS = 150_000
GENRES = 40
ARTIST_EXPONENT = 1.18
TRACK_EXPONENT = 1.1
"""Both chosen so that one track in a hundred carries about four fifths of all use."""
IN_GENRE = 0.8
"""Share of a taste's artists that belong to its genres; the rest come from anywhere."""


def power_draw(u: Floats, count: Integers | int, exponent: float) -> Integers:
    """Draw ranks 0 .. count - 1 from a truncated power law, by inverting its distribution.

    Args:
        u: uniform numbers in [0, 1).
        count: how many ranks there are, one number or one a draw.
        exponent: of the power law; not 1.

    Returns:
        Ranks, the likeliest first.
    """
    power = 1.0 - exponent
    top = np.power(np.asarray(count, np.float64) + 1.0, power)
    drawn = np.power(1.0 + u * (top - 1.0), 1.0 / power).astype(np.int64) - 1
    rank: Integers = np.minimum(drawn, np.asarray(count) - 1)
    return rank


def power_share(rank: Integers, count: Integers | int, exponent: float) -> Floats:
    """Return the probability with which :func:`power_draw` yields each rank."""
    power = 1.0 - exponent
    whole = 1.0 - np.power(np.asarray(count, np.float64) + 1.0, power)
    share: Floats = (np.power(rank + 1.0, power) - np.power(rank + 2.0, power)) / whole
    return share


@dataclass(frozen=True)
class Tracks:
    """The catalogue: artists by fame, their tracks by fame within the artist.

    Attributes:
        start: (ARTISTS,) position of an artist's first track.
        size: (ARTISTS,) tracks of an artist.
        number: (TRACKS,) public number of the track at a position; neighbours are of one artist,
            and neither artists nor their tracks are numbered by fame.
    """

    start: Integers
    size: Integers
    number: SmallIntegers

    @classmethod
    def make(cls, rng: np.random.Generator) -> Tracks:
        """Make a catalogue; famous artists have somewhat more tracks."""
        size = _sizes(rng)
        artist = np.repeat(np.arange(ARTISTS), size)
        order = np.lexsort((rng.random(TRACKS), rng.permutation(ARTISTS)[artist]))
        number = np.empty(TRACKS, np.int32)
        number[order] = np.arange(1, TRACKS + 1)
        return cls(start=np.cumsum(size) - size, size=size, number=number)

    def draw(self, artist: Integers, u: Floats) -> SmallIntegers:
        """Draw one track number an artist, by fame within the artist."""
        position = self.start[artist] + power_draw(u, self.size[artist], TRACK_EXPONENT)
        number: SmallIntegers = self.number[position]
        return number

    def by_fame(self) -> SmallIntegers:
        """Return all track numbers, the most used first: the list an extractor works down."""
        artist = np.repeat(np.arange(ARTISTS), self.size)
        rank = np.arange(TRACKS) - self.start[artist]
        share = _artist_shares()[artist] * power_share(rank, self.size[artist], TRACK_EXPONENT)
        listed: SmallIntegers = self.number[np.argsort(-share, kind="stable")]
        return listed


def draw_artist(u: Floats, genre: Integers) -> Integers:
    """Draw artists by fame.

    Args:
        u: uniform numbers in [0, 1).
        genre: the genre to stay in, or -1 for any.

    Returns:
        Artists; an artist's genre is its number modulo GENRES.
    """
    artist = power_draw(u, ARTISTS, ARTIST_EXPONENT)
    return np.where(genre < 0, artist, artist - artist % GENRES + genre)


def _artist_shares() -> Floats:
    free = power_share(np.arange(ARTISTS), ARTISTS, ARTIST_EXPONENT)
    block = free.reshape(-1, GENRES).mean(axis=1).repeat(GENRES)
    share: Floats = IN_GENRE * block + (1.0 - IN_GENRE) * free
    return share


def _sizes(rng: np.random.Generator) -> Integers:
    weight = rng.lognormal(0.0, 1.0, ARTISTS) * np.power(np.arange(1.0, ARTISTS + 1), -0.25)
    size: Integers = 1 + (weight * ((TRACKS - ARTISTS) / weight.sum())).astype(np.int64)
    size[: TRACKS - int(size.sum())] += 1
    return size
