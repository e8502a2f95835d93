"""A dump is attributed to the accounts and rings it left through, and to no user."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tests.leaks.leaked_service import (
    BEGIN,
    CATALOGUE,
    Takes,
    attributed,
    dump_of,
    fans,
    people,
    whole_catalogue,
    with_dividers,
    with_ring,
    write_ledger,
)

from ringfence.errors import LeakError
from ringfence.model.arrow_table import ArrowTable
from ringfence.stats.arrays import Integers

USERS, MEMBERS, EACH = 600, 12, 2_000
RING = {f"u{USERS + number}" for number in range(MEMBERS)}


@pytest.fixture(scope="module")
def catalogue() -> ArrowTable:
    """Return the catalogue of the service."""
    return whole_catalogue()


@pytest.fixture(scope="module")
def takes() -> Takes:
    """Return the takes of 600 users and a ring of 12."""
    rng = np.random.default_rng(5)
    return with_ring(people(USERS, 200, rng), MEMBERS, EACH, rng)


@pytest.fixture(scope="module")
def ledger(takes: Takes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the ledger of the service, which knows the ring."""
    path = tmp_path_factory.mktemp("attribution") / "a.ledger"
    return write_ledger(path, takes, (USERS, USERS + MEMBERS))


def ring_dump(takes: Takes, share: float, seed: int = 1) -> Integers:
    """Return a share of what the ring took, half of the dump, and items from elsewhere."""
    rng = np.random.default_rng(seed)
    of_ring = np.unique(takes.item[takes.account >= USERS])
    own = rng.choice(of_ring, int(share * of_ring.size), replace=False)
    elsewhere = np.setdiff1d(np.arange(CATALOGUE), of_ring)
    return rng.permutation(np.concatenate([own, rng.choice(elsewhere, own.size, replace=False)]))


@pytest.mark.slow
def test_a_ring_is_named_from_a_mixed_dump(
    ledger: Path, takes: Takes, catalogue: ArrowTable
) -> None:
    """All members and the ring are named, no user is, and each item counts once."""
    dump = ring_dump(takes, 0.05)
    found = attributed(ledger, dump_of(dump), catalogue)
    assert set(found.accounts) == RING
    ring = next(one for one in found.sources if one.kind == "ring")
    assert set(ring.accounts) == RING
    assert found.items == dump.size
    assert found.explained == dump.size // 2
    assert sum(one.credited for one in found.sources if one.kind == "account") == dump.size // 2
    document = found.to_json()
    parts = ("explained", "held_by_others_only", "held_by_nobody", "unknown")
    assert sum(document[part] for part in parts) == dump.size


def test_a_ring_is_named_where_no_member_is(
    ledger: Path, takes: Takes, catalogue: ArrowTable
) -> None:
    """With few items of each member in the dump, only the ring as a whole stands out."""
    found = attributed(ledger, dump_of(ring_dump(takes, 0.01)), catalogue)
    assert [one.name for one in found.sources if one.kind == "ring"] == ["ring-1"]
    assert len(found.accounts) < MEMBERS


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Takes]:
    """Write the ledger of a service with 1,500 users, and five accounts that divide its items."""
    rng = np.random.default_rng(6)
    takes = with_dividers(fans(1_500, rng), 5, 2_500, rng)
    path = tmp_path_factory.mktemp("divided") / "a.ledger"
    return write_ledger(path, takes, groups=False), takes


@pytest.mark.slow
@pytest.mark.parametrize("known", [True, False], ids=["with a catalogue", "without a catalogue"])
@pytest.mark.parametrize("size", [400, 1_000])
def test_one_of_several_heavy_accounts_is_named_from_its_own_items(
    divided: tuple[Path, Takes], catalogue: ArrowTable, size: int, *, known: bool
) -> None:
    """Other heavy accounts, which have nothing of the dump, do not hide the one that has it all."""
    path, takes = divided
    for source in (1_500, 1_502):
        own = takes.item[takes.account == source]
        dump = dump_of(np.random.default_rng(size).choice(own, size, replace=False))
        found = attributed(path, dump, catalogue if known else None)
        assert found.accounts == (f"u{source}",)
        assert found.explained == size


def test_a_small_dump_names_its_source_or_nobody(divided: tuple[Path, Takes]) -> None:
    """Of 50 or 150 items, few are rare. An account that holds many popular items is not named."""
    path, takes = divided
    for size in (50, 150):
        own = takes.item[takes.account == 1_502]
        dump = dump_of(np.random.default_rng(size).choice(own, size, replace=False))
        assert set(attributed(path, dump, None).accounts) <= {"u1502"}


