"""Compute the null distribution of coincident days, and measure the chance of the middle window.

Let two accounts take items within the windows on a day. Without lockstep, the middle window is as
likely as its neighbours: with items in s of B windows, the middle one is among them with chance
s / B. This is the jitter test for synchrony of nerve cells, with days as trials (Date, Bienenstock
and Geman 1998; Amarasingham, Harrison, Hatsopoulos and Geman 2012).

A group's coincident days are summed over its pairs. Pairs that share an account are dependent. The
pairs of m accounts can be played in R = m − 1 rounds of a tournament (m odd: R = m), in each of
which no account plays twice. By Hölder's inequality, the sum has the tail of independent pairs, R
times flatter (Janson 2004). With n days, O observed and Λ expected coincident days,

    ln P(≥ O) ≤ −n KL(O / n ‖ Λ / n) / R

where KL is the relative entropy of two coins. The evidence grows with members and days, but neither
with items nor with the square of the members. If forty people start an album together, each pair
counts once, however many tracks it has, and one evening is one day.

The bound fails if the middle window is likelier for everybody, as with clocks that show only hours
or programmes that start at full hours. The chance is therefore measured on other accounts.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.rings.lockstep.coincidences import WINDOWS, CoincidentDays
from ringfence.stats.arrays import Keys
from ringfence.stats.binomial import log_upper_tail_bound
from ringfence.stats.overdispersion import STANDARD_ERRORS

MAX_OTHERS: Final = 1_000
"""Largest number of other accounts on which the chance of the middle window is measured."""

OTHER_ACCOUNTS: Final = Statement(
    "rings.lockstep_others",
    """
SELECT DISTINCT account_key
FROM lockstep_holdings
WHERE account_key NOT IN (SELECT account_key FROM lockstep_group)
ORDER BY account_key
LIMIT $most
""",
)


def log_coincidence_tail(observed: float, expected: float, days: float, members: int) -> float:
    """Return an upper bound of ln P(at least this many coincident days) over a group's pairs.

    Args:
        observed: coincident days, summed over pairs.
        expected: the same by chance.
        days: days on which pairs come near each other in time, summed over pairs.
        members: the number of accounts.
    """
    if observed <= expected:
        return 0.0
    rounds = members - 1 + members % 2
    return float(log_upper_tail_bound(observed, days, expected / days)) / rounds


def middle_window_chance(engine: Engine, excluded: Keys) -> float:
    """Return the chance of the middle window among other accounts, at least that of any window.

    It is raised by its standard errors. If other accounts hardly ever come near each other, it is
    close to the chance of any window.

    Args:
        engine: has the view ``lockstep_holdings``.
        excluded: keys of the accounts that are suspected of lockstep.
    """
    near = CoincidentDays.of(engine, other_accounts(engine, excluded, MAX_OTHERS))
    windows = WINDOWS * float(near.expected.sum())
    middle = float(near.observed.sum())
    raised = (middle + STANDARD_ERRORS * np.sqrt(middle) + 1) / (windows + WINDOWS)
    return float(np.clip(raised, 1 / WINDOWS, 1.0))


def other_accounts(engine: Engine, excluded: Keys, most: int) -> Keys:
    """Return the lowest keys of accounts that are not excluded, ascending."""
    engine.table("lockstep_group", {"account_key": excluded})
    found: Keys = engine.columns(OTHER_ACCOUNTS, {"most": most})["account_key"]
    return found
