"""Find all rings of a ledger: by collisions, by lockstep, and with the links of their members."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from ringfence.engine import Engine
from ringfence.model.ring import Ring
from ringfence.rings.collision.find import find_collision_rings
from ringfence.rings.collision.reconcile import reconcile_samples
from ringfence.rings.collision.sampling import load_samples
from ringfence.rings.links.attributes import AccountAttributes, load_attributes, load_names
from ringfence.rings.links.link_test import measure_links
from ringfence.rings.links.linked_sets import find_linked_sets
from ringfence.rings.lockstep import find_lockstep
from ringfence.stats.arrays import Keys
from ringfence.stats.sorted_keys import rows_of_keys


def detect_rings(engine: Engine, order: Keys, columns: Collection[str]) -> tuple[Ring, ...]:
    """Return the rings of a ledger, most certain first.

    Args:
        engine: holds a ledger whose evidence steps have run.
        order: all account keys, the most suspicious by their own evidence first. The order must not
            depend on collisions.
        columns: the event columns that the log has.
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
    rings += find_lockstep(engine)
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
