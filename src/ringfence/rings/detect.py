"""All rings of a ledger: who divides the catalogue, who moves in lockstep, and what they share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from ringfence.engine import Engine
from ringfence.model.ring import Ring
from ringfence.rings.collision.find import across_views, find_rings
from ringfence.rings.collision.samples import load_views
from ringfence.rings.links.attributes import Links, load_links
from ringfence.rings.links.linked_sets import linked_sets
from ringfence.rings.links.shared import ties
from ringfence.rings.lockstep.lockstep import find_lockstep
from ringfence.stats.arrays import Keys, Rows


def detect_rings(engine: Engine, order: Keys, columns: Collection[str]) -> tuple[Ring, ...]:
    """Look for rings in every way, most certain first.

    Args:
        engine: holds a ledger whose evidence steps have run.
        order: all account keys in an order that does not depend on collisions, those with the most
            evidence of their own first.
        columns: the event columns that the log carries.
    """
    links = load_links(engine, np.sort(order), columns)
    sets = [links.accounts[one.members] for one in linked_sets(links)]
    found: list[Ring] = []
    for holdings in load_views(engine, order, sets):
        linked = [_rows(holdings.accounts, keys) for keys in sets]
        found = across_views(found, find_rings(holdings, order, linked, engine.threads))
    found += find_lockstep(engine)
    return _tied(links, sorted(found, key=lambda ring: ring.log_p))


def _rows(accounts: Keys, keys: Keys) -> Rows:
    """Return the rows of those accounts that are there."""
    return np.flatnonzero(np.isin(accounts, keys))


def _tied(links: Links, rings: list[Ring]) -> tuple[Ring, ...]:
    """Say of each ring what its members share."""
    members = [_rows(links.accounts, ring.keys) for ring in rings]
    suspected = np.unique(np.concatenate([np.zeros(0, np.intp), *members]))
    return tuple(
        replace(ring, links=ties(links, rows, suspected))
        for ring, rows in zip(rings, members, strict=True)
    )
