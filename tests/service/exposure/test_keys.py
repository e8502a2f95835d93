"""Names become keyed numbers, the same for one name and for many."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ringfence.errors import OutputError
from ringfence.service.exposure.keys import (
    hash_names,
    hash_pair,
    hash_pairs,
    load_secret,
    name_hash,
)
from ringfence.service.files import ServiceFolder

NAMES = ["ann", "bob", "", "naïve ☃", "a" * 10_000, "\udc80"]


def test_the_secret_is_created_once_and_private(tmp_path: Path) -> None:
    """Many callers at once get one secret, and only its owner may read the file."""
    folder = ServiceFolder(tmp_path / "service")
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: load_secret(folder), range(16)))
    assert len(secrets) == 1
    assert len(secrets.pop()) == 32
    assert folder.secret.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_was_cut_is_refused(tmp_path: Path) -> None:
    """A file of another length is not used as a secret, and is not replaced."""
    folder = ServiceFolder(tmp_path)
    folder.secret.write_bytes(b"short")
    with pytest.raises(OutputError, match="it has 5 bytes"):
        load_secret(folder)
    assert folder.secret.read_bytes() == b"short"


def test_one_name_and_many_names_have_the_same_numbers() -> None:
    """The process that answers gateways counts a name as the judge does."""
    secret = bytes(range(32))
    one = name_hash(secret)
    assert hash_names(NAMES, secret).tolist() == [one(name) for name in NAMES]
    assert hash_names([], secret).dtype == np.uint64


def test_numbers_depend_on_the_secret() -> None:
    """Another secret gives other numbers, and all names differ."""
    numbers = hash_names(NAMES, bytes(32)).tolist() + hash_names(NAMES, b"x" * 32).tolist()
    assert len(set(numbers)) == 2 * len(NAMES)


def test_one_pair_and_many_pairs_have_the_same_numbers() -> None:
    """The mix of a pair is the same in both forms, up to the largest numbers."""
    random = np.random.default_rng(1)
    accounts = random.integers(0, 2**64, 1_000, np.uint64)
    items = random.integers(0, 2**64, 1_000, np.uint64)
    accounts[0] = items[0] = np.uint64(2**64 - 1)
    pairs = hash_pairs(accounts, items).tolist()
    both = zip(accounts.tolist(), items.tolist(), strict=True)
    assert pairs == [hash_pair(account, item) for account, item in both]
    assert len(set(pairs)) == len(pairs)
    assert set(pairs).isdisjoint(hash_pairs(items, accounts).tolist()[1:])
