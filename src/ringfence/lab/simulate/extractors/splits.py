"""What is taken: how a ring divides a list so that nobody takes an item twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from ringfence.lab.simulate.permutation import permuted
from ringfence.stats.arrays import Integers

SplitName = Literal["interleaved", "blocks", "random"]


@dataclass(frozen=True)
class Work:
    """A list divided between accounts.

    Attributes:
        accounts: who divide it.
        share: the most that one account takes in all.
        key: of what is random.
    """

    accounts: int
    share: int
    key: int


def interleaved(work: Work, account: Integers, nth: Integers) -> Integers:
    """Deal the list out like cards: all work on the same, most used part of it."""
    return nth * work.accounts + account


def blocks(work: Work, account: Integers, nth: Integers) -> Integers:
    """Give everybody a run of the list: the first account has the most used items."""
    return account * work.share + nth


def random(work: Work, account: Integers, nth: Integers) -> Integers:
    """Give everybody a random part of the list, in random order."""
    return permuted(blocks(work, account, nth), work.accounts * work.share, work.key)


SPLITS: Final[dict[SplitName, Callable[[Work, Integers, Integers], Integers]]] = {
    "interleaved": interleaved,
    "blocks": blocks,
    "random": random,
}
"""Positions in the list of (account, n-th take); no two takes have the same."""
