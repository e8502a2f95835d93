"""Whom to look among where there is no room for all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from ringfence.evidence import Context
from ringfence.rings import candidates as module
from ringfence.rings.candidates import candidates
from ringfence.rings.holdings import Keys, load_holdings
from ringfence.testing import readers, small_ledger


@pytest.fixture(scope="module", name="context")
def _context() -> Iterator[Context]:
    """Sixty readers."""
    with small_ledger(readers(60)) as context:
        yield context


def portfolio(context: Context) -> tuple[Keys, np.ndarray]:
    """Return all account keys, ascending, and what each holds."""
    rows = context.engine.columns("SELECT account_key, items FROM portfolio ORDER BY account_key")
    return rows["account_key"].astype(np.uint64), rows["items"].astype(np.int64)


def test_all_where_there_is_room(context: Context) -> None:
    """Everybody, in the order of keys, whatever the order of evidence."""
    keys, items = portfolio(context)
    found = candidates(context.engine, keys[::-1], [], int(items.sum()))
    assert np.array_equal(found, keys)


def test_linked_accounts_and_then_the_oddest(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two linked accounts first, then as many of the oddest as there is room for."""
    monkeypatch.setattr(module, "LEAST", 5)
    keys, items = portfolio(context)
    order = np.random.default_rng(1).permutation(keys)
    linked = order[-2:]
    sizes = dict(zip(keys.tolist(), items.tolist(), strict=True))
    room = sum(sizes[int(key)] for key in [*linked, *order[:20]])
    found = candidates(context.engine, order, [linked], room)
    assert set(found.tolist()) == {*linked.tolist(), *order[:20].tolist()}


def test_some_are_looked_at_whatever_they_hold(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is room for nobody, the oddest few are looked at, and items are sampled."""
    monkeypatch.setattr(module, "LEAST", 30)
    keys, _ = portfolio(context)
    order = np.random.default_rng(2).permutation(keys)
    found = candidates(context.engine, order, [], 10)
    assert set(found.tolist()) == set(order[:30].tolist())
    whole = load_holdings(context.engine, found)
    sampled = load_holdings(context.engine, found, whole.matrix.nnz // 4)
    assert sampled.one_in in {4, 5}
    assert whole.matrix.nnz / sampled.matrix.nnz == pytest.approx(sampled.one_in, rel=0.3)
    assert set(whole.accounts.tolist()) <= set(found.tolist())
