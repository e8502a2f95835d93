"""What is looked at where there is more than can be: two views that leave different things out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.evidence import Context
from ringfence.model.ring import Level
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.samples import load_holdings, load_views, most_suspicious
from ringfence.stats.arrays import Keys
from ringfence.testing import small_ledger, users


@pytest.fixture(scope="module", name="context")
def _context() -> Iterator[Context]:
    """Two hundred users."""
    with small_ledger(users(200)) as context:
        yield context


def portfolio(context: Context) -> tuple[Keys, np.ndarray]:
    """Return all account keys, ascending, and what each holds."""
    rows = context.engine.columns("SELECT account_key, items FROM portfolio ORDER BY account_key")
    return rows["account_key"].astype(np.uint64), rows["items"].astype(np.int64)


def views(context: Context, part: float) -> tuple[Holdings, Holdings, Holdings]:
    """Return both views with room for a part of all holdings, and all of them."""
    keys, _ = portfolio(context)
    order = np.random.default_rng(1).permutation(keys)
    whole = load_holdings(context.engine, keys)
    some, sampled = load_views(context.engine, order, [], round(whole.matrix.nnz * part))
    return some, sampled, whole


def test_one_view_where_there_is_room(context: Context) -> None:
    """Everything is looked at, once."""
    keys, _ = portfolio(context)
    (view,) = load_views(context.engine, np.flip(keys).copy(), [])
    assert np.array_equal(view.accounts, keys)
    assert view.one_in == 1
    assert view.elsewhere.items.size == 0


def test_who_is_left_out_holds_nothing(context: Context) -> None:
    """Holders are counted without robots, who are not among the accounts given; so are items."""
    keys, _ = portfolio(context)
    holdings = load_holdings(context.engine, keys[30:])
    assert np.array_equal(holdings.kinds.holders, np.diff(holdings.matrix.tocsc().indptr))
    assert holdings.kinds.holders.min() == 2
    assert load_holdings(context.engine, keys).kinds.holders.sum() > holdings.kinds.holders.sum()


def test_linked_accounts_and_then_the_oddest(context: Context) -> None:
    """Two linked accounts first, then as many of the most_suspicious as there is room for."""
    keys, items = portfolio(context)
    small = items < np.median(items)
    order = np.concatenate([np.random.default_rng(1).permutation(keys[small]), keys[~small]])
    linked = order[small.sum() - 2 : small.sum()]
    sizes = dict(zip(keys.tolist(), items.tolist(), strict=True))
    room = sum(sizes[int(key)] for key in [*linked, *order[:60]])
    found = most_suspicious(context.engine, order, [linked], room)
    assert set(found.tolist()) == {*linked.tolist(), *order[:60].tolist()}


def test_links_take_half_of_the_room_at_most(context: Context) -> None:
    """Where everybody is linked, the most_suspicious still have a place."""
    keys, items = portfolio(context)
    order = np.random.default_rng(1).permutation(keys)
    found = most_suspicious(context.engine, order, [np.flip(order)], int(items.sum()) // 2)
    assert {*order[:20].tolist(), *order[-20:].tolist()} <= set(found.tolist())


def test_one_view_has_all_accounts_and_the_other_all_items(context: Context) -> None:
    """Items are sampled for all in one; in the other the chosen hold what they hold."""
    some, sampled, whole = views(context, 0.25)
    assert sampled.one_in == 4
    assert sampled.accounts.size > 0.9 * whole.accounts.size
    assert sampled.matrix.nnz < 0.4 * whole.matrix.nnz
    assert some.one_in == 1
    assert some.accounts.size < 0.4 * whole.accounts.size
    rows = np.searchsorted(whole.accounts, some.accounts)
    assert np.array_equal(some.items, whole.items[rows])


def test_popularity_is_counted_among_all(context: Context) -> None:
    """Holders and items of a view and of what only others hold are those of the whole service."""
    some, _, whole = views(context, 0.25)
    both = [np.repeat(kinds.holders, kinds.items) for kinds in (some.kinds, some.elsewhere)]
    assert np.array_equal(np.sort(np.concatenate(both)), np.sort(whole.kinds.holders))
    assert np.array_equal(whole.kinds.holders, np.diff(whole.matrix.tocsc().indptr))


@pytest.mark.parametrize("level", ["group", "global"])
def test_a_view_expects_what_the_whole_does(context: Context, level: Level) -> None:
    """Of two accounts no more is expected than among all, and hardly less."""
    some, _, whole = views(context, 0.25)
    rows = np.searchsorted(whole.accounts, some.accounts)
    expected = Collisions.of(some, level).pairs(np.arange(rows.size))[1].sum()
    of_all = Collisions.of(whole, level).pairs(rows)[1].sum()
    assert 0.9 < expected / of_all <= 1.0 + 1e-6


def test_who_holds_more_than_anybody_leaves_room_for_others(context: Context) -> None:
    """An account that would fill the room by itself is not among the chosen, and hides nobody."""
    keys, items = portfolio(context)
    order = np.concatenate([keys[[items.argmax()]], np.delete(keys, items.argmax())])
    found = most_suspicious(context.engine, order, [], int(items.max()) * 3)
    assert found.size > 0
    assert order[0] not in found
