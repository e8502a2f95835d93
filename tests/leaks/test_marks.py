"""Keyed marks name the accounts that gave a dump its rows, and no others."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from ringfence.leaks.marks import (
    Detection,
    MarkedRows,
    Marker,
    MarkKeys,
    detect_marks,
    new_mark_key,
)
from ringfence.leaks.marks.code import BLOCK
from ringfence.leaks.marks.keys import MarkKey
from ringfence.stats.arrays import Integers

FIELD = "duration_ms"


def fixed_key(number: int) -> MarkKey:
    """Return a key that is the same in each run, because errors have a chance by design."""
    return MarkKey(f"f{number}", datetime(2026, 1, number, tzinfo=UTC), bytes([number]) * 32)


KEYS = MarkKeys((fixed_key(1), fixed_key(2)))


class Service:
    """A catalogue, and an API that marks what it gives out."""

    def __init__(self, items: int, seed: int = 1, keys: MarkKeys = KEYS) -> None:
        self.rng = np.random.default_rng(seed)
        self.items = [f"track:{number}" for number in range(items)]
        self.true = self.rng.integers(30_000, 600_000, items)
        self.keys = keys
        self.marker = Marker(keys, FIELD)

    def copy_of(self, account: str) -> Integers:
        """Return the values that an account is given."""
        return np.array(self.marker.mark_all(account, self.items, self.true.tolist()))

    def copies(self, colluders: int) -> Integers:
        """Return (colluders, items) the values that accounts u0, u1 … are given."""
        return np.array([self.copy_of(f"u{number}") for number in range(colluders)])

    def named(self, values: Integers, accounts: int = 1_000, error: float = 1e-9) -> set[str]:
        """Return the accounts that a dump names."""
        return {one.account for one in self.detect(values, accounts, error).named}

    def detect(self, values: Integers, accounts: int = 1_000, error: float = 1e-9) -> Detection:
        """Return the result of comparing a dump with accounts u0, u1 and so on."""
        names = [f"u{number}" for number in range(accounts)]
        rows = MarkedRows(FIELD, self.items, values, self.true)
        return detect_marks(rows, names, self.keys, error=error)


def test_a_mark_changes_nothing_that_a_person_sees() -> None:
    """A marked duration is the same in tenths of a second, rounded seconds and minutes."""
    service = Service(5_000)
    marked = service.copy_of("ana")
    assert (marked != service.true).mean() > 0.9
    assert np.abs(marked - service.true).max() < BLOCK
    assert (marked // BLOCK == service.true // BLOCK).all()
    assert ((marked + 500) // 1000 == (service.true + 500) // 1000).all()
    assert ((marked >= 30_000) == (service.true >= 30_000)).all()


def test_marks_are_stable_and_differ_by_account_item_field_and_key() -> None:
    """The same request gets the same value, and nothing else does more often than by chance."""
    service = Service(2_000)
    marked = service.copy_of("ana")
    assert (marked == Service(2_000).copy_of("ana")).all()
    other_field = np.array(
        Marker(KEYS, "bytes").mark_all("ana", service.items, service.true.tolist())
    )
    other_key = Service(2_000, keys=MarkKeys((new_mark_key(),))).copy_of("ana")
    for other in (service.copy_of("ben"), other_field, other_key):
        # Half of the symbols' 1 in 40: the bit agrees more often than in half of the cases.
        assert 0.005 < (marked == other).mean() < 0.04


def test_values_that_cannot_be_marked_stay_or_are_refused() -> None:
    """None and negative values stay; a fraction is refused, because its digits are not counted."""
    marker = Marker(KEYS, FIELD)
    assert marker.mark_all("ana", ["a", "b"], [None, -5]) == [None, -5]
    assert marker.mark_all("ana", [], []) == []
    with pytest.raises(TypeError, match="whole number"):
        marker.mark_all("ana", ["a"], [2.5])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="2 items and 1 values"):
        marker.mark_all("ana", ["a", "b"], [1])


def test_forty_rows_name_an_account_though_a_third_is_rounded_or_replaced() -> None:
    """One account of 5,000 is named with an error below 1e-9 from 40 rows in any order."""
    service = Service(40)
    values = service.copy_of("u77")
    values[:7] = (values[:7] + 5) // 10 * 10
    values[7:13] = service.true[7:13]
    found = service.detect(values, 5_000)
    assert [one.account for one in found.named] == ["u77"]
    assert found.named[0].log10_error < -9
    assert found.named[0].share == pytest.approx(27 / 40, abs=0.15)


def test_values_that_are_all_rounded_to_tens_still_name_an_account() -> None:
    """Rounding to the nearest ten or down to tens costs rows and does not hide the account."""
    service = Service(120)
    values = service.copy_of("u5")
    assert service.named((values + 5) // 10 * 10) == {"u5"}
    assert service.named(values // 10 * 10) == {"u5"}


def test_merged_takes_name_every_account_that_gave_enough_rows() -> None:
    """Of 20 accounts with 100 rows each, merged and shuffled, all are named and nobody else."""
    service = Service(2_000)
    copies = service.copies(20)
    giver = service.rng.integers(0, 20, 2_000)
    values = copies[giver, np.arange(2_000)]
    assert service.named(values) == {f"u{number}" for number in range(20)}


def test_holdings_name_accounts_that_gave_few_rows_of_a_large_merge() -> None:
    """Twelve rows name an account if it is compared with the rows that it holds only."""
    service = Service(1_200)
    values = service.copies(100)[np.arange(1_200) % 100, np.arange(1_200)]
    assert len(service.named(values)) < 100
    names = [f"u{number}" for number in range(200)]
    rows = MarkedRows(FIELD, service.items, values, service.true)
    held = [np.arange(number % 100, 1_200, 100) for number in range(200)]
    found = detect_marks(rows, names, service.keys, held=held)
    assert {one.account for one in found.named} == set(names[:100])


def test_several_values_of_one_item_count_as_one_chance_each() -> None:
    """If the dump has all copies of each item, every account that gave one is named."""
    service = Service(300)
    copies = service.copies(4)
    rows = MarkedRows(FIELD, service.items * 4, copies.ravel(), np.tile(service.true, 4))
    found = detect_marks(rows, [f"u{number}" for number in range(1_000)], service.keys)
    assert {one.account for one in found.named} == {"u0", "u1", "u2", "u3"}


@pytest.mark.parametrize("attack", ["random", "mean", "median", "smallest", "majority"])
def test_three_colluders_are_named_whatever_they_do(attack: str) -> None:
    """Three accounts that compare their copies of 4,000 items are named, and no other is."""
    service = Service(4_000)
    copies = service.copies(3)
    attacked = {
        "random": copies[service.rng.integers(0, 3, 4_000), np.arange(4_000)],
        "mean": copies.mean(axis=0).round().astype(np.int64),
        "median": np.median(copies, axis=0).astype(np.int64),
        "smallest": copies.min(axis=0),
        # The half of the block in which most copies are, and any place in it.
        "majority": service.true // 100 * 100
        + 50 * (np.median(copies % 100, axis=0) >= 50)
        + service.rng.integers(0, 40, 4_000),
    }[attack]
    assert service.named(attacked, 300) == {"u0", "u1", "u2"}


def test_a_dump_without_marks_names_nobody() -> None:
    """True values, random values and another key's marks name nobody, at a bound of 1 in 20."""
    service = Service(500)
    foreign = Service(500, keys=MarkKeys((fixed_key(3),))).copy_of("u5")
    noise = service.rng.integers(30_000, 600_000, 500)
    for values in (service.true, noise, foreign, np.full(500, -1)):
        assert service.named(values, 500, error=0.05) == set()


def test_marks_of_a_key_that_is_no_longer_in_use_are_found() -> None:
    """After a rotation the newest key marks, and the dump of the older one still names."""
    service = Service(60)
    before = service.copy_of("u9")
    service.keys = MarkKeys((*KEYS.keys, new_mark_key()))
    named = service.detect(before, 100).named
    assert [(one.account, one.key) for one in named] == [("u9", KEYS.current.id)]


def test_the_bound_is_kept_by_simulation() -> None:
    """Accounts that took no part reach a bound at most as often as it says."""
    service = Service(200)
    values = service.copies(5)[service.rng.integers(0, 5, 200), np.arange(200)]
    values[:60] = values[:60] // 10 * 10
    limits = (0.1, 0.01, 0.001)
    found = service.detect(values, 20_000, error=1e9)
    # The corrected error of each account, without the correction for accounts and keys.
    outside = [one for one in found.named if one.account not in {f"u{i}" for i in range(5)}]
    bounds = np.array([one.log10_error for one in outside]) - np.log10(20_000 * 2)
    for limit in limits:
        share = (bounds <= np.log10(limit)).sum() / (20_000 * 2)
        assert share <= limit + 3 * np.sqrt(limit / 40_000)
