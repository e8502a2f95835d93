"""Make events of people whose lives change, and of thieves that use a login beside its owner.

Readers of articles with a login, as the kind ``member`` of the simulator: a median of three
articles on 10 to 70 % of days, six of ten from one journal. Some day their lives change: people
travel, move, or work at night. All numbers are assumed; each change is larger than it usually is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ringfence.stats.arrays import Columns, Floats, Integers
from ringfence.stats.seconds import DAY, HOUR

START: Final = np.datetime64("2026-03-02T00:00:00")
DAYS: Final = 42
GROUPS: Final = 4_000
GROUP_SIZE: Final = 25
CLIENTS: Final = 40
_SPREAD: Final = 1.18
_FOREIGN: Final = 1 << 20
"""Numbers of networks and clients from here on belong to one account and one place."""
_MOBILE: Final = 900_000
_VPN: Final = 4_000_000
_ANY, _LIST, _JOURNALS, _SAME = -1, -2, -3, -4
"""Shifts of thieves, which stand for what they take. Those from the last one down number items that
all of them take."""


@dataclass(frozen=True)
class Visits:
    """Sessions of accounts: arrays of one length.

    Attributes:
        account: number of the account.
        day: day since the start.
        hour: hour of the day at which it begins; may be negative or above 24.
        items: number of items.
        network: number of the network.
        client: number of the client.
        shift: how far the session's topics are from usual ones, in groups.
    """

    account: Integers
    day: Integers
    hour: Floats
    items: Integers
    network: Integers
    client: Integers
    shift: Integers

    def at(self, rows: Integers) -> Visits:
        """Return some of the sessions."""
        return Visits(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def beside(self, other: Visits) -> Visits:
        """Return these and other sessions."""
        names = self.__dataclass_fields__
        return Visits(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in names))


@dataclass(frozen=True)
class Person:
    """Facts about accounts: arrays of one length.

    Attributes:
        change: day on which the life changes.
        often: share of days with use.
        clock: hour around which the account is used.
    """

    change: Integers
    often: Floats
    clock: Floats


Life = Callable[[np.random.Generator, Person, Visits], Visits]


def _usual(rng: np.random.Generator, person: Person) -> Visits:
    """Return the sessions of people whose lives do not change."""
    accounts = person.often.size
    used = rng.random((accounts, DAYS)) < person.often[:, None]
    account, day = np.nonzero(used)
    hour = person.clock[account] + rng.normal(0, 2.5, account.size)
    mobile = rng.random(account.size) < 0.25
    second = (account % 2 == 0) & mobile
    return Visits(
        account,
        day,
        hour,
        _counts(rng, account.size),
        np.where(mobile, _MOBILE + account % 50, account),
        np.where(second, CLIENTS + account % 7, account % CLIENTS),
        np.zeros(account.size, np.int64),
    )


def _counts(rng: np.random.Generator, size: int, times: float = 1.0) -> Integers:
    return np.clip(times * np.exp(np.log(3.0) + _SPREAD * rng.normal(0, 1, size)), 1, 150).astype(
        np.int64
    )


def _elsewhere(account: Integers, place: int, number: Integers | int = 0) -> Integers:
    """Return networks or clients that only these accounts have, and only in one place."""
    return _FOREIGN + (account * 16 + place) * 64 + number


def _stays(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    del rng, person
    return visits


def _travels(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """Abroad for two weeks: other networks every few days, other hours; half with a new laptop."""
    since = visits.day - person.change[visits.account]
    away = (since >= 0) & (since < 14)
    laptop = away & (visits.account % 2 == 0)
    return replace(
        visits,
        hour=np.where(away, visits.hour + 8, visits.hour),
        items=np.where(away, _counts(rng, away.size, 1.5), visits.items),
        network=np.where(away, _elsewhere(visits.account, 1, since // 3 % 64), visits.network),
        client=np.where(laptop, _elsewhere(visits.account, 1), visits.client),
    )


def _new_telephone(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """A new telephone with a new operator, for all use since."""
    del rng
    since = visits.day >= person.change[visits.account]
    mobile = since & (visits.network >= _MOBILE)
    return replace(
        visits,
        network=np.where(mobile, _elsewhere(visits.account, 2), visits.network),
        client=np.where(since, _elsewhere(visits.account, 2), visits.client),
    )


def _extra(  # noqa: PLR0913, PLR0917 - each is one property of the sessions
    rng: np.random.Generator,
    person: Person,
    chance: float,
    hours: tuple[float, float],
    times: float,
    place: int,
    *,
    length: int = DAYS,
    working: bool = False,
    shift: int = 0,
    alternating: bool = False,
) -> Visits:
    """Return sessions in another place, with a client that only this place has."""
    account, since = np.nonzero(rng.random((person.change.size, length)) < chance)
    day = since + person.change[account]
    kept = day < DAYS
    if working:
        kept &= day % 7 < 5
    if alternating:
        kept &= since // 7 % 2 == 0
    account, day = account[kept], day[kept]
    return Visits(
        account,
        day,
        rng.uniform(*hours, account.size),
        _counts(rng, account.size, times),
        _elsewhere(account, place),
        _elsewhere(account, place),
        np.full(account.size, shift, np.int64),
    )


def _new_work(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """New work: an office with its own computer on workdays, three times as much, new topics."""
    return visits.beside(_extra(rng, person, 0.8, (9, 17), 3, 3, working=True, shift=1_500))


def _holidays(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """Two weeks in a holiday home with a new tablet, three times as much, two hours later."""
    since = visits.day - person.change[visits.account]
    away = (since >= 0) & (since < 14)
    return replace(
        visits,
        hour=np.where(away, visits.hour + 2, visits.hour),
        items=np.where(away, _counts(rng, away.size, 3), visits.items),
        network=np.where(away, _elsewhere(visits.account, 4), visits.network),
        client=np.where(away, _elsewhere(visits.account, 4), visits.client),
    )


def _moves(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """A student moves for good, with a new laptop, and reads twice as much."""
    since = visits.day >= person.change[visits.account]
    return replace(
        visits,
        items=np.where(since, _counts(rng, since.size, 2), visits.items),
        network=np.where(since, _elsewhere(visits.account, 5), visits.network),
        client=np.where(since, _elsewhere(visits.account, 5), visits.client),
        shift=np.where(since, 800, visits.shift),
    )


def _uses_vpn(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """Another network for every session, and a browser that renews itself every ten days."""
    del person
    network = _VPN + rng.integers(0, 300, visits.account.size)
    return replace(visits, network=network, client=_elsewhere(visits.account, 6, visits.day // 10))


def _works_at_night(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """Night shifts every other week: the computer of a hospital, and use at home as before."""
    return visits.beside(_extra(rng, person, 0.7, (22, 29), 1, 7, alternating=True))


def _learns(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """Three weeks before an examination: a library's computer, five times as much, one topic."""
    return visits.beside(_extra(rng, person, 0.8, (9, 22), 5, 8, length=21, shift=600))


