"""Holdings of independent accounts with tastes and skewed popularity, and of rings among them."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from ringfence.rings.collision.holdings import Holdings, holdings_from_pairs

GROUPS = 300
SIZE = 40
"""Items per group."""

Pairs = tuple[np.ndarray, np.ndarray]
"""Account and item of each holding."""


def users(rng: Generator, accounts: int = 600, *, median: float = 60.0) -> Pairs:
    """Draw accounts that each like some groups, and popular items within them.

    One account in ten takes rare items only. Sizes are lognormal: some hold ten times the median.
    """
    names, items = [], []
    for account in range(accounts):
        uses = int(min(median * np.exp(rng.normal(0, 0.9)), 2_000)) + 5
        liked = rng.choice(GROUPS, 8 + uses // 10, p=_zipf(GROUPS, 0.7))
        group = rng.choice(liked, uses)
        skew = 0.0 if account % 10 == 0 else 1.0
        place = rng.choice(SIZE, uses, p=_zipf(SIZE, skew))
        if account % 10 == 0:
            place = SIZE - 1 - place // 2
        taken = np.unique(group * SIZE + place)
        names.append(np.full(taken.size, account))
        items.append(taken)
    return np.concatenate(names), np.concatenate(items)


def ring(crowd: Pairs, members: int, share: int, rng: Generator, bought: float = 0.0) -> Pairs:
    """Deal the most held items, like cards, to accounts numbered from 10,000 on.

    A part of each share may be bought: popular items that others hold too.
    """
    held = np.bincount(crowd[1], minlength=GROUPS * SIZE)
    own = round(share * (1 - bought))
    dealt = np.argsort(-held, kind="stable")[: members * own]
    names = [10_000 + np.arange(dealt.size) % members]
    items = [dealt]
    for member in range(members if bought else 0):
        extra = np.unique(rng.choice(held.size, share - own, p=held / held.sum()))
        names.append(np.full(extra.size, 10_000 + member))
        items.append(extra)
    return np.concatenate(names), np.concatenate(items)


def scenes(rng: Generator, accounts: int = 600, many: int = 10) -> Pairs:
    """Draw accounts that take four of five items from one scene, and the others from anywhere."""
    names, items = [], []
    own = GROUPS // many
    for account in range(accounts):
        uses = int(60 * np.exp(rng.normal(0, 0.6))) + 10
        home = (account % many) + many * rng.choice(own, uses, p=_zipf(own, 0.7))
        away = rng.choice(GROUPS, uses, p=_zipf(GROUPS, 0.7))
        group = np.where(rng.random(uses) < 0.8, home, away)
        taken = np.unique(group * SIZE + rng.choice(SIZE, uses, p=_zipf(SIZE, 1.0)))
        names.append(np.full(taken.size, account))
        items.append(taken)
    return np.concatenate(names), np.concatenate(items)


def overlapping_scenes(
    rng: Generator, share: float, *, accounts: int = 500, many: int = 30, median: float = 60.0
) -> Pairs:
    """Draw accounts that take a share of their uses from one scene, and the others from anywhere.

    The groups of each scene are drawn at random. Each group is in two scenes on average.
    """
    own = 2 * GROUPS // many
    homes = [rng.choice(GROUPS, own, replace=False) for _ in range(many)]
    names, items = [], []
    for account in range(accounts):
        uses = int(median * np.exp(rng.normal(0, 0.6))) + 10
        home = homes[account % many][rng.choice(own, uses, p=_zipf(own, 0.7))]
        away = rng.choice(GROUPS, uses, p=_zipf(GROUPS, 0.7))
        group = np.where(rng.random(uses) < share, home, away)
        taken = np.unique(group * SIZE + rng.choice(SIZE, uses, p=_zipf(SIZE, 1.0)))
        names.append(np.full(taken.size, account))
        items.append(taken)
    return np.concatenate(names), np.concatenate(items)


def runs(rng: Generator, accounts: int, length: int = 12, many: int = 6) -> Pairs:
    """Draw accounts, numbered from 5,000 on, that take runs of items, each within one group.

    Two of them that like a group share a run or, three times in four, nothing.
    """
    names, items = [], []
    for account in range(5_000, 5_000 + accounts):
        group = rng.choice(GROUPS, many, replace=False, p=_zipf(GROUPS, 1.0))
        first = rng.integers(0, SIZE, many)
        place = (first[:, None] + np.arange(length)) % SIZE
        taken = np.unique(group[:, None] * SIZE + place)
        names.append(np.full(taken.size, account))
        items.append(taken)
    return np.concatenate(names), np.concatenate(items)


def with_bulk_holders(rng: Generator, crowd: Pairs, accounts: int, share: int, bulk: int) -> Pairs:
    """Add accounts, from 5,000 on, with items of their own, and from 9,000 on bulk holders."""
    names = np.repeat(np.arange(5_000, 5_000 + accounts), share)
    items = GROUPS * SIZE + rng.permutation(accounts * share)
    every = np.unique(np.concatenate([crowd[1], items]))
    return (
        np.concatenate([crowd[0], names, np.repeat(np.arange(9_000, 9_000 + bulk), every.size)]),
        np.concatenate([crowd[1], items, *([every] * bulk)]),
    )


def by_group(crowd: Pairs, members: int, groups: int) -> Pairs:
    """Deal whole groups to accounts numbered from 10,000 on, the most held group first."""
    held = np.bincount(crowd[1] // SIZE, minlength=GROUPS)
    dealt = np.argsort(-held, kind="stable")[: members * groups]
    items = (dealt[:, None] * SIZE + np.arange(SIZE)).ravel()
    return 10_000 + np.repeat(np.arange(dealt.size) % members, SIZE), items


def spread(rng: Generator, accounts: int, parts: int, size: int, *, uses: float = 60.0) -> Pairs:
    """Draw accounts that take a little of every part of a catalogue."""
    each = (uses * np.exp(rng.normal(0, 0.5, accounts))).astype(np.int64) + 12
    return np.repeat(np.arange(accounts), each), rng.integers(0, parts * size, int(each.sum()))


def of_one_part(
    rng: Generator, accounts: int, parts: int, size: int, *, taken: float = 1.0
) -> Pairs:
    """Draw accounts, numbered from 5,000 on, that each take most of one part, such as an issue."""
    number = round(taken * size)
    part = rng.integers(0, parts, accounts)
    place = np.array([rng.choice(size, number, replace=False) for _ in range(accounts)])
    items = part[:, None] * size + place
    return np.repeat(5_000 + np.arange(accounts), number), items.ravel()


def one_of_each_part(population: Holdings, size: int) -> np.ndarray:
    """Return the rows of one account of each part, among those that take one part.

    Items are numbered as in :func:`of_one_part`; every item must be held by two accounts.
    """
    rows = np.flatnonzero((population.accounts >= 5_000) & (population.accounts < 10_000))
    part = [int(np.median(population.matrix[[row]].indices)) // size for row in rows]
    return np.asarray(np.sort(rows[np.unique(part, return_index=True)[1]]))


def light(
    rng: Generator, accounts: int, early: int, *, uses: int = 18, items: int = 40_000
) -> Pairs:
    """Draw accounts that take any item; the first ``early`` accounts take ``uses`` items each."""
    each = (60 * np.exp(rng.normal(0, 0.5, accounts))).astype(np.int64) + 1
    each[:early] = uses
    return np.repeat(np.arange(accounts), each), rng.integers(0, items, each.sum())


def together(*crowds: Pairs, genres: int = 0, size: int = SIZE) -> Holdings:
    """Return crowds as one population, in a catalogue with this number of genres.

    ``size`` is the number of items in a group; 0 for a catalogue without groups.
    """
    account, item = (np.concatenate(each) for each in zip(*crowds, strict=True))
    pairs = np.unique(np.column_stack([account, item]), axis=0).astype(np.uint64)
    group = 1 + pairs[:, 1] // np.uint64(size) if size else np.zeros_like(pairs[:, 1])
    genre = 1 + (group - 1) % np.uint64(genres) if genres else np.zeros_like(group)
    return holdings_from_pairs(pairs[:, 0], pairs[:, 1], group, genre)


def _zipf(size: int, exponent: float) -> np.ndarray:
    weights = np.arange(1.0, size + 1) ** -exponent
    return np.asarray(weights / weights.sum())
