"""Find stolen crews: logins whose use from foreign places divides a list, or moves in lockstep.

An account with honest use of its own shares items with others. So a ring of stolen logins may have
as many collisions as independent accounts. The collision test is repeated on what accounts took
from foreign places only. Only accounts whose use has changed are examined, beside a sample of other
accounts, which shows how independent accounts collide.

A crew may have few shared items to miss. Its logins may take little each, or whole journals. If
they come from one network, client or device that few others use, they are searched as a set of
their own, so that less evidence is enough. The set itself is never evidence: a class abroad shares
a hotel, but it shares items, too. Lockstep is searched in the same foreign parts.

The search misses crews that take little from many networks, items that nobody else holds, and fewer
than :data:`~ringfence.model.ring.MIN_MEMBERS` logins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.model.ring import MAX_RING_P_VALUE, MIN_MEMBERS, Ring
from ringfence.own_past import ForeignUse
from ringfence.rings.collision.find import find_collision_rings
from ringfence.rings.collision.holdings import Holdings, holdings_from_rows
from ringfence.rings.collision.sampling import OTHER_ITEMS, RING_ITEMS, SELECTED_HOLDINGS
from ringfence.rings.links.foreign_sets import sets_of_one_origin
from ringfence.rings.lockstep import find_foreign_lockstep
from ringfence.stats.arrays import Columns, Keys
from ringfence.stats.sorted_keys import rows_of_keys

CONTROLS: Final = 2_000
"""Other accounts in the sample at most."""

CREW_PENALTY: Final = 100
"""P-values of crews are multiplied by this. So each of the two searches, by collisions and by
lockstep, adds one hundredth to the chance of a false ring."""

SAME_RING: Final = 0.5
"""A ring of which a larger share than this is in another one is the same ring. A crew has a larger
share than this of accounts with use from foreign places; others fit in with all that they hold."""

FOREIGN_ROWS: Final = Statement(
    "rings.foreign",
    """
SELECT h.account_key, i.item_key, i.group_key, i.genre_key, i.holders
FROM foreign_holdings AS h
JOIN ring_items AS i ON i.item_key = h.item_key
""",
)


def with_stolen_crews(rings: Sequence[Ring], crews: Sequence[Ring]) -> list[Ring]:
    """Add crews to the rings of whole accounts.

    A crew takes the place of a ring that mostly consists of its members. A crew of which most
    members are in a larger ring is left out, and the larger ring knows its members.
    """
    kept = [one for one in rings if not any(_is_most_in(one, crew) for crew in crews)]
    alone = [crew for crew in crews if not any(_is_most_in(crew, one) for one in kept)]
    return [_with_members_of(one, crews) for one in kept] + alone


def _with_members_of(ring: Ring, crews: Sequence[Ring]) -> Ring:
    within = [crew.keys for crew in crews if _is_most_in(crew, ring)]
    return replace(ring, crew=np.unique(np.concatenate(within))) if within else ring


def _is_most_in(one: Ring, other: Ring) -> bool:
    return bool(np.mean(np.isin(one.keys, other.keys)) > SAME_RING)


def find_stolen_crews(engine: Engine, order: Keys, foreign: ForeignUse) -> list[Ring]:
    """Return the crews that divide a list, among accounts with use from foreign places.

    Args:
        engine: holds the ledger, and ``foreign_holdings`` and ``foreign_origins`` if there are such
            accounts.
        order: all account keys.
        foreign: the accounts in ``foreign_holdings``.
    """
    if foreign.keys.size < MIN_MEMBERS:
        return []
    candidates = [foreign.keys[: foreign.changed], *sets_of_one_origin(engine, np.sort(order))]
    holdings = _holdings(engine, order, foreign.keys)
    rows = [np.sort(rows_of_keys(holdings.accounts, keys)) for keys in candidates if keys.size]
    found = find_collision_rings(holdings, foreign.keys, rows, engine.threads)
    return as_crews(found, foreign)


def find_crews_in_lockstep(engine: Engine, foreign: ForeignUse) -> list[Ring]:
    """Return the crews whose foreign parts take the same items at the same times.

    Args:
        engine: holds the ledger, and ``foreign_holdings`` if there are such accounts.
        foreign: the accounts in ``foreign_holdings``.
    """
    if foreign.keys.size < MIN_MEMBERS:
        return []
    return as_crews(find_foreign_lockstep(engine), foreign)


def as_crews(rings: Sequence[Ring], foreign: ForeignUse) -> list[Ring]:
    """Return the rings that mostly consist of accounts with foreign use, marked as crews."""
    penalty = float(np.log(CREW_PENALTY))
    crews = (
        replace(ring, is_foreign=True, log_p=ring.log_p + penalty)
        for ring in rings
        if np.mean(np.isin(ring.keys, foreign.keys)) > SAME_RING
    )
    return [crew for crew in crews if crew.p_value <= MAX_RING_P_VALUE]


def _holdings(engine: Engine, order: Keys, foreign: Keys) -> Holdings:
    """Return what the candidates took from foreign places, and all that the sample holds."""
    # Keys are hashes, so the first ones are a random sample.
    controls = np.setdiff1d(order, foreign)[:CONTROLS]
    engine.table("ring_accounts", {"account_key": order})
    engine.run(RING_ITEMS)
    engine.table("chosen_accounts", {"account_key": np.union1d(controls, foreign)})
    others = engine.columns(OTHER_ITEMS)
    engine.table("chosen_accounts", {"account_key": controls})
    rows: list[Columns] = [
        engine.columns(SELECTED_HOLDINGS, {"one_in": 1}),
        engine.columns(FOREIGN_ROWS),
    ]
    together = {name: np.concatenate([one[name] for one in rows]) for name in rows[0]}
    return holdings_from_rows(together, others)