def _shares(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """A friend in another town begins to use the login as people do, with other interests."""
    return visits.beside(_extra(rng, person, 0.5, (7, 23), 1, 9, shift=2_200))


def _has_an_assistant(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """An assistant abroad works at the owner's night, and takes ten times as much."""
    return visits.beside(_extra(rng, person, 0.8, (1, 5), 10, 10, working=True, shift=1_000))


def _learns_at_night(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """As before an examination, but from the evening until four in the morning."""
    return visits.beside(_extra(rng, person, 0.8, (19, 28), 5, 8, length=21, shift=600))


def _moves_abroad(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """All use eight hours later, with a new laptop, four times as much, new topics."""
    since = visits.day >= person.change[visits.account]
    return replace(
        _moves(rng, person, visits),
        hour=np.where(since, visits.hour + 8, visits.hour),
        items=np.where(since, _counts(rng, since.size, 4), visits.items),
    )


def _works_abroad(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
    """New work in another time zone: its own computer, four times as much, and no use at home."""
    before = visits.at(np.flatnonzero(visits.day < person.change[visits.account]))
    return before.beside(_extra(rng, person, 0.8, (17, 25), 4, 5, working=True, shift=1_500))


HONEST: Final[Mapping[str, Life]] = {
    "no change": _stays,
    "journey": _travels,
    "new telephone": _new_telephone,
    "new work": _new_work,
    "holidays": _holidays,
    "moved student": _moves,
    "VPN": _uses_vpn,
    "night shifts": _works_at_night,
    "examination": _learns,
    "shared login": _shares,
}
"""Honest people by the change in their lives."""

AT_OTHER_HOURS: Final[Mapping[str, Life]] = {
    "examination, at night": _learns_at_night,
    "moved abroad": _moves_abroad,
    "new work abroad": _works_abroad,
    "assistant abroad": _has_an_assistant,
}
"""Honest changes that look like a theft: another place, much more use, and other hours."""


def in_one_place(life: Life, accounts: int) -> Life:
    """Return a life whose foreign places are shared: one network and one client of some accounts.

    Args:
        life: of single people.
        accounts: how many accounts share a place.
    """

    def together(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
        visits = life(rng, person, visits)
        return replace(
            visits,
            network=_shared(visits, visits.network, accounts),
            client=_shared(visits, visits.client, accounts),
        )

    return together


def _shared(visits: Visits, numbers: Integers, accounts: int) -> Integers:
    """Replace networks or clients of one account by those of the first account in its group."""
    own = (numbers >= _FOREIGN) & (numbers < _VPN)
    first = visits.account // accounts * accounts
    moved = numbers - (visits.account - first) * 16 * 64
    return np.where(own, moved, numbers)


def in_lockstep(life: Life, busy: float = 0.0) -> Life:
    """Return a life of thieves that all take the same articles at the same times.

    Args:
        life: that of a thief.
        busy: articles per session that every owner reads besides, about.
    """

    def together(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
        owners = replace(visits, items=visits.items + rng.poisson(busy, visits.items.size))
        both = life(rng, person, owners)
        first = owners.items.size
        stolen = both.at(np.arange(first, both.items.size))
        led = stolen.day.size // person.change.size
        same = np.tile(np.arange(led), person.change.size)
        began = person.change[stolen.account]
        return owners.beside(
            replace(
                stolen,
                day=stolen.day - began + int(person.change.max()),
                hour=stolen.hour[same] + rng.uniform(-20, 20, same.size) / HOUR,
                shift=_SAME - same,
            )
        )

    return together


def thief(
    nights: int,
    per_night: int,
    hours: tuple[float, float] = (1, 5),
    *,
    crew: bool = False,
    journals: bool = False,
) -> Life:
    """Return the life of accounts whose logins are stolen.

    Args:
        nights: number of nights on which the login is used.
        per_night: articles per night.
        hours: begin and end of the hours of use.
        crew: whether the accounts work through one list, popular items first, and none takes an
            item that another one has taken.
        journals: whether each account takes whole journals, which no other account of it takes.
    """
    order = _JOURNALS if journals else _LIST if crew else _ANY

    def steals(rng: np.random.Generator, person: Person, visits: Visits) -> Visits:
        account = np.repeat(np.arange(person.change.size), nights * per_night)
        night = np.tile(np.repeat(np.arange(nights), per_night), person.change.size)
        ones = np.ones(account.size, np.int64)
        stolen = Visits(
            account,
            person.change[account] + night,
            rng.uniform(*hours, account.size),
            ones,
            _elsewhere(account, 11),
            _elsewhere(account, 11),
            ones * order,
        )
        return visits.beside(stolen)

    return steals


def people(lives: Mapping[str, tuple[int, Life]], seed: int) -> Columns:
    """Return events of accounts, named by their kind and a number such as ``journey-7``.

    Args:
        lives: number of accounts of each kind, and their lives.
        seed: the same seed gives the same events.
    """
    rng = np.random.default_rng(seed)
    tables: list[Columns] = []
    first = 0
    for name, (accounts, life) in lives.items():
        person = Person(
            rng.integers(18, 25, accounts),
            np.exp(rng.uniform(np.log(0.1), np.log(0.7), accounts)),
            np.clip(rng.normal(15, 3, accounts), 8, 22),
        )
        visits = life(rng, person, _usual(rng, person))
        tables.append(_events(rng, visits, name, first))
        first += accounts
    joined = {key: np.concatenate([one[key] for one in tables]) for key in tables[0]}
    order = np.argsort(joined["ts"], kind="stable")
    return {key: values[order] for key, values in joined.items()}


def _events(rng: np.random.Generator, visits: Visits, name: str, first: int) -> Columns:
    row = np.repeat(np.arange(visits.items.size), visits.items)
    nth = np.arange(row.size) - np.repeat(np.cumsum(visits.items) - visits.items, visits.items)
    one = visits.at(row)
    # The account's number sets its topics; a thief takes any popular item.
    base = (GROUPS * rng.random(visits.items.size) ** 3).astype(np.int64)
    group = np.where(rng.random(row.size) < 0.6, base[row], (GROUPS * rng.random(row.size) ** 3))
    group = (group.astype(np.int64) + np.maximum(one.shift, 0)) % GROUPS
    group = np.where(one.shift < 0, (GROUPS * rng.random(row.size) ** 2).astype(np.int64), group)
    item = group * GROUP_SIZE + (GROUP_SIZE * rng.random(row.size) ** 1.5).astype(np.int64)
    listed = one.shift == _LIST
    place = np.cumsum(listed) - 1
    item = np.where(listed, place // 5 % GROUPS * GROUP_SIZE + place % 5, item)
    item = np.where(one.shift <= _SAME, _SAME - one.shift, item)
    item = np.where(one.shift == _JOURNALS, _whole_journals(one.account), item)
    moment = one.day * DAY + (one.hour * HOUR).astype(np.int64) + nth * 120
    network = np.where(one.network < _MOBILE, one.network + first, one.network)
    network = np.where(
        one.network >= _VPN,
        one.network,
        np.where(network >= _FOREIGN, network + first * 1024, network),
    )
    return {
        "ts": START + np.maximum(moment, 0).astype("timedelta64[s]"),
        "account": _named(f"{name}-{{}}", one.account),
        "item": _named("item-{}", item),
        "group": _named("group-{}", group),
        "ip": _named("{}", network, _address),
        "client": _named("browser {}", one.client),
    }


def _whole_journals(account: Integers) -> Integers:
    """Return items in whole groups, popular ones first; no two accounts share a group."""
    order = np.argsort(account, kind="stable")
    counts = np.bincount(account)
    nth = np.empty(account.size, np.int64)
    nth[order] = np.arange(account.size) - np.repeat(np.cumsum(counts) - counts, counts)
    group = nth // GROUP_SIZE * counts.size + account
    return group % GROUPS * GROUP_SIZE + nth % GROUP_SIZE


def _address(number: int) -> str:
    return f"{10 + (number >> 16)}.{number >> 8 & 255}.{number & 255}.7"


def _named(pattern: str, numbers: Integers, text: Callable[[int], str] | None = None) -> Columns:
    distinct, which = np.unique(numbers, return_inverse=True)
    names = [pattern.format(text(int(one)) if text else one) for one in distinct]
    return np.array(names, dtype=object)[which]
