"""When: the seconds of a day at which an agenda is carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ringfence.lab.simulate.extractors.agenda import Agenda
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Floats, Integers

ClockName = Literal["even", "waking", "human", "restless", "bursts"]

DAY = 86_400
HOUR = 3_600.0
PACE = 0.6
"""Seconds between two takes of a tool at full speed: that of downloaders with no pause set."""
SITTING = 14.0
"""Mean plays between two breaks of a person."""
ZONES = (-8, -5, 0, 1, 2, 5, 8, 9)
"""Hours that accounts' homes are ahead of UTC: where most listeners live."""


@dataclass(frozen=True)
class Today:
    """What clocks need to know of a day.

    Attributes:
        plan: who takes how much.
        heard: (rows,) seconds that pass until a person goes on; machines need none.
        rng: of this day.
        key: of the accounts' habits, which stay.
    """

    plan: Agenda
    heard: Floats
    rng: np.random.Generator
    key: int

    def habit(self, slot: int) -> Floats:
        """Return each row's account's own number in [0, 1), the same on all days."""
        return hashed_uniform(np.array([key_of(self.key, slot)]), self.plan.account)


def even(today: Today) -> Floats:
    """Round the clock at equal distances; each account has its own phase and jitters a little."""
    plan = today.plan
    moment = plan.place + 0.2 * today.habit(1) + 0.8 * today.rng.random(len(plan))
    moments: Floats = moment / np.maximum(plan.of, 1) * DAY
    return moments


def waking(today: Today) -> Floats:
    """At equal distances within the waking hours of the account's time zone."""
    plan = today.plan
    fetch = (plan.place + today.rng.uniform(0.1, 0.9, len(plan))) / np.maximum(plan.of, 1)
    return _wake(today) + fetch * HOUR * (12.0 + 3.0 * today.habit(2))


def human(today: Today) -> Floats:
    """In sittings within waking hours: a track follows the last one's end, breaks are uneven."""
    return sittings(today, HOUR * (12.0 + 4.0 * today.habit(2)))


def restless(today: Today) -> Floats:
    """In sittings as a person's, but day and night: devices that play to nobody."""
    return sittings(today, np.full(len(today.plan), float(DAY)))


def bursts(today: Today) -> Floats:
    """At full speed from a random moment of the day until all is taken."""
    plan = today.plan
    pauses = today.rng.exponential(PACE, len(plan))
    clock = _running(plan, pauses)
    lasts = _of_last(plan, clock)
    room = np.maximum(DAY - lasts - 1.0, 0.0)
    start = today.rng.random(_accounts(plan))[plan.spread()] * room
    return start + clock * np.minimum(1.0, (DAY - 1.0) / np.maximum(lasts, 1.0))


def sittings(today: Today, window: Floats) -> Floats:
    """Place plays one after the other in a window of the day, with breaks between sittings.

    Where there is more to play than the window holds, plays are cut short.

    Args:
        today: the day.
        window: (rows,) seconds of the account's day in use.
    """
    plan = today.plan
    clock = _running(plan, today.heard)
    lasts = _of_last(plan, clock + today.heard)
    squeezed = np.minimum(1.0, 0.97 * window / np.maximum(lasts, 1.0))
    breaks = _running(plan, _breaks(today), own=True)
    # One more break, after the last play, keeps evenings as varied as mornings.
    closing = today.rng.exponential(1.0, _accounts(plan))[plan.spread()]
    spread = breaks / (_of_last(plan, breaks) + closing)
    moments: Floats = _wake(today) + clock * squeezed + spread * (window - lasts * squeezed)
    return moments


def _breaks(today: Today) -> Floats:
    """Weights of the pauses before plays: most follow at once, some after a break."""
    plan = today.plan
    new = (plan.place == 0) | (today.rng.random(len(plan)) < 1 / SITTING)
    return np.where(new, today.rng.exponential(1.0, len(plan)), 0.0)


def _wake(today: Today) -> Floats:
    """When each row's account gets up today, seconds UTC; a day may begin before midnight."""
    home = np.array(ZONES)[(today.habit(3) * len(ZONES)).astype(np.int64)]
    late = today.rng.uniform(-0.5, 0.75, _accounts(today.plan))[today.plan.spread()]
    wake: Floats = HOUR * (6.5 + 2.5 * today.habit(4) + late - home)
    return wake


def _accounts(plan: Agenda) -> int:
    """Count the accounts of a plan."""
    return int(np.count_nonzero(plan.place == 0))


def _running(plan: Agenda, step: Floats, *, own: bool = False) -> Floats:
    """Add up the steps of an account's day before each row, with its own step if asked."""
    total = np.cumsum(step)
    if not len(total):
        return total
    begin = np.flatnonzero(plan.place == 0)
    base = (total - step)[begin][plan.spread()]
    running: Floats = total - base if own else total - base - step
    return running


def _of_last(plan: Agenda, value: Floats) -> Floats:
    """Return for each row the value of its account's last row."""
    last: Integers = np.arange(len(plan)) - plan.place + plan.of - 1
    return value[last]


CLOCKS: Final[dict[ClockName, Callable[[Today], Floats]]] = {
    "even": even,
    "waking": waking,
    "human": human,
    "restless": restless,
    "bursts": bursts,
}
"""Seconds since the day's midnight of each row, ascending within an account."""
