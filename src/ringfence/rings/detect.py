"""Find all rings of a ledger: by collisions, lockstep and crowds, with their members' links."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.model.ring import Ring
from ringfence.own_past import ForeignUse
from ringfence.rings.collision.find import find_collision_rings
from ringfence.rings.collision.reconcile import reconcile_samples
from ringfence.rings.collision.sampling import load_samples
from ringfence.rings.crowd import find_crowds
from ringfence.rings.links.attributes import AccountAttributes, load_attributes, load_names
from ringfence.rings.links.link_test import measure_links
from ringfence.rings.links.linked_sets import find_linked_sets
from ringfence.rings.lockstep import find_lockstep
from ringfence.rings.stolen_crews import (
    find_crews_in_lockstep,
    find_stolen_crews,
    with_stolen_crews,
)
from ringfence.stats.arrays import Keys
from ringfence.stats.sorted_keys import rows_of_keys

NO_FOREIGN_USE: Final = ForeignUse.nothing()


def detect_rings(
    engine: Engine,
    order: Keys,
    columns: Collection[str],
    foreign: ForeignUse = NO_FOREIGN_USE,
) -> tuple[Ring, ...]:
    """Return the rings of a ledger, most certain first.

    Args:
        engine: holds a ledger whose evidence steps have run.
        order: all account keys, the most suspicious by their own evidence first. The order must not
            depend on collisions.
        columns: the event columns that the log has.
        foreign: the accounts in the temp table ``foreign_holdings``.
    """
    attributes = load_attributes(engine, np.sort(order), columns)
    # The next steps need up to two gigabytes, and nothing of what the engine holds in memory.
    engine.release_memory()
    linked = [attributes.accounts[one.members] for one in find_linked_sets(attributes)]
    rings: list[Ring] = []
    for holdings in load_samples(engine, order, linked):
        rows = [np.sort(rows_of_keys(holdings.accounts, keys)) for keys in linked]
        engine.release_memory()
        rings = reconcile_samples(
            rings, find_collision_rings(holdings, order, rows, engine.threads)
        )
    rings = with_stolen_crews(rings, find_stolen_crews(engine, order, foreign))
    rings += with_stolen_crews(find_lockstep(engine), find_crews_in_lockstep(engine, foreign))
    rings += find_crowds(engine, [ring.keys for ring in rings])
    return _with_links(engine, attributes, sorted(rings, key=lambda ring: ring.log_p))


def _with_links(
    engine: Engine, attributes: AccountAttributes, rings: list[Ring]
) -> tuple[Ring, ...]:
    """Return the rings with the attributes that their members share."""
    members = [np.sort(rows_of_keys(attributes.accounts, ring.keys)) for ring in rings]
    excluded = np.unique(np.concatenate([np.zeros(0, np.intp), *members]))
    named = load_names(engine, attributes, excluded)
    return tuple(
        replace(ring, links=measure_links(named, rows, excluded))
        for ring, rows in zip(rings, members, strict=True)
    )
