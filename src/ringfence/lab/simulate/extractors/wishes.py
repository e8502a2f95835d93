"""The new items an imitated user comes upon, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.lab.simulate.extractors.kept import Kept
from ringfence.lab.simulate.extractors.ranked import ENDED, ranked
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Integers

OUTSIDE: Final = 0.1
"""Share of what a user tries that is no group of the taste."""
TRIES: Final = 3
"""Draws from a taste for each new item wanted; beyond, a taste counts as used up."""

_WISHES: Final = 22


@dataclass(frozen=True)
class Wishes:
    """What is wanted.

    Attributes:
        accounts: how many.
        most: new items of each.
        groups: in a taste.
        own: share from the account's part of the list of the most used items.
    """

    accounts: int
    most: int
    groups: int
    own: float


_LISTS = Kept()


def wishes(shelf: ItemPool, wanted: Wishes, seed: int) -> Integers:
    """Return the items each account comes upon: (accounts, most), ``ENDED`` where no more.

    No account has an item twice. The lists made last are kept: a day needs all that came before.
    """

    def made() -> Integers:
        return np.stack([_account(shelf, wanted, seed, n) for n in range(wanted.accounts)])

    return _LISTS.of(shelf, (wanted, seed), made)


def _account(shelf: ItemPool, wanted: Wishes, seed: int, account: int) -> Integers:
    """Merge an account's part of the list with what its taste makes it find."""
    rng = np.random.default_rng([seed, _WISHES, account])
    from_list = rng.random(wanted.most) < wanted.own
    part = np.cumsum(from_list) - 1
    dealt = ranked(shelf, part[from_list] * wanted.accounts + account)
    # Some more than are needed: those that the part of the list holds as well are left out.
    liked = _liked(shelf, wanted, key_of(seed, _WISHES, account), rng)
    liked = liked[~np.isin(liked, dealt)]
    items = np.full(wanted.most, ENDED, np.int64)
    items[from_list] = dealt
    room = np.flatnonzero(~from_list)[: len(liked)]
    items[room] = liked[: len(room)]
    return items


def _liked(shelf: ItemPool, wanted: Wishes, key: int, rng: np.random.Generator) -> Integers:
    """Draw from a taste what a user would, without repeats, the most liked mostly first."""
    tries = TRIES * wanted.most
    taste = shelf.taste(key, wanted.groups)
    # Zipf's law over the places of the taste.
    place = np.expm1(rng.random(tries) * np.log1p(len(taste))).astype(np.int64)
    item = shelf.within(taste[np.minimum(place, len(taste) - 1)], rng.random(tries))
    used = shelf.used(rng.random(tries))
    tried = np.where(rng.random(tries) < OUTSIDE, used, item)
    return _distinct(np.concatenate([tried, shelf.used(rng.random(tries))]))


def _distinct(item: Integers) -> Integers:
    """Return items in the order of their first occurrence."""
    _, first = np.unique(item, return_index=True)
    return item[np.sort(first)]
