"""Attributes of accounts are read from the ledger."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.linked_accounts import attributes_of, crowd, ledger_of

from ringfence.model.tables import RINGS
from ringfence.rings.links.attributes import ATTRIBUTE_COLUMNS, load_attributes, load_names
from ringfence.testing.small_ledger import small_ledger

ACCOUNTS = 2_000


def test_attributes_are_those_that_the_log_has() -> None:
    """An attribute is read only if the log has its column."""
    one = crowd(50)
    keys = np.arange(50, dtype=np.uint64)
    with ledger_of(one, keys) as engine:
        for columns, attributes in (
            ((), ()),
            (("ip", "seconds"), ("network",)),
            (("client", "device", "signed_up"), ("sign-up", "device", "client")),
            (ATTRIBUTE_COLUMNS.values(), tuple(ATTRIBUTE_COLUMNS)),
        ):
            links = load_attributes(engine, keys, columns)
            assert tuple(matrix.attribute for matrix in links.matrices) == attributes


def test_matrices_hold_what_the_ledger_says() -> None:
    """Each matrix has the values of at least two accounts, and each account's number of values."""
    one = crowd(ACCOUNTS)
    by_name = {matrix.attribute: matrix for matrix in attributes_of(one).matrices}
    network = by_name["network"]
    values, holders = np.unique(
        np.concatenate([one.home, one.mobile[one.mobile != one.home]]), return_counts=True
    )
    assert sorted(network.holders) == sorted(holders[holders > 1])
    assert network.matrix.data.max() == 1
    assert np.array_equal(network.value_counts, 1 + (one.home != one.mobile))
    mobile = values[holders > 100].max()
    column = list(network.names.values()).index(f"10.{mobile // 65536}.{mobile % 65536}")
    assert np.array_equal(network.matrix[:, [column]].nonzero()[0],
                          np.flatnonzero(one.mobile == mobile))  # fmt: skip
    assert by_name["device"].matrix.nnz == 0
    assert np.array_equal(by_name["payment"].value_counts, one.payment >= 0)
    assert np.array_equal(by_name["sign-up"].value_counts, np.ones(ACCOUNTS))


def test_robots_and_accounts_not_asked_about_are_left_out() -> None:
    """Robots link nobody, and neither do accounts that were not asked about."""
    one = crowd(ACCOUNTS)
    robots = np.flatnonzero(one.client == 1)[:5].tolist()
    everybody = attributes_of(one)
    without = attributes_of(one, robots=robots)
    for before, after in zip(everybody.matrices, without.matrices, strict=True):
        assert not after.value_counts[robots].any()
        assert not after.matrix[robots].nnz
        others = np.setdiff1d(np.arange(ACCOUNTS), robots)
        assert np.array_equal(before.value_counts[others], after.value_counts[others])
    with ledger_of(one, np.arange(ACCOUNTS, dtype=np.uint64)) as engine:
        some = load_attributes(engine, np.arange(0, ACCOUNTS, 2, dtype=np.uint64), ["client"])
    assert some.matrices[0].holders.sum() == ACCOUNTS // 2


def test_row_order_does_not_matter() -> None:
    """The same accounts with keys in another order have the same attributes, row by row."""
    one = crowd(ACCOUNTS)
    keys = np.random.default_rng(1).permutation(np.arange(1, ACCOUNTS + 1)).astype(np.uint64)
    rows = np.argsort(keys)
    for plain, mixed in zip(
        attributes_of(one).matrices, attributes_of(one, keys).matrices, strict=True
    ):
        assert plain.names == mixed.names
        assert (plain.matrix[rows] != mixed.matrix).nnz == 0
        assert np.array_equal(plain.value_counts[rows], mixed.value_counts)


@pytest.mark.slow
def test_values_are_readable() -> None:
    """Values come out as text that a reviewer can read, a payment without its token."""
    rows = 4
    events = {
        "ts": np.array([np.datetime64("2026-02-01T10:00:00") + n for n in range(rows)]),
        "account": np.array(["a", "b", "a", "c"]),
        "item": np.array(["i", "j", "k", "l"]),
        "ip": np.array(["10.1.2.3", "10.1.2.9", "2001:db8:1::1", "2001:db8:1::2"]),
        "client": np.array(["one", "two", "two", "two"]),
        "device": np.array(["d1", "d1", "d2", "d3"]),
        "payment": np.array(["tok", "tok", None, "other"], dtype=object),
        "signed_up": np.array([np.datetime64("2026-01-03T04:05:00")] * rows),
    }
    with small_ledger(events) as context:
        keys = context.engine.columns("SELECT account_key FROM accounts ORDER BY 1")["account_key"]
        links = load_attributes(context.engine, keys, context.columns)
        links = load_names(context.engine, links, np.arange(keys.size))
    texts = {
        matrix.attribute: sorted(matrix.text(n) for n in matrix.names) for matrix in links.matrices
    }
    token = texts.pop("payment")
    assert texts == {
        "sign-up": ["2026-01-03 03:00 to 06:00"],
        "device": ["d1"],
        "network": ["10.1.2.0/24", "2001:db8:1::/48"],
        "client": ["two"],
    }
    assert len(token) == 1
    assert token[0].startswith("a means of payment (")
    assert "tok" not in token[0]


def test_there_is_room_for_the_rings_of_the_last_scan() -> None:
    """The ledger has a table of the ring that each account belonged to."""
    assert RINGS.sql == '"ring" VARCHAR, "account_key" UBIGINT'
