"""A catalogue of any size as a law: who is famous, how much each item is used, how it is numbered.

Groups (artists) are numbered by fame. The use of a group's tracks falls with the group's number and
with the track's place within the group, each by a shifted power law (Zipf–Mandelbrot), and famous
groups have more tracks. All sums of the law are closed forms, so that 256 million items cost the
memory of a few thousand numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import numpy as np
from scipy.optimize import brentq

from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.numbering import Numbering
from ringfence.stats.arrays import Floats, Integers

SHARE: Final = 0.996
"""Of all use, what the most used :data:`TAKEN` of the items carry: 86 of 256 million tracks carried
99.6 % of all listens, as published with the files taken in December 2025."""
TAKEN: Final = 86 / 256
PER_GROUP: Final = 17.0
"""Items a group: 256 million tracks of about 15 million artists (the same publication)."""
SMALLEST: Final = 100
"""Items a catalogue has at least."""
GENRES: Final = 40
"""Groups belong to genres: the rest of their number divided by this."""

_DEPTH = 0.5
"""A group at share x of all groups has 1 + m (x^-0.5 - 1) tracks: half of all groups have under
eight, the most famous of 15 million a few thousand. Assumed."""
_TRACK_EXPONENT = 1.5
_TRACK_SHIFT = 4.0
"""The best known track of a group carries a tenth of the group's use. Assumed; real artists lie on
both sides. At 1.5 the law and its inverse need square roots only, which is fast and exact."""
_GROUP_SHIFT = 0.25
"""The head of the law is flat over the groups to this power, so that the most famous of 15 million
carries half a per cent of all use, not a sixth. Assumed."""
_EXPONENTS = (0.05, 30.0)
_IN_GENRE = 0.7
LIKED = 3
"""Most groups that a user likes belong to this many genres. Assumed."""


@dataclass(frozen=True, eq=False)
class CatalogueLaw(ItemPool):
    """A catalogue by numbers, the use of each item in closed form.

    Item ``start[k] + g`` is the track at place k (from 0, by fame) of group g (from 0, by fame);
    ``level[k]`` groups have more than k tracks. Its share of all use is A(g) · B(k), where A and B
    are integrals of (x + q)^-a over [g, g + 1] and of (x + 4)^-1.5 over [k, k + 1], scaled.

    It fails where a question is about single tracks in the real world: the law has no releases,
    no years, and no item that is famous among few.

    Attributes:
        items: how many items there are.
        groups: how many groups there are.
        level: (levels,) groups with more than k tracks, falling.
        start: (levels,) number of the first item at each place.
        shift: q, of the law of groups.
        exponent: a, of the law of groups, solved so that the published share holds.
        scale: integral of all use, before scaling.
        reach: (levels,) share of all use at a place or above it.
        numbering: how items and groups are numbered in public.
    """

    items: int
    groups: int
    level: Integers
    start: Integers
    shift: float
    exponent: float
    scale: float
    reach: Floats
    numbering: Numbering

    @classmethod
    def of(cls, items: int) -> Self:
        """Make the catalogue of a size, its most used 86/256 carrying 99.6 % of use.

        Args:
            items: how many, from :data:`SMALLEST` to 256 million and somewhat beyond.

        Raises:
            ValueError: too few items.
        """
        if items < SMALLEST:
            raise ValueError(f"a catalogue needs at least {SMALLEST} items")
        return cls._made(items)

    @classmethod
    @lru_cache(maxsize=8)
    def _made(cls, items: int) -> Self:
        shift = (items / PER_GROUP) ** _GROUP_SHIFT
        level = _levels(items, shift)

        def missed(exponent: float) -> float:
            return _share_of_top(level, shift, exponent, round(TAKEN * items)) - SHARE

        exponent = float(brentq(missed, *_EXPONENTS, xtol=1e-9))
        mass = _track_mass(np.arange(len(level))) * _group_sum(level, shift, exponent)
        scale = float(mass.sum())
        return cls(
            items=items,
            groups=int(level[0]),
            level=level,
            start=np.cumsum(level) - level,
            shift=shift,
            exponent=exponent,
            scale=scale,
            reach=np.cumsum(mass) / scale,
            numbering=Numbering.of(level),
        )

    def share_of_top(self, count: int) -> float:
        """Return the share of all use that the most used items carry.

        Args:
            count: how many of them, 0 .. ``items``.
        """
        return _share_of_top(self.level, self.shift, self.exponent, count)

    def top(self, count: int) -> Integers:
        """Return the most used items, the most used first; at most ``items``.

        Memory: 40 bytes an item returned, while it runs.
        """
        taken = _most_used(self.level, self.shift, self.exponent, count)
        place = np.repeat(np.arange(len(taken)), taken)
        group = np.arange(len(place)) - np.repeat(np.cumsum(taken) - taken, taken)
        weight = _group_mass(group, self.shift, self.exponent) * _track_mass(place)
        item = group
        item += self.start[place]
        del place
        order = np.argsort(-weight, kind="stable")[:count]
        del weight
        chosen: Integers = item[order]
        return chosen

    def used(self, chance: Floats) -> Integers:
        """Draw an item a number in [0, 1), as likely as it is used."""
        place, group = self._drawn(chance)
        drawn: Integers = self.start[place] + group
        return drawn

    def famous(self, chance: Floats) -> Integers:
        """Draw a group a number in [0, 1), as likely as its items are used together."""
        return self._drawn(chance)[1]

    def _drawn(self, chance: Floats) -> tuple[Integers, Integers]:
        place = np.minimum(np.searchsorted(self.reach, chance, "right"), len(self.level) - 1)
        above = self.reach[place]
        below = np.where(place > 0, self.reach[place - 1], 0.0)
        rest = (chance - below) / (above - below)
        return place, _group_within(rest, self.level[place], self.shift, self.exponent)

    def anywhere(self, chance: Floats) -> Integers:
        """Draw an item a number in [0, 1), all equally likely."""
        drawn: Integers = (chance * self.items).astype(np.int64)
        return drawn

    def group_of(self, item: Integers) -> Integers:
        """Return the group of each item."""
        return item - self.start[self.place_of(item)]

    def place_of(self, item: Integers) -> Integers:
        """Return the place of each item within its group, 0 for the most used."""
        place: Integers = np.searchsorted(self.start, item, "right") - 1
        return place

    def size_of(self, group: Integers) -> Integers:
        """Return how many items each group has."""
        return self.numbering.size_of(group)

    def within(self, group: Integers, chance: Floats) -> Integers:
        """Draw an item of each group, as likely as it is used within the group."""
        size = self.size_of(group)
        place = _track_within(chance, size)
        drawn: Integers = self.start[place] + group
        return drawn

    def whole(self, group: int) -> Integers:
        """Return all items of a group, the most used first."""
        size = int(self.size_of(np.array([group]))[0])
        every: Integers = self.start[:size] + group
        return every

    def taste(self, seed: int, size: int) -> Integers:
        """Return the groups that one user likes, the most liked first; at most ``size``.

        Args:
            seed: which user, 0 .. 2**31 - 1.
            size: how many groups at most; a group drawn twice counts once.
        """
        place = np.arange(size)
        key = np.full(size, seed)
        liked = self.liked(
            hashed_uniform(key, place),
            hashed_uniform(key, (hashed_uniform(key, place + 2**30) * LIKED).astype(np.int64)
                          + 2**31),
            hashed_uniform(key, place + 3 * 2**29),
        )  # fmt: skip
        _, first = np.unique(liked, return_index=True)
        ordered: Integers = liked[np.sort(first)]
        return ordered

    def liked(self, chance: Floats, genre: Floats, faithful: Floats) -> Integers:
        """Draw groups as users like them: by fame, and most of them of a few genres.

        Args:
            chance: numbers in [0, 1): how famous.
            genre: numbers in [0, 1): which genre, if any; a user has few of them.
            faithful: numbers in [0, 1): whether the genre decides.

        Returns:
            Groups, of the same shape. Over users of all genres the law of use stays, within
            40 neighbours in fame.
        """
        group = self.famous(chance)
        moved = group - group % GENRES + (genre * GENRES).astype(np.int64)
        return np.where((faithful < _IN_GENRE) & (moved < self.groups), moved, group)

    def popularity(self, item: Integers) -> Floats:
        """Return the expected uses of each item in a billion uses of the catalogue."""
        place = self.place_of(item)
        mass = _group_mass(item - self.start[place], self.shift, self.exponent)
        expected: Floats = mass * _track_mass(place) * (1e9 / self.scale)
        return expected

    def public(self, item: Integers) -> Integers:
        """Return the number of each item as shown to the world, 0 .. ``items`` - 1.

        A bijection. Items of one group are neighbours, in no order of fame; groups that are
        neighbours have the same number of items, and beyond that numbers do not tell fame.
        """
        place = self.place_of(item)
        return self.numbering.item(item - self.start[place], place)

    def public_group(self, group: Integers) -> Integers:
        """Return the number of each group as shown to the world, 0 .. ``groups`` - 1.

        A bijection that does not tell fame; it has nothing to do with the numbers of the items.
        """
        return self.numbering.group(group)

    def columns(self, first: int, last: int) -> dict[str, Integers | Floats]:
        """Return a stretch of the catalogue, to write it piece by piece.

        Args:
            first: first item (by number, not by public number).
            last: one after the last.

        Returns:
            ``item`` and ``group``: public numbers; ``popularity``: as :meth:`popularity`.
        """
        item = np.arange(first, min(last, self.items))
        return {
            "item": self.public(item),
            "group": self.public_group(self.group_of(item)),
            "popularity": self.popularity(item),
        }


def _levels(items: int, shift: float) -> Integers:
    """Return how many groups have more than k tracks, for k = 0, 1, ..

    The number of groups is solved so that the tracks beyond the first of each fill the rest.
    """

    def left(groups: float) -> float:
        return items - groups - float(_deeper(groups, shift).sum())

    deeper = _deeper(brentq(left, 1.0, items, xtol=0.5), shift)
    return np.concatenate([[items - int(deeper.sum())], deeper])


def _deeper(groups: float, shift: float) -> Integers:
    """Return how many groups have more than k tracks, for k = 1, 2, .. while there are any."""
    # Over groups, the mean of m (x^-d - 1), rounded down, is m d / (1 - d) - 1 / 2.
    steepness = (PER_GROUP - 0.5) * (1.0 - _DEPTH) / _DEPTH
    deepest = int(steepness * ((groups + shift) / (shift + 1.0)) ** _DEPTH) + 2
    share = (1.0 + np.arange(1, deepest) / steepness) ** (-1.0 / _DEPTH)
    level = ((groups + shift) * share - shift).astype(np.int64)
    return level[level > 0]


def _group_sum(groups: Integers, shift: float, exponent: float) -> Floats:
    """The mass of the first groups together: the integral of x^-a from q to q + groups."""
    power = 1.0 - exponent
    if abs(power) < 1e-9:
        return np.log1p(groups / shift)
    total: Floats = ((groups + shift) ** power - shift**power) / power
    return total


def _group_mass(group: Integers, shift: float, exponent: float) -> Floats:
    """The mass of single groups: the integral of x^-a over one step.

    Far out, a difference of sums would lose its digits; the midpoint of the step is exact there to
    a (a + 1) / (24 x²).
    """
    near = _group_sum(group + 1, shift, exponent) - _group_sum(group, shift, exponent)
    far = (group + (shift + 0.5)) ** -exponent
    return np.where(group < 10_000, near, far)


def _track_sum(places: Integers) -> Floats:
    total: Floats = 2.0 * (_TRACK_SHIFT**-0.5 - 1.0 / np.sqrt(places + _TRACK_SHIFT))
    return total


def _track_mass(place: Integers) -> Floats:
    mass: Floats = _track_sum(place + 1) - _track_sum(place)
    return mass


def _group_within(chance: Floats, groups: Integers, shift: float, exponent: float) -> Integers:
    """Invert the law of groups, cut off after some of them."""
    power = 1.0 - exponent
    if abs(power) < 1e-9:
        reached = shift * np.exp(chance * np.log1p(groups / shift))
    else:
        first = shift**power
        reached = (first + chance * ((groups + shift) ** power - first)) ** (1.0 / power)
    drawn: Integers = np.minimum((reached - shift).astype(np.int64), groups - 1)
    return np.maximum(drawn, 0)


def _track_within(chance: Floats, places: Integers) -> Integers:
    """Invert the law of tracks, cut off after some of them."""
    first = _TRACK_SHIFT**-0.5
    root = first - chance * (first - 1.0 / np.sqrt(places + _TRACK_SHIFT))
    drawn: Integers = (1.0 / (root * root) - _TRACK_SHIFT).astype(np.int64)
    return np.clip(drawn, 0, places - 1)


def _most_used(level: Integers, shift: float, exponent: float, count: int) -> Integers:
    """Return how many groups of each level belong to the most used items: ``count`` or a few more.

    The threshold of use is found by bisection of its logarithm; what a threshold lets in is counted
    by inverting the law of groups at the middle of each step.
    """
    depth = _track_mass(np.arange(len(level))) ** (1.0 / exponent)

    def taken(threshold: float) -> Integers:
        inside = np.floor(depth * np.exp(-threshold / exponent) - shift + 0.5)
        counted: Integers = np.clip(inside, 0, level).astype(np.int64)
        return counted

    low = float(np.log(_track_mass(np.array([len(level)]))[0])) - exponent * float(
        np.log(level[0] + shift + 1.0)
    )
    high = 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if int(taken(middle).sum()) >= count else (low, middle)
    return taken(low)


def _share_of_top(level: Integers, shift: float, exponent: float, count: int) -> float:
    depth = _track_mass(np.arange(len(level)))
    taken = _most_used(level, shift, exponent, count)
    mass = float((depth * _group_sum(taken, shift, exponent)).sum())
    if (over := int(taken.sum()) - count) > 0:
        last = depth * _group_mass(np.maximum(taken - 1, 0), shift, exponent)
        mass -= over * float(last[taken > 0].min())
    return mass / float((depth * _group_sum(level, shift, exponent)).sum())
