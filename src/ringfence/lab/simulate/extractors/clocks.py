"""Clocks: the second of the day at which each event of a plan happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ringfence.lab.simulate.extractors.day_plan import DayPlan
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Floats, Integers
from ringfence.stats.seconds import DAY, HOUR

ClockName = Literal["even", "waking", "human", "restless", "bursts"]

PACE = 0.6
"""Seconds between two requests at full speed: that of downloaders without a pause."""
SITTING = 14.0
"""Mean plays between two breaks of a person."""
HOME_ZONES = (-8, -5, 0, 1, 2, 5, 8, 9)
"""Hours by which accounts' homes are ahead of UTC: where most listeners live."""


@dataclass(frozen=True)
class ClockInput:
    """The input of a clock on one day.

    Attributes:
        plan: the events of the day.
        heard: (rows,) seconds until a person goes on to the next item; machines do not wait.
        rng: generator of this day.
        key: key of the accounts' habits, which stay the same.
    """

    plan: DayPlan
    heard: Floats
    rng: np.random.Generator
    key: int

    def habit(self, slot: int) -> Floats:
        """Return each row's account's own number in [0, 1), the same on all days."""
        return hashed_uniform(np.array([key_of(self.key, slot)]), self.plan.account)


def even(today: ClockInput) -> Floats:
    """Place events at equal distances around the clock, with a phase per account and jitter."""
    plan = today.plan
    moment = plan.place + 0.2 * today.habit(1) + 0.8 * today.rng.random(len(plan))
    moments: Floats = moment / np.maximum(plan.of, 1) * DAY
    return moments


def waking(today: ClockInput) -> Floats:
    """Place events at equal distances within the waking hours of the account's time zone."""
    plan = today.plan
    fetch = (plan.place + today.rng.uniform(0.1, 0.9, len(plan))) / np.maximum(plan.of, 1)
    return _wake(today) + fetch * HOUR * (12.0 + 3.0 * today.habit(2))


def human(today: ClockInput) -> Floats:
    """Place events in sittings within waking hours: tracks follow each other, breaks are uneven."""
    return place_sittings(today, HOUR * (12.0 + 4.0 * today.habit(2)))


def restless(today: ClockInput) -> Floats:
    """Place events in a person's sittings, but day and night: devices that play to nobody."""
    return place_sittings(today, np.full(len(today.plan), float(DAY)))


def bursts(today: ClockInput) -> Floats:
    """Place events at full speed from a random moment of the day until the plan is done."""
    plan = today.plan
    pauses = today.rng.exponential(PACE, len(plan))
    clock = _running(plan, pauses)
    lasts = _of_last(plan, clock)
    room = np.maximum(DAY - lasts - 1.0, 0.0)
    start = today.rng.random(plan.account_count())[plan.account_numbers()] * room
    return start + clock * np.minimum(1.0, (DAY - 1.0) / np.maximum(lasts, 1.0))


def place_sittings(today: ClockInput, window: Floats) -> Floats:
    """Place plays one after the other in a window of the day, with breaks between sittings.

    Plays are cut short if the window cannot hold them.

    Args:
        today: plan and habits of the day.
        window: (rows,) seconds of the account's day in use.
    """
    plan = today.plan
    clock = _running(plan, today.heard)
    lasts = _of_last(plan, clock + today.heard)
    squeezed = np.minimum(1.0, 0.97 * window / np.maximum(lasts, 1.0))
    breaks = _running(plan, _breaks(today), own=True)
    # One more break, after the last play, keeps evenings as varied as mornings.
    closing = today.rng.exponential(1.0, plan.account_count())[plan.account_numbers()]
    spread = breaks / (_of_last(plan, breaks) + closing)
    moments: Floats = _wake(today) + clock * squeezed + spread * (window - lasts * squeezed)
    return moments


def _breaks(today: ClockInput) -> Floats:
    """Return weights of the pauses before plays: most follow at once, some after a break."""
    plan = today.plan
    new = (plan.place == 0) | (today.rng.random(len(plan)) < 1 / SITTING)
    return np.where(new, today.rng.exponential(1.0, len(plan)), 0.0)


def _wake(today: ClockInput) -> Floats:
    """Return when each row's account wakes up, in seconds UTC; below 0 is before midnight."""
    home = np.array(HOME_ZONES)[(today.habit(3) * len(HOME_ZONES)).astype(np.int64)]
    late = today.rng.uniform(-0.5, 0.75, today.plan.account_count())[today.plan.account_numbers()]
    wake: Floats = HOUR * (6.5 + 2.5 * today.habit(4) + late - home)
    return wake


def _running(plan: DayPlan, step: Floats, *, own: bool = False) -> Floats:
    """Add up the steps of an account's day before each row, its own step included if ``own``."""
    total = np.cumsum(step)
    if not len(total):
        return total
    begin = np.flatnonzero(plan.place == 0)
    base = (total - step)[begin][plan.account_numbers()]
    running: Floats = total - base if own else total - base - step
    return running


def _of_last(plan: DayPlan, value: Floats) -> Floats:
    """Return for each row the value of its account's last row."""
    last: Integers = np.arange(len(plan)) - plan.place + plan.of - 1
    return value[last]


CLOCKS: Final[dict[ClockName, Callable[[ClockInput], Floats]]] = {
    "even": even,
    "waking": waking,
    "human": human,
    "restless": restless,
    "bursts": bursts,
}
"""Each clock returns the seconds since midnight of each row, ascending within an account."""
