"""A catalogue of any size as a law of popularity, in closed form.

Groups (artists) are numbered by popularity. The use of a track falls with the number of its group
and with its place within the group, each by a shifted power law (Zipf–Mandelbrot). Popular groups
have more tracks. All sums of the law are closed forms, so that 256 million items need the memory of
a few thousand numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Self

import numpy as np
from scipy.optimize import brentq

from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.numbering import Numbering
from ringfence.stats.arrays import Floats, Integers

SHARE: Final = 0.996
"""Share of all use that the most used :data:`TAKEN` of the items have. 86 of 256 million tracks had
99.6 % of all listens, as published with the files taken in December 2025."""
TAKEN: Final = 86 / 256
PER_GROUP: Final = 17.0
"""Items per group: 256 million tracks of about 15 million artists (the same publication)."""
SMALLEST: Final = 100
"""Smallest number of items."""
GENRES: Final = 40
"""Number of genres; the genre of a group is its number modulo this."""

_DEPTH = 0.5
"""A group at share x of all groups has 1 + m (x^-0.5 - 1) tracks. Half of all groups have under
eight, and the most popular of 15 million has a few thousand. Assumed."""
_TRACK_EXPONENT = 1.5
_TRACK_SHIFT = 4.0
"""The most popular track of a group has a tenth of the group's use. Assumed; real artists lie on
both sides. At exponent 1.5 the law and its inverse need only square roots: fast and exact."""
_GROUP_SHIFT = 0.25
"""The head of the law is flat over the number of groups to this power. So the most popular of 15
million groups has half a per cent of all use, not a sixth. Assumed."""
_EXPONENTS = (0.05, 30.0)
_IN_GENRE = 0.7
LIKED = 3
"""Number of genres to which most groups of a user's taste belong. Assumed."""


@dataclass(frozen=True, eq=False)
class CatalogueLaw(ItemPool):
    """A catalogue of numbered items, with the use of each item in closed form.

    Item ``start[k] + g`` is the track at place k of group g, both from 0 and by popularity;
    ``level[k]`` groups have more than k tracks. Its share of all use is A(g) · B(k), where A and B
    are integrals of (x + q)^-a over [g, g + 1] and of (x + 4)^-1.5 over [k, k + 1], scaled.

    It fails for questions about single tracks in the real world: the law has no releases, no years,
    and no item that is popular with a small audience.

    Attributes:
        items: number of items.
        groups: number of groups.
        level: (levels,) number of groups with more than k tracks, falling.
        start: (levels,) number of the first item at each place.
        shift: q, of the law of groups.
        exponent: a, of the law of groups, solved so that the published share holds.
        scale: integral of all use, before scaling.
        reach: (levels,) share of all use at places up to k.
        numbering: public numbers of items and groups.
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
        """Return the catalogue of a size; its most used 86/256 have 99.6 % of all use.

        Args:
            items: number of items, from :data:`SMALLEST` to somewhat above 256 million.

        Raises:
            ValueError: there are too few items.
        """
        if items < SMALLEST:
            raise ValueError(f"a catalogue needs at least {SMALLEST} items")
        return cls._solve(items)

    @classmethod
    @lru_cache(maxsize=8)
    def _solve(cls, items: int) -> Self:
        shift = (items / PER_GROUP) ** _GROUP_SHIFT
        level = _levels(items, shift)

        def missed(exponent: float) -> float:
            return share_of_top(level, shift, exponent, round(TAKEN * items)) - SHARE

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

    def top(self, count: int) -> Integers:
        """Return the most used items, the most used first; at most ``items``.

        A shorter list is the beginning of a longer one. Memory: 40 bytes per returned item while it
        runs.
        """
        # The law of groups is inverted with an error below one group, so one more is compared.
        taken = _most_used(self.level, self.shift, self.exponent, count)
        taken = np.minimum(taken + 1, self.level)
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
        """Draw an item for each number in [0, 1), by popularity."""
        place, group = self._draw(chance)
        chosen: Integers = self.start[place] + group
        return chosen

    def famous(self, chance: Floats) -> Integers:
        """Draw a group for each number in [0, 1), by the use of all its items."""
        return self._draw(chance)[1]

    def _draw(self, chance: Floats) -> tuple[Integers, Integers]:
        place = np.minimum(np.searchsorted(self.reach, chance, "right"), len(self.level) - 1)
        above = self.reach[place]
        below = np.where(place > 0, self.reach[place - 1], 0.0)
        rest = (chance - below) / (above - below)
        return place, _group_within(rest, self.level[place], self.shift, self.exponent)

    def anywhere(self, chance: Floats) -> Integers:
        """Draw an item for each number in [0, 1), all equally likely."""
        chosen: Integers = (chance * self.items).astype(np.int64)
        return chosen

    def group_of(self, item: Integers) -> Integers:
        """Return the group of each item."""
        return item - self.start[self.place_of(item)]

    def place_of(self, item: Integers) -> Integers:
        """Return the place of each item within its group, 0 for the most used."""
        place: Integers = np.searchsorted(self.start, item, "right") - 1
        return place

    def size_of(self, group: Integers) -> Integers:
        """Return the number of items of each group."""
        return self.numbering.size_of(group)

    def within(self, group: Integers, chance: Floats) -> Integers:
        """Draw an item of each group, by popularity within the group."""
        size = self.size_of(group)
        place = _track_within(chance, size)
        chosen: Integers = self.start[place] + group
        return chosen

    def in_order(self, group: Integers, place: Integers) -> Integers:
        """Return the item of each group with the place-th smallest public number, from 0."""
        chosen: Integers = self.start[self.numbering.place_of(group, place)] + group
        return chosen

    def whole(self, group: int) -> Integers:
        """Return all items of a group, the most used first."""
        size = int(self.size_of(np.array([group]))[0])
        every: Integers = self.start[:size] + group
        return every

    def listed(self, position: Integers) -> Integers:
        """Return the items at positions of the list of all items by public number.

        The list is made at the first call; it takes 8 bytes per item.
        """
        return self._by_public[position]

    @cached_property
    def _by_public(self) -> Integers:
        """(items,) the items in the order of their public numbers."""
        order: Integers = np.empty(self.items, np.int64)
        every = np.arange(self.items)
        order[self.public(every)] = every
        return order

    def taste(self, seed: int, size: int) -> Integers:
        """Return the groups that one user likes, the most liked first; at most ``size``.

        Args:
            seed: number of the user, 0 .. 2**31 - 1.
            size: largest number of groups; a group that comes up twice counts once.
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
        """Draw groups as users like them: by popularity, and most of them of a few genres.

        Args:
            chance: numbers in [0, 1) that choose the popularity.
            genre: numbers in [0, 1) that choose the genre; a user has few of them.
            faithful: numbers in [0, 1) that say whether the genre decides.

        Returns:
            Groups, of the same shape. Over users of all genres the law of use stays the same,
            within 40 neighbours in popularity.
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
        """Return the public number of each item, 0 .. ``items`` - 1, by a bijection.

        Items of one group are neighbours, in no order of popularity. Neighbouring groups have the
        same number of items; apart from that, numbers do not reveal popularity.
        """
        place = self.place_of(item)
        return self.numbering.item(item - self.start[place], place)

    def public_group(self, group: Integers) -> Integers:
        """Return the public number of each group, 0 .. ``groups`` - 1, by a bijection.

        The numbers do not reveal popularity, and are unrelated to those of the items.
        """
        return self.numbering.group(group)

    def columns(self, first: int, last: int) -> dict[str, Integers | Floats]:
        """Return a run of the catalogue's items, to write it piece by piece.

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
    """Return the number of groups with more than k tracks, for k = 0, 1, ..

    The number of groups is solved so that the tracks after the first of each group fill the rest.
    """

    def left(groups: float) -> float:
        return items - groups - float(_deeper(groups, shift).sum())

    deeper = _deeper(brentq(left, 1.0, items, xtol=0.5), shift)
    return np.concatenate([[items - int(deeper.sum())], deeper])


