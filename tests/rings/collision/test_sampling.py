"""Sampling: two samples that leave out different things."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.evidence import Context
from ringfence.model.ring import Level
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.sampling import (
    MAX_ACCOUNT_SHARE,
    load_holdings,
    load_samples,
    select_accounts,
)
from ringfence.stats.arrays import Keys
from ringfence.testing import small_ledger, users


@pytest.fixture(scope="module", name="context")
def _context() -> Iterator[Context]:
    """Yield the ledger of two hundred users."""
    with small_ledger(users(200)) as context:
        yield context


def portfolio(context: Context) -> tuple[Keys, np.ndarray]:
    """Return all account keys, ascending, and the number of items of each."""
    rows = context.engine.columns("SELECT account_key, items FROM portfolio ORDER BY account_key")
    return rows["account_key"].astype(np.uint64), rows["items"].astype(np.int64)


def samples(context: Context, part: float) -> tuple[Holdings, Holdings, Holdings]:
    """Return both samples, with room for a part of all holdings, and the whole."""
    keys, _ = portfolio(context)
    order = np.random.default_rng(1).permutation(keys)
    whole = load_holdings(context.engine, keys)
    some, sampled = load_samples(context.engine, order, [], round(whole.matrix.nnz * part))
    return some, sampled, whole


def test_one_sample_has_everything_if_it_fits(context: Context) -> None:
    """Everything that fits is read once."""
    keys, _ = portfolio(context)
    (sample,) = load_samples(context.engine, np.flip(keys).copy(), [])
    assert np.array_equal(sample.accounts, keys)
    assert sample.one_in == 1
    assert sample.other_items.number.size == 0


def test_robots_are_not_counted_as_holders(context: Context) -> None:
    """Holders and items are counted without accounts that are not given, such as robots."""
    keys, _ = portfolio(context)
    holdings = load_holdings(context.engine, keys[30:])
    assert np.array_equal(holdings.items.holders, np.diff(holdings.matrix.tocsc().indptr))
    assert holdings.items.holders.min() == 2
    assert load_holdings(context.engine, keys).items.holders.sum() > holdings.items.holders.sum()


def test_linked_accounts_are_selected_before_suspicious_ones(context: Context) -> None:
    """Two linked accounts are selected, then as many of the most suspicious as fit."""
    keys, items = portfolio(context)
    small = items < np.median(items)
    order = np.concatenate([np.random.default_rng(1).permutation(keys[small]), keys[~small]])
    linked = order[small.sum() - 2 : small.sum()]
    sizes = dict(zip(keys.tolist(), items.tolist(), strict=True))
    room = sum(sizes[int(key)] for key in [*linked, *order[:60]])
    found = select_accounts(context.engine, order, [linked], room)
    assert set(found.tolist()) == {*linked.tolist(), *order[:60].tolist()}


def test_linked_accounts_take_at_most_half_of_the_room(context: Context) -> None:
    """Where everybody is linked, the most suspicious accounts still fit."""
    keys, items = portfolio(context)
    room = int(items.sum()) // 2
    order = np.random.default_rng(1).permutation(keys)
    found = select_accounts(context.engine, order, [np.flip(order)], room)
    for ranked, part in ((order, room), (np.flip(order), room // 2)):
        held = items[np.searchsorted(keys, ranked)]
        # An account that would fill more than its share is left out.
        fits = held <= MAX_ACCOUNT_SHARE * part
        half = ranked[fits][np.cumsum(held[fits]) <= room // 2]
        assert half.size >= 10
        assert set(half.tolist()) <= set(found.tolist())


def test_one_sample_has_all_accounts_and_the_other_all_items(context: Context) -> None:
    """One sample has some items of all accounts, the other has all items of some accounts."""
    some, sampled, whole = samples(context, 0.25)
    assert sampled.one_in == 4
    assert sampled.accounts.size > 0.9 * whole.accounts.size
    assert sampled.matrix.nnz < 0.4 * whole.matrix.nnz
    assert some.one_in == 1
    assert some.accounts.size < 0.4 * whole.accounts.size
    rows = np.searchsorted(whole.accounts, some.accounts)
    assert np.array_equal(some.item_counts, whole.item_counts[rows])


def test_popularity_is_counted_among_all(context: Context) -> None:
    """A sample and its other items have the holders and items of the whole service."""
    some, _, whole = samples(context, 0.25)
    both = [np.repeat(items.holders, items.number) for items in (some.items, some.other_items)]
    assert np.array_equal(np.sort(np.concatenate(both)), np.sort(whole.items.holders))
    assert np.array_equal(whole.items.holders, np.diff(whole.matrix.tocsc().indptr))


@pytest.mark.parametrize("level", ["group", "global"])
def test_a_sample_expects_what_the_whole_does(context: Context, level: Level) -> None:
    """The expected collisions of two accounts are at most those of the whole, and hardly fewer."""
    some, _, whole = samples(context, 0.25)
    rows = np.searchsorted(whole.accounts, some.accounts)
    expected = Collisions.of(some, level).pairwise(np.arange(rows.size))[1].sum()
    of_all = Collisions.of(whole, level).pairwise(rows)[1].sum()
    assert 0.9 < expected / of_all <= 1.0 + 1e-6


def test_an_account_too_large_is_not_selected(context: Context) -> None:
    """An account that would fill the room by itself is left out, so that others fit."""
    keys, items = portfolio(context)
    order = np.concatenate([keys[[items.argmax()]], np.delete(keys, items.argmax())])
    found = select_accounts(context.engine, order, [], int(items.max()) * 3)
    assert found.size > 0
    assert order[0] not in found
