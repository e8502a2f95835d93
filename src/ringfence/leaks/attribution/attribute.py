"""Name the accounts and rings through which a dump left, and say what they do not explain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.leaks.attribution.explanation import Chance, explain_together
from ringfence.leaks.attribution.likelihood import group_shape, honest_rates
from ringfence.leaks.attribution.loading import LeakFiles, LoadedLeak, loaded_leak
from ringfence.leaks.attribution.order import ListedOrder, joint_log_p, listed_orders, ranked
from ringfence.leaks.attribution.rarity import Overlaps, compared_overlaps, smallest_log_p
from ringfence.leaks.attribution.source import Attribution, LeakSource, RareItems
from ringfence.leaks.attribution.statements import (
    CANDIDATE_NAMES,
    GROUP_COUNTS,
    HELD_OF_ACCUSED,
    HELD_OF_DUMP,
    LEAK_GROUPS,
    LEAK_OVERLAPS,
    LEAK_POOLS,
    RING_SIZES,
    SHARED,
    STRATA,
)
from ringfence.settings import Settings
from ringfence.stats.arrays import Columns, Floats, Integers, Keys, Rows

__all__ = ["Attribution", "LeakFiles", "LeakSource", "attribute_leak"]

OVERLAP_GATE: Final = 0.05
"""A candidate whose overlap alone is more usual than this is never named."""

_LOOKED_AT: Final = 0.01
"""Candidates up to this p-value are compared in order and dates."""

_REFERENCE: Final = 1_000
"""Other candidates whose order and dates are measured, to rank the first ones among them."""

_MOST_HELD: Final = 5_000_000
"""Items of named accounts, besides those in the dump, that are compared with each other."""


@dataclass(frozen=True)
class _Candidates:
    """All candidates with their statistics: arrays of one length.

    Attributes:
        table: of :data:`ringfence.leaks.attribution.statements.LEAK_OVERLAPS`.
        overlaps: for all items first, then for rarer ones.
        chosen: the place in ``overlaps`` with the smallest p-value of the candidate.
        log_p: ln of the p-values, with order and dates.
        orders: how the dump lists the items of some candidates.
        shape: of the variation between groups.
    """

    table: Columns
    overlaps: tuple[Overlaps, ...]
    chosen: Integers
    log_p: Floats
    orders: dict[int, ListedOrder]
    shape: float

    @property
    def keys(self) -> Keys:
        return np.asarray(self.table["candidate"], dtype=np.uint64)


def attribute_leak(files: LeakFiles, settings: Settings | None = None) -> Attribution:
    """Return the accounts and rings through which a dump left.

    A p-value is the chance that an account that took no part holds at least as much of the dump,
    given how popular its items are, what else of their groups the dump has, and how much accounts
    of this ledger vary. Items with few other holders are also compared alone
    (:mod:`ringfence.leaks.attribution.rarity`). An account is named if its p-value times the number
    of accounts and rings is at most ``verdicts.false_accusation_rate``, and if the accounts named
    before it do not explain its overlap.

    Fails to name: accounts whose items many others hold as well, because any of them may have given
    these; and accounts of which the dump has few items. Fails where more than one account in twenty
    is a source, because sources then make each other look usual.

    Args:
        files: the dump, the ledger and the catalogue.
        settings: ``verdicts.false_accusation_rate``, columns of the catalogue, and the engine.

    Raises:
        LeakError: a file cannot be used.
        LedgerError: the ledger cannot be read.
    """
    settings = settings or Settings()
    rate = settings.verdicts.false_accusation_rate
    with loaded_leak(files, settings) as leak:
        tested = _tested(leak.engine)
        named, credited = _named(leak.engine, tested, rate)
        sources = _sources(leak, tested, named, credited)
        items, unknown, unheld, known = (int(one or 0) for one in leak.engine.rows(HELD_OF_DUMP)[0])
        explained = _explained(leak.engine, tested, named)
    return Attribution(
        sources=sources,
        items=items,
        unknown=unknown,
        unheld=unheld,
        catalogue=known,
        explained=explained,
        candidates=tested.log_p.size,
        rate=rate,
        sample=files.sample,
        variation=tested.overlaps[0].variation,
        group_shape=tested.shape,
        has_catalogue=files.catalogue is not None,
        unreadable=leak.unreadable,
    )


def _tested(engine: Engine) -> _Candidates:
    """Measure all candidates."""
    pools, strata = engine.columns(LEAK_POOLS), engine.columns(STRATA)
    rates = honest_rates(pools, strata)
    engine.table("leak_rates", {"band": pools["band"], "level": pools["level"], "rate": rates})
    _complete_rates(engine, pools, rates)
    engine.run(LEAK_GROUPS)
    groups = engine.columns(GROUP_COUNTS)
    shape = group_shape(groups["leaked"].astype(np.float64), groups["expected"].astype(np.float64))
    table = engine.columns(LEAK_OVERLAPS, {"shape": shape})
    sizes = {int(key): int(size) for key, size in engine.rows(RING_SIZES)}
    members = np.array([sizes.get(int(key), 1) for key in table["candidate"]], dtype=np.int64)
    overlaps = compared_overlaps(table, members)
    each = np.array([one.log_p for one in overlaps])
    log_p, orders = _with_order(engine, table, smallest_log_p(each))
    return _Candidates(table, overlaps, each.argmin(axis=0), log_p, orders, shape)


def _complete_rates(engine: Engine, pools: Columns, rates: Floats) -> None:
    """Add the levels that no item has in total, but some item has of other holders."""
    known = {}
    for band, level, rate in zip(
        pools["band"].tolist(), pools["level"].tolist(), rates.tolist(), strict=True
    ):
        known[band, level] = rate
    deepest = max((level for _, level in known), default=0)
    for band in {band for band, _ in known}:
        rate = 1.0
        # A level without items is taken for the next one that has some: more is expected of it.
        for level in range(deepest, -1, -1):
            rate = known.setdefault((band, level), rate)
    pairs = sorted(known)
    engine.table(
        "leak_rates",
        {
            "band": np.array([band for band, _ in pairs], dtype=np.int32),
            "level": np.array([level for _, level in pairs], dtype=np.int32),
            "rate": np.array([known[pair] for pair in pairs], dtype=np.float64),
        },
    )


def _with_order(
    engine: Engine, table: Columns, overlap: Floats
) -> tuple[Floats, dict[int, ListedOrder]]:
    """Return ln of the p-values with order and dates, and these of the candidates looked at."""
    looked_at = np.flatnonzero(overlap <= np.log(_LOOKED_AT))
    some = np.flatnonzero(table["leaked"].astype(np.int64) > 0)
    size = min(_REFERENCE, some.size)
    reference = np.random.default_rng(0).choice(some, size, replace=False)
    keys = np.asarray(table["candidate"], dtype=np.uint64)
    orders = _orders(engine, keys[np.union1d(looked_at, reference)])
    log_p = overlap.copy()
    nothing = ListedOrder()
    columns = []
    for name in ("order_p", "dates_p"):
        own = np.array([getattr(orders.get(int(keys[row]), nothing), name) for row in looked_at])
        others = [getattr(orders.get(int(keys[row]), nothing), name) for row in reference]
        columns.append(ranked(own, np.array([p for p in others if p < 1])))
    for place, row in enumerate(looked_at):
        extra = (float(columns[0][place]), float(columns[1][place]))
        log_p[row] = joint_log_p(float(overlap[row]), extra)
    log_p[overlap > np.log(OVERLAP_GATE)] = 0.0
    return log_p, orders


def _orders(engine: Engine, keys: Keys) -> dict[int, ListedOrder]:
    engine.table("leak_shown", {"candidate": keys})
    return listed_orders(engine.columns(SHARED))


def _named(engine: Engine, tested: _Candidates, rate: float) -> tuple[Rows, dict[int, int]]:
    """Return the rows of the candidates that are named, and the items each is credited with."""
    limit = np.log(rate) - np.log(max(tested.log_p.size, 1))
    is_ring = tested.table["is_ring"].astype(bool)
    accused = np.flatnonzero(tested.log_p <= limit)
    accused = accused[np.lexsort((-tested.table["leaked"][accused], tested.log_p[accused]))]
    accounts, rings = accused[~is_ring[accused]], accused[is_ring[accused]]
    if not accounts.size:
        return rings, {}
    keys = tested.keys[accounts]
    engine.table("leak_shown", {"candidate": keys})
    others = max(int(tested.table["items"][accounts].sum()), 1)
    part = -(-others // _MOST_HELD)
    held = engine.columns(HELD_OF_ACCUSED, {"part": part})
    chance = Chance(tested.overlaps, tested.chosen, accounts)
    found = explain_together(keys, held, 1 / part, chance)
    credited = dict(zip(accounts.tolist(), found.credited.tolist(), strict=True))
    return np.concatenate([accounts[found.stays], rings]), credited


def _explained(engine: Engine, tested: _Candidates, named: Rows) -> int:
    """Return the number of items of the dump that a named candidate holds."""
    if not named.size:
        return 0
    engine.table("leak_shown", {"candidate": tested.keys[named]})
    return int(np.unique(engine.columns(SHARED)["item_key"]).size)


def _sources(
    leak: LoadedLeak, tested: _Candidates, named: Rows, credited: dict[int, int]
) -> tuple[LeakSource, ...]:
    """Return the named candidates, most certain first."""
    if not named.size:
        return ()
    leak.engine.table("leak_shown", {"candidate": tested.keys[named]})
    names = {int(key): str(name) for key, name in leak.engine.rows(CANDIDATE_NAMES)}
    members: dict[int, list[str]] = {}
    for key, ring, account in zip(
        leak.rings["ring_key"], leak.rings["ring"], leak.rings["account"], strict=True
    ):
        names[int(key)] = str(ring)
        members.setdefault(int(key), []).append(str(account))
    found = [_source(tested, int(row), names, members, credited.get(int(row))) for row in named]
    return tuple(sorted(found, key=lambda one: (one.log_p, one.name)))


def _source(
    tested: _Candidates,
    row: int,
    names: dict[int, str],
    members: dict[int, list[str]],
    credited: int | None,
) -> LeakSource:
    key, table = int(tested.keys[row]), tested.table
    everything, counted = tested.overlaps[0], tested.overlaps[tested.chosen[row]]
    is_ring = bool(table["is_ring"][row])
    return LeakSource(
        kind="ring" if is_ring else "account",
        name=names[key],
        accounts=tuple(members[key]) if is_ring else (names[key],),
        items=int(table["items"][row]),
        uses=int(table["uses"][row]),
        leaked=int(table["leaked"][row]),
        expected=float(everything.expected[row]),
        rare=RareItems.of(counted, row),
        credited=int(table["leaked"][row]) if credited is None else credited,
        log_p=float(tested.log_p[row]),
        order=tested.orders.get(key, ListedOrder()),
        first=_utc(table["first"][row]),
        last=_utc(table["last"][row]),
    )


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
