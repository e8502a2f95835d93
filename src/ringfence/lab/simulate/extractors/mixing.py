"""Which takes of a day are new ones, where a share of them is something else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ringfence.lab.simulate.extractors.agenda import Agenda
from ringfence.stats.arrays import Integers

Mask = npt.NDArray[np.bool_]


def some_new(plan: Agenda, share: float, rng: np.random.Generator) -> tuple[Mask, Integers]:
    """Choose at random which takes of a day are new, so many that the share holds in all.

    Args:
        plan: takes of any kind.
        share: of takes that are new, in [0, 1].
        rng: of the day.

    Returns:
        (rows,) whether a take is new, and how many new ones its account had before it.
    """
    before = plan.nth - plan.place
    begun = np.floor(before * share).astype(np.int64)
    count = np.floor((before + plan.of) * share).astype(np.int64) - begun
    return chosen(plan, count, begun, rng)


def chosen(
    plan: Agenda, count: Integers, begun: Integers, rng: np.random.Generator
) -> tuple[Mask, Integers]:
    """Choose so many new takes an account at random.

    Args:
        plan: takes of any kind.
        count: (rows,) how many of the account's takes of the day are new.
        begun: (rows,) how many new ones the account had before the day.
        rng: of the day.

    Returns:
        As of :func:`some_new`.
    """
    order = np.lexsort((rng.random(len(plan)), plan.account))
    new = np.empty(len(plan), np.bool_)
    # An account's rows are together: sorted, the k-th of them is in the row with place k.
    new[order] = plan.place < count
    had: Integers = np.cumsum(new) - new
    return new, begun + had - had[np.arange(len(plan)) - plan.place]
