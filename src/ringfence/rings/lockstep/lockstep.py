"""Lockstep: accounts that take the same items at the same times, again and again.

People who follow one list, wait for one release or share a taste take the same items on the same
day, but not in the same minute: how far apart two of them are in time has a law that is smooth over
minutes. For the takes of one item by two accounts, with windows of two minutes for the difference,
the middle window is then no likelier than its neighbours; given that a pair has items in s of B
windows on a day, the middle one is among them with chance s / B. This is the jitter test of
synchrony between nerve cells (Date, Bienenstock and Geman 1998; Amarasingham, Harrison, Hatsopoulos
and Geman 2012), with days for trials. Security knows lockstep as SynchroTrap (Cao et al. 2014) and
CopyCatch (Beutel et al. 2013) do, by thresholds without a null.

A group's occasions are added up over its pairs. Pairs that share an account depend on each other,
but those of m accounts fall into R = m − 1 (m odd: m) rounds of a tournament in which nobody plays
twice, and by Hölder's inequality the sum has, R times flatter, the tail of independent ones (Janson
2004): with n days, O occasions and Λ expected,

    ln P(≥ O) ≤ −n KL(O / n ‖ Λ / n) / R

where KL is the relative entropy of two coins. The evidence grows with members and days, not with
items and not with the square of the members: forty people who start an album together are one
chance event of forty, and one evening is one evening.

Where the middle window *is* likelier among other accounts (clocks that show only hours, programmes
that start at full hours), the chance is taken from them. People who keep an appointment, a weekly
listening hour or a lesson, coincide beyond chance; they are told apart by all they do besides:
members take :data:`SHARE` of what they take together with each other, on :data:`SHARE` of their
days, and on :data:`~ringfence.rings.lockstep.coincidences.LEAST_DAYS` days, at least.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse
from scipy.special import rel_entr

from ringfence.engine import Engine, Statement
from ringfence.model.ring import Ring
from ringfence.rings.collision.find import TESTS, WORTH_A_LOOK
from ringfence.rings.collision.membership import LEAST_MEMBERS
from ringfence.rings.collision.pools import log_price
from ringfence.rings.collision.tail import ERRORS, LARGEST_SHAPE
from ringfence.rings.lockstep.coincidences import (
    LEAST_DAYS,
    WINDOWS,
    Occasions,
    joining,
    others,
    pairs_together,
    telling_takes,
)
from ringfence.stats.arrays import Keys

SHARE: Final = 1 / 3
"""Least part of its items that a member takes together with another member, on average, and of its
days on which it does."""

SEARCHED: Final = SHARE / 2
"""The same in the search, which sees half to nine tenths of what is taken together."""

OTHERS: Final = 1_000
"""Accounts on which the chance of the middle window is measured."""

MOST_MEMBERS: Final = 1_000
"""Rows that a ring is scored by and shown with at most: their pairs grow with the square."""

ACCOUNTS: Final = Statement(
    "rings.lockstep_population",
    """