def _deeper(groups: float, shift: float) -> Integers:
    """Return the number of groups with more than k tracks, for k = 1, 2, .. while there are any."""
    # Over groups, the mean of m (x^-d - 1), rounded down, is m d / (1 - d) - 1 / 2.
    steepness = (PER_GROUP - 0.5) * (1.0 - _DEPTH) / _DEPTH
    deepest = int(steepness * ((groups + shift) / (shift + 1.0)) ** _DEPTH) + 2
    share = (1.0 + np.arange(1, deepest) / steepness) ** (-1.0 / _DEPTH)
    level = ((groups + shift) * share - shift).astype(np.int64)
    return level[level > 0]


def _group_sum(groups: Integers, shift: float, exponent: float) -> Floats:
    """Return the mass of the first groups: the integral of x^-a from q to q + groups."""
    power = 1.0 - exponent
    if abs(power) < 1e-9:
        return np.log1p(groups / shift)
    total: Floats = ((groups + shift) ** power - shift**power) / power
    return total


def _group_mass(group: Integers, shift: float, exponent: float) -> Floats:
    """Return the mass of single groups: the integral of x^-a over one step.

    Far out, a difference of sums would lose its digits. There the midpoint of the step is exact to
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
    """Invert the law of the first ``groups`` groups."""
    power = 1.0 - exponent
    if abs(power) < 1e-9:
        reached = shift * np.exp(chance * np.log1p(groups / shift))
    else:
        first = shift**power
        reached = (first + chance * ((groups + shift) ** power - first)) ** (1.0 / power)
    chosen: Integers = np.minimum((reached - shift).astype(np.int64), groups - 1)
    return np.maximum(chosen, 0)


def _track_within(chance: Floats, places: Integers) -> Integers:
    """Invert the law of the first ``places`` tracks."""
    first = _TRACK_SHIFT**-0.5
    root = first - chance * (first - 1.0 / np.sqrt(places + _TRACK_SHIFT))
    chosen: Integers = (1.0 / (root * root) - _TRACK_SHIFT).astype(np.int64)
    return np.clip(chosen, 0, places - 1)


def _most_used(level: Integers, shift: float, exponent: float, count: int) -> Integers:
    """Return the number of groups at each place among the ``count`` most used items, or a few more.

    The threshold of use is found by bisection of its logarithm. The items above a threshold are
    counted by inverting the law of groups at the middle of each step.
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


def share_of_top(level: Integers, shift: float, exponent: float, count: int) -> float:
    """Return the share of all use that the ``count`` most used items have."""
    depth = _track_mass(np.arange(len(level)))
    taken = _most_used(level, shift, exponent, count)
    mass = float((depth * _group_sum(taken, shift, exponent)).sum())
    if (over := int(taken.sum()) - count) > 0:
        last = depth * _group_mass(np.maximum(taken - 1, 0), shift, exponent)
        mass -= over * float(last[taken > 0].min())
    return mass / float((depth * _group_sum(level, shift, exponent)).sum())
