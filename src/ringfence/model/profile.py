"""The profile of an account: the data that its charts show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Profile:
    """The data that the charts of one account show. All times are UTC.

    Attributes:
        days: (day, uses, items new to the account) per day with use, in order.
        week: uses per hour of the week, 168 numbers from Monday 00:00.
        popularity: (largest number of holders in the bucket, share of this account's items, share
            of all holdings) per bucket, least popular first.
        standing: (test, share of accounts that are less extreme, in [0, 1]) per test.
        clients: (client name, events) per client, most used first; empty if the log names none.
        networks: number of distinct networks; 0 if the log has no addresses.
        clients_in_all: number of distinct clients, also of those that are not listed.
    """

    days: tuple[tuple[date, int, int], ...]
    week: tuple[int, ...]
    popularity: tuple[tuple[int, float, float], ...]
    standing: tuple[tuple[str, float], ...]
    clients: tuple[tuple[str, int], ...] = ()
    networks: int = 0
    clients_in_all: int = 0
