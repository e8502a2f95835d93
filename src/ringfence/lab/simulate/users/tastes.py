"""Choose the items of plays: finds of the day and of all days before it.

Every day brings a person some finds. A play takes one of today's finds or one of an earlier day.
The number of days it goes back follows a heavy-tailed law (Lomax), and so does the place of the
find among those of its day. So favourites come and fade, old ones return, and new ones keep coming
at a falling rate. The item of a play depends on its own random bits alone: no play needs another
one to be made first.

Forgetting as a power of time is from Anderson and Schooler (1991), the law of favourites from Zipf.
The scales are fitted (:mod:`ringfence.lab.simulate.users.people`).
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
"""Days by which a play goes back, in units of the person's ``past``: Lomax with exponent 1/2."""
_DAYS = 1 << 10
_MIDDLES = (np.arange(_DAYS) + 0.5) / _DAYS
_RICH = _MIDDLES > 0.982
"""On one day of 55 people look for new items. Measured people's best day brings half as many new
items as their best week, which a steady rate does not give."""
_FINDS = np.exp(1.1 * ndtri(_MIDDLES)) * np.where(_RICH, 5.0, 1.0)
"""Factor on the number of finds of a day: log-normal, and larger on rich days. Fitted."""
_FINDS_AT_ONCE = 8.0 * _FINDS * np.where(_RICH, 9.0, 1.0)
"""The same for plays on the day itself: most items are heard once, and few become favourites. 45 %
of real people's items were played once. Fitted."""
_TODAY = _FINDS**0.6
"""Factor on the share of a day's plays that go to its own finds. Fitted."""
_TODAY_RICH = 0.85 * _RICH
_MOST_TODAY = 0.95
_ABUNDANCE = ndtri(_MIDDLES) + 1.55 * _RICH
_DEEPEST = 1 << 30


def abundance(people: People, day: int) -> Floats:
    """Return how rich in finds a day is for each person, as nearly standard normal numbers."""
    rich: Floats = _ABUNDANCE[_richness(derive_keys(people.key, day))]
    return rich


def share_of_today(people: People, who: Integers, day: int) -> Floats:
    """Return the share of each person's plays that go to the day's own finds.

    The share is larger on days with many finds.
    """
    of_day = _richness(derive_keys(people.key[who], day))
    share = people.today[who] * _TODAY[of_day] + _TODAY_RICH[of_day]
    return np.minimum(share, _MOST_TODAY)


def choose_finds(people: People, who: Integers, day: int, today: Floats, bits: Keys) -> Keys:
    """Choose the find of each play and return its key.

    Args:
        people: traits.
        who: (plays,) rows of people.
        day: day of the plays.
        today: (plays,) as :func:`share_of_today`.
        bits: (plays,) random bits; the upper 44 are used.

    Returns:
        (plays,) keys. Two plays of one person have the same key if they have the same find, and,
        apart from rare coincidences, only then.
    """
    begin = people.begin[who]
    lag = _days_back(people.past[who], today, bits)
    age = day - begin
    # Accounts that began during the scenario have no past: plays that reach there are folded.
    back = np.where((lag > age) & (begin > 0), lag % (age + 1), lag)
    brought = derive_keys(people.key[who], day - back)
    depth = ((bits >> np.uint64(20)) & np.uint64(0xFFFFFF)).astype(np.float64)
    depth = (1 << 24) / (depth + 0.5)
    rich = _richness(brought)
    finds = people.breadth[who] * np.where(back == 0, _FINDS_AT_ONCE[rich], _FINDS[rich])
    rank = finds * (depth - 1.0)
    return derive_keys(brought, np.minimum(rank, _DEEPEST).astype(np.int64))


def _richness(brought: Keys) -> Integers:
    """Return the rank of days by their number of finds: 0 .. 1023."""
    return (brought >> np.uint64(54)).astype(np.int64)


def _days_back(past: Floats, today: Floats, bits: Keys) -> Integers:
    share = (bits >> np.uint64(44)).astype(np.float64) * 2.0**-20
    rest = ((share - today) / (1.0 - today) * _STEPS).astype(np.int64)
    lag = (past * _LAGS[np.maximum(rest, 0)]).astype(np.int64)
    return np.where(share < today, 0, np.minimum(lag, _DEEPEST))


def items_of(law: CatalogueLaw, taste_key: Keys, taste: Floats, find: Keys) -> Integers:
    """Return the item of each find.

    Args:
        law: the catalogue.
        taste_key: (plays,) keys of the tastes.
        taste: (plays,) number of groups in each, at least 1.
        find: (plays,) keys of the finds.
    """
    share = (find >> np.uint64(40)).astype(np.float64) * 2.0**-24
    place = (share * taste).astype(np.int64)
    group = groups_of(law, taste_key, place)
    return law.within(group, (find & np.uint64(0xFFFFFFFF)).astype(np.float64) * 2.0**-32)


def groups_of(law: CatalogueLaw, taste_key: Keys, place: Integers) -> Integers:
    """Return the group at each place of a taste, always the same one."""
    bits = derive_keys(taste_key, place + (1 << 40))
    liked = derive_keys(taste_key, ((bits & np.uint64(0xFF)).astype(np.int64) % LIKED) + (1 << 41))
    faithful = ((bits >> np.uint64(8)) & np.uint64(0xFF)).astype(np.float64) * 2.0**-8
    return law.liked(to_uniform(bits), to_uniform(liked), faithful)
