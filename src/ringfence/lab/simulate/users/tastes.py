"""What is played: finds of today and of all the days before, each favourite for a while.

Every day brings a person some finds. A play is of today's finds or of those of an earlier day; the
days that it goes back follow a heavy-tailed law (Lomax), and so does the place of the find among
its day's. So favourites come and fade, old ones return, new ones keep coming at a falling rate, and
what a play is of depends on its own random bits alone: no play needs another to be made first.

The shape of forgetting as a power of time is from Anderson and Schooler (1991), that of favourites
from Zipf; the scales are fitted (:mod:`ringfence.lab.simulate.users.people`).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from ringfence.lab.simulate.catalogue import LIKED, CatalogueLaw
from ringfence.lab.simulate.hashing import derive_keys, to_uniform
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Floats, Integers, Keys

_STEPS = 1 << 16
_LAGS = ((np.arange(_STEPS) + 0.5) / _STEPS) ** -2.0 - 1.0
"""Days that a play goes back, in units of the person's ``past``: Lomax with exponent 1/2."""
_DAYS = 1 << 10
_MIDDLES = (np.arange(_DAYS) + 0.5) / _DAYS
_RICH = _MIDDLES > 0.982
"""On one day of 55 people go looking for new things: measured people's best day for new items
brings half as many as their best week, which no steady rate gives."""
_FINDS = np.exp(1.1 * ndtri(_MIDDLES)) * np.where(_RICH, 5.0, 1.0)
"""How many finds a day brings, as a factor: log-normal, and more on rich days. Fitted."""
_FINDS_AT_ONCE = 8.0 * _FINDS * np.where(_RICH, 9.0, 1.0)
"""The same for plays on the day itself: most things are heard once, and few become favourites;
45 % of real people's items were played once. Fitted."""
_DRAWN = _FINDS**0.6
"""How much more of a day's plays go to its own finds if there are many of them. Fitted."""
_DRAWN_RICH = 0.85 * _RICH
_MOST_DRAWN = 0.95
_ABUNDANCE = ndtri(_MIDDLES) + 1.55 * _RICH
_DEEPEST = 1 << 30


def abundance(people: People, day: int) -> Floats:
    """Return how rich in finds a day is for each person, nearly standard normal."""
    rich: Floats = _ABUNDANCE[_richness(derive_keys(people.key, day))]
    return rich


def drawn_to_today(people: People, who: Integers, day: int) -> Floats:
    """Return the share of each person's plays that are of the day's own finds.

    Days that bring many finds are given to them.
    """
    of_day = _richness(derive_keys(people.key[who], day))
    drawn = people.today[who] * _DRAWN[of_day] + _DRAWN_RICH[of_day]
    return np.minimum(drawn, _MOST_DRAWN)


def found(people: People, who: Integers, day: int, today: Floats, bits: Keys) -> Keys:
    """Choose what each play is of: the key of a find.

    Args:
        people: the traits.
        who: (plays,) rows of people.
        day: of the plays.
        today: (plays,) as :func:`drawn_to_today`.
        bits: (plays,) random bits; the upper 44 are used.

    Returns:
        (plays,) equal for two plays of one person if and only if they are of the same find, but
        for the odd coincidence.
    """
    begin = people.begin[who]
    lag = _days_back(people.past[who], today, bits)
    age = day - begin
    # Accounts that began during the scenario have no past: what would reach there is folded.
    back = np.where((lag > age) & (begin > 0), lag % (age + 1), lag)
    brought = derive_keys(people.key[who], day - back)
    depth = ((bits >> np.uint64(20)) & np.uint64(0xFFFFFF)).astype(np.float64)
    depth = (1 << 24) / (depth + 0.5)
    rich = _richness(brought)
    finds = people.breadth[who] * np.where(back == 0, _FINDS_AT_ONCE[rich], _FINDS[rich])
    rank = finds * (depth - 1.0)
    return derive_keys(brought, np.minimum(rank, _DEEPEST).astype(np.int64))


def _richness(brought: Keys) -> Integers:
    """Where days stand among all, by how many finds they bring: 0 .. 1023."""
    return (brought >> np.uint64(54)).astype(np.int64)


def _days_back(past: Floats, today: Floats, bits: Keys) -> Integers:
    share = (bits >> np.uint64(44)).astype(np.float64) * 2.0**-20
    rest = ((share - today) / (1.0 - today) * _STEPS).astype(np.int64)
    lag = (past * _LAGS[np.maximum(rest, 0)]).astype(np.int64)
    return np.where(share < today, 0, np.minimum(lag, _DEEPEST))


def items_of(law: CatalogueLaw, taste_key: Keys, taste: Floats, find: Keys) -> Integers:
    """Look up the item of a find.

    Args:
        law: the catalogue.
        taste_key: (plays,) whose taste.
        taste: (plays,) groups in it, at least 1.
        find: (plays,) keys of the finds.
    """
    share = (find >> np.uint64(40)).astype(np.float64) * 2.0**-24
    place = (share * taste).astype(np.int64)
    group = groups_of(law, taste_key, place)
    return law.within(group, (find & np.uint64(0xFFFFFFFF)).astype(np.float64) * 2.0**-32)


def groups_of(law: CatalogueLaw, taste_key: Keys, place: Integers) -> Integers:
    """Look up the group at a place of a taste, always the same one."""
    bits = derive_keys(taste_key, place + (1 << 40))
    liked = derive_keys(taste_key, ((bits & np.uint64(0xFF)).astype(np.int64) % LIKED) + (1 << 41))
    faithful = ((bits >> np.uint64(8)) & np.uint64(0xFF)).astype(np.float64) * 2.0**-8
    return law.liked(to_uniform(bits), to_uniform(liked), faithful)