SELECT count(DISTINCT account_key) AS accounts
FROM holdings
WHERE account_key NOT IN (SELECT account_key FROM robots)
""",
)
"""How many a ring may have been chosen from, robots not among them."""


def find_lockstep(engine: Engine) -> tuple[Ring, ...]:
    """Find the accounts that act together, most certain first.

    Needs nothing but times: no groups, no order of evidence. Fails on accounts that do the same at
    a fixed distance of minutes, that work on less than a week of days, or that take mostly other
    things; and finds whoever is driven by one programme, honest or not: shops of a chain, accounts
    of a class that are used for nothing else.

    Args:
        engine: holds the ledger, and the temp table ``robots``. Temp tables are made in it whose
            names begin with ``lockstep_``.
    """
    takes = telling_takes(engine)
    if not takes:
        return ()
    asked: list[Keys] = []
    for group in _connected(*pairs_together(engine, takes, SEARCHED)):
        acting = np.union1d(group, joining(engine, group, SEARCHED))
        asked.append(np.setdiff1d(acting, _all(asked)))
    kept = [_kept(Occasions.of(engine, keys[:MOST_MEMBERS])) for keys in asked]
    found = [keys for keys in kept if keys.size >= LEAST_MEMBERS]
    if not found:
        return ()
    chance = _middle(engine, _all(asked))
    accounts = int(engine.rows(ACCOUNTS)[0][0])
    rings = [_judged(Occasions.of(engine, keys, chance), accounts) for keys in found]
    weighty = [ring for ring in rings if ring.p_value <= WORTH_A_LOOK]
    return tuple(sorted(weighty, key=lambda ring: ring.log_p))


def log_tail(observed: float, expected: float, days: float, members: int) -> float:
    """Return an upper bound of ln P(at least so many occasions) over the pairs of so many accounts.

    Args:
        observed: occasions.
        expected: by chance.
        days: of all pairs, on which they come near each other in time.
        members: accounts.
    """
    if observed <= expected:
        return 0.0
    seen, chance = observed / days, expected / days
    entropy = rel_entr(seen, chance) + rel_entr(1 - seen, 1 - chance)
    return -days * float(entropy) / (members - 1 + members % 2)


def _connected(one: Keys, other: Keys) -> list[Keys]:
    """Return the sets of connected accounts that are large enough for a ring, largest first."""
    keys, places = np.unique(np.concatenate([one, other]), return_inverse=True)
    ends = places[: one.size], places[one.size :]
    links = sparse.coo_array((np.ones(one.size), ends), shape=(keys.size, keys.size))
    _, component = sparse.csgraph.connected_components(links, directed=False)
    large = np.flatnonzero(np.bincount(component) >= LEAST_MEMBERS)
    sets = [keys[component == number] for number in large]
    return sorted(sets, key=lambda each: (-each.size, int(each[0])))


def _all(sets: list[Keys]) -> Keys:
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *sets]))


def _middle(engine: Engine, suspected: Keys) -> float:
    """Return the chance of the middle window among other accounts: that of any, if not more.

    Raised by its standard errors, and towards that of any window where others hardly ever meet.
    """
    near = Occasions.of(engine, others(engine, suspected, OTHERS))
    windows = WINDOWS * float(near.expected.sum())
    middle = float(near.observed.sum())
    raised = (middle + ERRORS * np.sqrt(middle) + 1) / (windows + WINDOWS)
    return float(np.clip(raised, 1 / WINDOWS, 1.0))


def _kept(near: Occasions) -> Keys:
    """Let accounts leave, one after the other, that mostly do something else than those left."""
    size, left = near.keys.size, np.arange(near.keys.size)
    ends = np.concatenate([near.one, near.other]), np.concatenate([near.other, near.one])
    items, days = (
        sparse.csc_array((np.tile(each, 2), ends), shape=(size, size))
        for each in (near.items, near.observed)
    )
    least = SHARE * np.array([near.held, near.active])
    least[1] = np.maximum(least[1], LEAST_DAYS)
    toward = np.array([near.toward(near.items), near.toward(near.observed)])
    while left.size >= LEAST_MEMBERS:
        standing = (toward[:, left] / np.maximum(least[:, left], 1)).min(axis=0) / (left.size - 1)
        worst = int(np.argmin(standing))
        if standing[worst] >= 1:
            break
        toward -= [each[:, [left[worst]]].toarray().ravel() for each in (items, days)]
        left = np.delete(left, worst)
    return near.keys[left]


def _judged(near: Occasions, accounts: int) -> Ring:
    """Say how rare so many occasions are, at the price of having looked for the group."""
    observed, expected = float(near.observed.sum()), float(near.expected.sum())
    members = near.keys.size
    tail = log_tail(observed, expected, float(near.days.sum()), members)
    return Ring(
        test="lockstep",
        level="global",
        keys=near.keys,
        observed=observed,
        expected=expected,
        # What pairs have in common is in the tail; days are independent.
        shape=LARGEST_SHAPE,
        log_p=tail + float(log_price(accounts, members)) + float(np.log(TESTS)),
        held=near.held,
        toward=np.column_stack([near.toward(near.observed), near.toward(near.expected)]),
        alone=np.zeros(members),
        one_in=near.one_in,
    )