def test_a_source_says_what_the_copy_has_of_its_rarer_items(divided: tuple[Path, Takes]) -> None:
    """If rare items decide, their numbers are in the sentence and in the document."""
    path, takes = divided
    own = takes.item[takes.account == 1_500]
    dump = dump_of(np.random.default_rng(9).choice(own, 1_000, replace=False))
    (source,) = attributed(path, dump, None).sources
    assert source.rare
    holders = np.bincount(np.unique(takes.item * 2_000 + takes.account) // 2_000)
    leaked = np.random.default_rng(9).choice(own, 1_000, replace=False)
    assert source.rare.leaked == (holders[leaked] - 1 <= source.rare.most).sum()
    assert source.rare.expected < source.expected < source.leaked
    assert f"at most {source.rare.most} other holders" in source.sentence
    assert source.to_json()["rare"]["leaked"] == source.rare.leaked


@pytest.mark.slow
def test_a_dump_of_one_genre_names_none_of_its_fans(
    divided: tuple[Path, Takes], catalogue: ArrowTable
) -> None:
    """A dump from elsewhere may have the taste of some users: popular items, rare ones, or both."""
    path, _ = divided
    rng = np.random.default_rng(8)
    for power in (1, 2, 3):
        of_genre = (CATALOGUE / 40 * rng.random(400) ** power).astype(np.int64)
        for known in (catalogue, None):
            found = attributed(path, dump_of(np.unique(7 + 40 * of_genre)), known)
            assert found.accounts == ()


@pytest.mark.slow
def test_a_dump_from_elsewhere_names_nobody(ledger: Path, catalogue: ArrowTable) -> None:
    """Popular items, whole groups, and items of a genre from another service name nobody."""
    rng = np.random.default_rng(2)
    popular = np.unique((CATALOGUE * rng.random(3_000) ** 3).astype(np.int64))
    groups = rng.integers(0, CATALOGUE // 12, 200).repeat(12) * 12 + np.tile(np.arange(12), 200)
    genre = np.arange(30_000, 34_000)
    for dump in (popular, np.unique(groups), genre):
        assert attributed(ledger, dump_of(dump), catalogue).accounts == ()


@pytest.mark.slow
def test_takes_after_publication_do_not_count(
    ledger: Path, takes: Takes, catalogue: ArrowTable
) -> None:
    """An account cannot be the source of what it took after the dump was published."""
    dump = dump_of(ring_dump(takes, 0.05))
    early = datetime.fromtimestamp(BEGIN + 10**5, UTC)
    assert attributed(ledger, dump, catalogue, published=early).accounts == ()
    late = datetime.fromtimestamp(BEGIN + 10**7, UTC)
    assert set(attributed(ledger, dump, catalogue, published=late).accounts) == RING


@pytest.mark.slow
def test_a_sample_of_the_items_still_names_and_says_what_it_costs(
    ledger: Path, takes: Takes, catalogue: ArrowTable
) -> None:
    """With 1 of 4 items, a dump with four times as many of them names the ring's members."""
    dump = dump_of(ring_dump(takes, 0.3))
    found = attributed(ledger, dump, catalogue, sample=4)
    assert set(found.accounts) == RING
    assert "about 4 times as many" in " ".join(found.notes)


@pytest.mark.slow
def test_without_a_catalogue_nobody_is_named_by_items_of_his_own(
    ledger: Path, takes: Takes
) -> None:
    """The result says that a catalogue would tell more, and accuses no user."""
    found = attributed(ledger, dump_of(ring_dump(takes, 0.05)), None)
    assert not set(found.accounts) - RING
    assert "--catalogue" in " ".join(found.notes)


def test_an_account_that_shares_a_sources_taste_is_explained_by_it(
    takes: Takes, catalogue: ArrowTable, tmp_path: Path
) -> None:
    """A user with a third of a member's items is not named beside the member."""
    member = takes.item[takes.account == USERS]
    copied = np.random.default_rng(3).choice(member, member.size // 3, replace=False)
    friend = USERS + MEMBERS
    both = Takes(
        np.concatenate([takes.account, np.full(copied.size, friend)]),
        np.concatenate([takes.item, copied]),
        np.concatenate([takes.time, np.full(copied.size, BEGIN)]),
    )
    path = write_ledger(tmp_path / "b.ledger", both)
    dump = np.random.default_rng(4).choice(member, 400, replace=False)
    assert attributed(path, dump_of(dump), catalogue).accounts == (f"u{USERS}",)


def test_order_and_dates_of_a_source_are_reported(
    ledger: Path, takes: Takes, catalogue: ArrowTable
) -> None:
    """A dump in the order of one member's takes, with their days, says so in the sentence."""
    rows = np.flatnonzero(takes.account == USERS)[:150]
    days = [datetime.fromtimestamp(int(one), UTC).isoformat() for one in takes.time[rows].tolist()]
    found = attributed(ledger, dump_of(takes.item[rows], seen=days), catalogue, day="seen")
    source = next(one for one in found.sources if one.name == f"u{USERS}")
    assert "in the order in which they were taken" in source.sentence
    assert "150 have a date within a day" in source.sentence
    assert source.order.correlation > 0.99


@pytest.mark.parametrize(
    ("dump", "options", "said"),
    [
        ({"track": ["t1"]}, {}, "has no column 'item'"),
        ({"item": [None]}, {}, "has no items"),
        ({"item": ["t1"], "seen": ["soon"]}, {"day": "seen"}, "has no dates"),
    ],
)
def test_unusable_dumps_are_refused(
    ledger: Path, dump: dict[str, list[str]], options: dict[str, str], said: str
) -> None:
    """Missing columns, empty columns and texts in place of dates are refused in one line."""
    import pyarrow as pa

    table = pa.table({name: pa.array(values, pa.string()) for name, values in dump.items()})
    with pytest.raises(LeakError, match=said):
        attributed(ledger, ArrowTable(table), None, **options)
