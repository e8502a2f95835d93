"""The rows of one day: who takes how much, before it is said what and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringfence.lab.simulate.extractors.rates import Rate
from ringfence.stats.arrays import Integers


@dataclass(frozen=True)
class Agenda:
    """Takes to come on one day, an account's rows together; all columns of one length.

    Attributes:
        account: whose, ascending.
        nth: number of the take since the account began, from 0.
        place: number of the take on this day, from 0.
        of: takes of the account on this day.
    """

    account: Integers
    nth: Integers
    place: Integers
    of: Integers

    def __len__(self) -> int:
        """Return the number of takes."""
        return len(self.account)

    def spread(self) -> Integers:
        """Number the accounts that take anything: (rows,) from 0."""
        return np.cumsum(self.place == 0) - 1


def agenda(rate: Rate, accounts: int, day: int) -> Agenda:
    """Return what a rate asks for on a day."""
    everyone = np.arange(accounts)
    before = rate.before(everyone, day)
    return of_counts(everyone, rate.before(everyone, day + 1) - before, before)


def of_counts(account: Integers, count: Integers, before: Integers) -> Agenda:
    """Return as many rows of each account as are to be taken."""
    begin = np.repeat(np.cumsum(count) - count, count)
    place = np.arange(len(begin)) - begin
    return Agenda(
        account=np.repeat(account, count),
        nth=np.repeat(before, count) + place,
        place=place,
        of=np.repeat(count, count),
    )
