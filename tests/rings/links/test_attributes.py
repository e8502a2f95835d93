"""What accounts share is read from the ledger, where the log carries it."""

from __future__ import annotations

import numpy as np
from tests.rings.linked import crowd, ledger_of, links_of

from ringfence.model.tables import RINGS
from ringfence.rings.links.attributes import COLUMNS, load_links
from ringfence.testing.small_ledger import small_ledger

ACCOUNTS = 2_000


def test_attributes_are_those_that_the_log_carries() -> None:
    """Nothing is said of columns that were not there."""
    one = crowd(50)
    keys = np.arange(50, dtype=np.uint64)
    with ledger_of(one, keys) as engine:
        for columns, attributes in (
            ((), ()),
            (("ip", "seconds"), ("network",)),
            (("client", "device", "signed_up"), ("sign-up", "device", "client")),
            (COLUMNS.values(), tuple(COLUMNS)),
        ):
            links = load_links(engine, keys, columns)
            assert tuple(shared.attribute for shared in links.shared) == attributes


def test_matrices_hold_what_the_ledger_says() -> None:
    """Of each attribute, all values of at least two accounts, and how many each account has."""
    one = crowd(ACCOUNTS)
    by_name = {shared.attribute: shared for shared in links_of(one).shared}
    network = by_name["network"]
    values, holders = np.unique(
        np.concatenate([one.home, one.mobile[one.mobile != one.home]]), return_counts=True
    )
    assert sorted(network.accounts) == sorted(holders[holders > 1])
    assert network.matrix.data.max() == 1
    assert np.array_equal(network.carried, 1 + (one.home != one.mobile))
    mobile = values[holders > 100].max()
    column = list(network.names).index(f"10.{mobile // 65536}.{mobile % 65536}")
    assert np.array_equal(network.matrix[:, [column]].nonzero()[0],
                          np.flatnonzero(one.mobile == mobile))  # fmt: skip
    assert by_name["device"].matrix.nnz == 0
    assert np.array_equal(by_name["payment"].carried, one.payment >= 0)
    assert np.array_equal(by_name["sign-up"].carried, np.ones(ACCOUNTS))


def test_robots_and_strangers_are_left_out() -> None:
    """Accounts that are set apart link nobody, nor do those that were not asked about."""
    one = crowd(ACCOUNTS)
    robots = np.flatnonzero(one.client == 1)[:5].tolist()
    everybody = links_of(one)
    without = links_of(one, robots=robots)
    for before, after in zip(everybody.shared, without.shared, strict=True):
        assert not after.carried[robots].any()
        assert not after.matrix[robots].nnz
        others = np.setdiff1d(np.arange(ACCOUNTS), robots)
        assert np.array_equal(before.carried[others], after.carried[others])
    with ledger_of(one, np.arange(ACCOUNTS, dtype=np.uint64)) as engine:
        some = load_links(engine, np.arange(0, ACCOUNTS, 2, dtype=np.uint64), ["client"])
    assert some.shared[0].accounts.sum() == ACCOUNTS // 2


def test_the_order_of_the_ledgers_rows_does_not_matter() -> None:
    """The same accounts under keys in another order are the same links, row by row."""
    one = crowd(ACCOUNTS)
    keys = np.random.default_rng(1).permutation(np.arange(1, ACCOUNTS + 1)).astype(np.uint64)
    rows = np.argsort(keys)
    for plain, mixed in zip(links_of(one).shared, links_of(one, keys).shared, strict=True):
        assert list(plain.names) == list(mixed.names)
        assert (plain.matrix[rows] != mixed.matrix).nnz == 0
        assert np.array_equal(plain.carried[rows], mixed.carried)


def test_links_of_a_log_from_file_to_words() -> None:
    """Events with all columns come out as texts a reviewer can read, payment without its token."""
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
        links = load_links(context.engine, keys, context.columns)
    texts = {
        shared.attribute: sorted(shared.text(n) for n in range(shared.names.size))
        for shared in links.shared
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
    """The ledger has a table for which ring an account belonged to."""
    assert RINGS.sql == '"ring" VARCHAR, "account_key" UBIGINT'
