"""Find crowds: many visitors with few items each that act as one.

Visitors are grouped into cohorts (:mod:`ringfence.rings.crowd.cohorts`), and each cohort is judged
as one account would be. Its visitors divide the catalogue if they hardly ever take an item that
another one has taken (:mod:`ringfence.rings.crowd.repeats`), or if each continues where the one
before it stopped (:mod:`ringfence.rings.crowd.continuation`). One crowd is part of several cohorts,
such as those of its clients, networks and numbers of items. The most certain one is reported.

Neighbouring items that several visitors take in one session count as one choice, because an exit
may choose another address for each request (:mod:`ringfence.rings.crowd.sessions`).

The test misses crowds whose visitors take the same items several times, come back on other days, or
have no attribute in common; and crowds that are small compared with the catalogue.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.model.ring import MAX_RING_P_VALUE, RING_TESTS, Cohort, Ring
from ringfence.rings.crowd.cohorts import MIN_VISITORS, MIXED, form_cohorts
from ringfence.rings.crowd.continuation import count_continued
from ringfence.rings.crowd.members import choose_members, measure_own_items
from ringfence.rings.crowd.p_values import (
    COHORT_K,
    Repeats,
    continuing_visitors,
    log_p_values,
    score_continuations,
    score_repeats,
)
from ringfence.rings.crowd.repeats import count_shared
from ringfence.rings.crowd.sessions import measure_sessions
from ringfence.rings.crowd.visitors import select_visitors
from ringfence.stats.arrays import Columns, Flags, Floats, Keys

MIN_NEW_SHARE: Final = 0.5
"""Share of a crowd's members that are in no more certain crowd, at least."""


def find_crowds(engine: Engine, known: Sequence[Keys] = ()) -> tuple[Ring, ...]:
    """Return the crowds of a ledger, most certain first.

    Args:
        engine: holds the ledger, on which the evidence steps have run. Writes temp tables
            ``crowd_*``.
        known: keys of the members of rings that other tests have found. A crowd that mostly
            consists of them is not reported again.
    """
    select_visitors(engine)
    form_cohorts(engine)
    measure_own_items(engine)
    cohorts = score_cohorts(engine)
    significant = np.flatnonzero(cohorts["log_p"] <= np.log(MAX_RING_P_VALUE))
    order = significant[np.argsort(cohorts["log_p"][significant], kind="stable")]
    found: list[Ring] = []
    taken = np.unique(np.concatenate([np.zeros(0, np.uint64), *known]))
    for row in order.tolist():
        by_order = bool(cohorts["by_order"][row])
        mixed = str(cohorts["kind"][row]) in MIXED
        number = int(cohorts["cohort"][row])
        members = choose_members(engine, number, continuing=by_order, mixed=mixed)
        keys = members["account_key"].astype(np.uint64)
        new: Flags = ~np.isin(keys, taken)
        if new.sum() >= max(MIN_VISITORS, MIN_NEW_SHARE * keys.size):
            found.append(_ring(cohorts, row, keys[new], members["items"][new]))
            taken = np.union1d(taken, keys)
    return tuple(found)


def score_cohorts(engine: Engine) -> Columns:
    """Return one row per cohort, with its counts and ln p, corrected for the number of cohorts.

    Args:
        engine: holds the tables of the crowd's visitors and cohorts.

    Returns:
        Columns ``cohort``, ``kind``, ``value``, ``visitors``, ``items``, ``observed``,
        ``expected``, ``continued``, ``by_order`` (whether
        continuations are more certain than repeats), ``runs`` and ``log_p``.
    """
    counts = count_shared(engine, swapped=False)
    one, other = score_both_halves(engine, counts)
    continued = count_continued(engine)
    continuations = score_continuations(counts["cohort"], continued)
    log_p = log_p_values(one, other, continuations)
    penalty = np.log(max(len(log_p), 1) * len(RING_TESTS))
    first = one.log_p >= other.log_p
    return {
        **{name: counts[name] for name in ("cohort", "kind", "value", "visitors", "items")},
        "observed": np.where(first, one.observed, other.observed),
        "expected": np.where(first, one.expected, other.expected),
        "continued": continuing_visitors(counts["cohort"], continued),
        "by_order": continuations < np.maximum(one.log_p, other.log_p),
        "runs": one.index_of_dispersion,
        "log_p": np.minimum(log_p + penalty, 0.0),
    }


def score_both_halves(
    engine: Engine, counts: Columns, measured: float = MAX_RING_P_VALUE
) -> tuple[Repeats, Repeats]:
    """Return the repeats of each cohort with one half of the strangers, and with the other.

    Args:
        engine: holds the tables of the crowd's visitors and cohorts.
        counts: from :func:`~ringfence.rings.crowd.repeats.count_shared`, not swapped.
        measured: p-value at most for which sessions of several visitors are measured, too. They
            only raise the p-value, and take time.
    """
    swapped = count_shared(engine, swapped=True)
    one, other = score_repeats(counts), score_repeats(swapped)
    rare = np.maximum(one.log_p, other.log_p) <= np.log(measured)
    if not rare.any():
        return one, other
    cohorts = np.asarray(counts["cohort"], dtype=np.float64)[rare]
    return (
        score_repeats(counts, measure_sessions(engine, cohorts, swapped=False)),
        score_repeats(swapped, measure_sessions(engine, cohorts, swapped=True)),
    )


def _ring(cohorts: Columns, row: int, keys: Keys, items: Floats) -> Ring:
    """Return a crowd. Each member's expected repeats are in proportion to its items."""
    expected = float(cohorts["expected"][row])
    each = 2 * expected * items / float(cohorts["items"][row])
    return Ring(
        test="crowd",
        level="global",
        keys=keys,
        observed=float(cohorts["observed"][row]),
        expected=expected,
        dispersion_k=COHORT_K,
        log_p=float(cohorts["log_p"][row]),
        shared_items=items,
        member_collisions=np.column_stack([np.zeros(keys.size), each]),
        member_log_p=np.zeros(keys.size),
        index_of_dispersion=float(cohorts["runs"][row]),
        cohort=Cohort(
            kind=str(cohorts["kind"][row]),
            value=str(cohorts["value"][row]),
            accounts=int(cohorts["visitors"][row]),
        ),
        continued=int(cohorts["continued"][row]),
    )
