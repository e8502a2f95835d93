"""The content of the page of a ring, compared with counts made by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import numpy as np
import pytest

from ringfence.engine import Engine, open_engine
from ringfence.model.ring import Link, Ring
from ringfence.model.ring_profile import MemberAttribute, RingProfile, SharedAttribute, SharedValue
from ringfence.profiles.incidence import INCIDENCE_ACCOUNTS, INCIDENCE_ITEMS, spread
from ringfence.profiles.ring_profile import ring_profiles, similar_in_size
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together

DAY = 86_400

CROWD = [account(f"r{n}", 9 * DAY + np.arange(8) * 60, np.arange(8) + n % 2) for n in range(12)]
"""Twelve users of the same eight items, but for the first or the last: nine items in all."""


def save_table(engine: Engine, rings: list[Ring]) -> None:
    """Make ``ring_members`` as findings of rings do."""
    engine.table(
        "ring_members",
        {
            "ring": np.repeat(np.arange(len(rings)), [ring.keys.size for ring in rings]),
            "account_key": np.concatenate([ring.keys for ring in rings]),
            "held": np.concatenate([ring.shared_items for ring in rings]),
            "observed": np.concatenate([ring.member_collisions[:, 0] for ring in rings]),
            "expected": np.concatenate([ring.member_collisions[:, 1] for ring in rings]),
        },
    )


def keys_of(engine: Engine, names: list[str]) -> np.ndarray:
    """Return the keys of accounts, ascending, as rings have them."""
    rows = engine.rows("SELECT account, account_key FROM accounts")
    return np.sort(np.array([key for name, key in rows if name in names], dtype=np.uint64))


def ring_of(keys: np.ndarray, **changed: object) -> Ring:
    """Return a ring with numbers one can tell again."""
    toward = np.column_stack([np.arange(keys.size), np.arange(keys.size) + 10.0])
    usual = {
        "level": "global",
        "observed": 3.0,
        "expected": 40.0,
        "dispersion_k": 9.0,
        "log_p": -30.0,
    }
    each = {
        "shared_items": np.ones(keys.size),
        "member_collisions": toward,
        "member_log_p": np.zeros(keys.size),
    }
    return Ring(keys=keys, **{**usual, **each, **changed})  # type: ignore[arg-type]


@contextmanager
def scored(*events: Columns, extracting: tuple[str, ...] = ()) -> Iterator[Engine]:
    """Fold events and judge everybody: the named ones are extracting, nobody else is anything."""
    with small_ledger(together(*events)) as context:
        rows = context.engine.rows("SELECT account_key, account FROM accounts")
        table = {
            "account_key": np.array([key for key, _ in rows], dtype=np.uint64),
            "verdict": np.array(["extracting" if n in extracting else "" for _, n in rows]),
            "p_value": np.array([1e-9 if n in extracting else 0.5 for _, n in rows]),
        }
        context.engine.table("scored_accounts", table)
        yield context.engine


def profile_of(
    names: list[str], *events: Columns, extracting: tuple[str, ...] = (), **changed: object
) -> RingProfile:
    """Return the profile of one ring among accounts."""
    with scored(*events, extracting=extracting) as engine:
        ring = ring_of(keys_of(engine, names), **changed)
        save_table(engine, [ring])
        (profile,) = ring_profiles(engine, [ring])
        return profile


def three() -> list[Columns]:
    """Three members: two on the first day, one on the third, and the last two collide once."""
    return [
        account("m0", [0, 60, 120], [0, 1, 2]),
        account("m1", [30, 90, 150], [3, 4, 5]),
        account("m2", [2 * DAY, 2 * DAY + 60, 2 * DAY + 120], [5, 6, 7]),
    ]


NAMES = ["m0", "m1", "m2"]


def test_members_come_in_the_order_in_which_they_appeared() -> None:
    """Each has its line: what it holds, when it was there, and its own verdict."""
    profile = profile_of(NAMES, *CROWD, *three(), extracting=("m1",))
    assert [one.account for one in profile.members] == NAMES
    assert [one.items for one in profile.members] == [3, 3, 3]
    assert profile.members[2].first == datetime(2025, 6, 4, tzinfo=UTC)
    assert profile.members[0].last == datetime(2025, 6, 2, 0, 2, tzinfo=UTC)
    assert [one.verdict for one in profile.members] == ["", "extracting", ""]
    assert profile.members[1].p_value == 1e-9
    assert sorted((one.observed, one.expected) for one in profile.members) == [
        (0, 10), (1, 11), (2, 12),
    ]  # fmt: skip


def test_growth_ends_with_what_there_is() -> None:
    """Accounts, items and collisions so far, day by day; nothing is expected of a lone holding."""
    growth = profile_of(NAMES, *CROWD, *three()).growth
    assert [(one.day, one.accounts, one.items, one.collisions) for one in growth] == [
        (date(2025, 6, 2), 2, 6, 0),
        (date(2025, 6, 3), 2, 6, 0),
        (date(2025, 6, 4), 3, 8, 1),
    ]
    # Pairs of holdings: 3 × 3 of one pair of members, then of three pairs.
    assert [one.expected for one in growth] == pytest.approx([40 / 3, 40 / 3, 40])


def test_an_item_that_many_take_collides_with_each() -> None:
    """Four members that all take one item collide six times."""
    members = [account(f"m{n}", [n * DAY, n * DAY + 60], [0, 10 + n]) for n in range(4)]
    growth = profile_of([f"m{n}" for n in range(4)], *CROWD, *members).growth
    assert [one.collisions for one in growth] == [0, 1, 3, 6]


def test_what_nothing_is_expected_of_is_not_counted() -> None:
    """Items without a group do not collide where strata are groups."""
    members = three()
    for events in members:
        events["group"][:] = None
    crowd = [{**events, "group": np.full_like(events["group"], None)} for events in CROWD]
    found = {
        level: profile_of(NAMES, *crowd, *members, level=level).growth[-1].collisions
        for level in ("group", "global")
    }
    assert found == {"group": 0, "global": 1}


def test_sampled_items_are_the_same_for_the_picture() -> None:
    """If one item in four was searched, the collisions over time count those items only."""
    members = [account(f"m{n}", n * DAY + np.arange(200) * 60, np.arange(200)) for n in range(3)]
    growth = profile_of(["m0", "m1", "m2"], *CROWD, *members, one_in=4).growth
    assert 3 * 25 < growth[-1].collisions < 3 * 75
    assert growth[-1].items == 200


def test_a_long_time_has_few_points() -> None:
    """Two hundred days are fifty points, and the last of them is the last day."""
    members = [account("m0", np.arange(200) * DAY, np.arange(200)), *three()[1:]]
    growth = profile_of(NAMES, *CROWD, *members).growth
    assert len(growth) == 50
    assert growth[-1].day == date(2025, 12, 18)
    assert growth[-1].items == 200


def test_lockstep_expects_nothing_of_all_times() -> None:
    """Its expectation rests on times, and is not shared out by holdings."""
    profile = profile_of(NAMES, *CROWD, *three(), test="lockstep")
    assert profile.test == "lockstep"
    assert all(math.isnan(one.expected) for one in profile.growth)


def test_slices_count_items_by_how_often_they_are_held() -> None:
    """Every item of the catalogue is in one bucket, and each held once, twice or more."""
    slices = profile_of(NAMES, *CROWD, *three()).slices
    assert [part.holders for part in slices] == [7, 15]
    # Items 0 and 8 have six users, 1 to 7 twelve; item 0 is held by a member too.
    assert [part.items for part in slices] == [2, 7]
    assert [part.ring for part in slices] == [(1, 0, 0), (6, 1, 0)]
    # Three others: items 1 to 7 are held by all, items 0 and 8 by those whose first or last it is.
    assert slices[1].others == (0, 0, 7)
    assert sum(slices[0].others) == sum(count > 0 for count in slices[0].others)


def test_the_others_are_as_many_and_nobody_suspected() -> None:
    """Neither members nor who extracts stands beside a ring."""
    greedy = account("greedy", 9 * DAY + np.arange(40) * 60, np.arange(40) + 500)
    profile = profile_of(NAMES, *CROWD, *three(), greedy, extracting=("greedy",))
    others = profile.others
    assert (others.accounts, others.holdings) == (3, 24)
    assert others.items in {8, 9}
    assert 21 <= others.collisions <= 24
    assert max(others.incidence.times) == 3


def test_two_rings_are_told_apart() -> None:
    """Each has its own members and growth, and neither stands beside the other."""
    second = [
        account(f"n{n}", DAY + np.arange(3) * 60, 100 + 3 * n + np.arange(3)) for n in range(3)
    ]
    with scored(*CROWD, *three(), *second) as engine:
        rings = [ring_of(keys_of(engine, ["n0", "n1", "n2"])), ring_of(keys_of(engine, NAMES))]
        save_table(engine, rings)
        one, other = ring_profiles(engine, rings)
    assert {member.account for member in one.members} == {"n0", "n1", "n2"}
    assert (one.growth[-1].items, other.growth[-1].items) == (9, 8)
    assert one.others.holdings == other.others.holdings == 24


def test_incidence_are_places_from_the_most_held_item_on() -> None:
    """Lines are by size of holding; each has the places of its items, the rarest last."""
    members = [account("m0", [0, 60], [1, 20]), account("m1", [0, 60, 120], [1, 0, 30])]
    incidence = profile_of(["m0", "m1"], *CROWD, *members).incidence
    assert incidence.holders == (14, 7, 1, 1)
    assert [line[:2] for line in incidence.lines] in ([(0, 1), (0, 2)], [(0, 1), (0, 3)])
    assert incidence.times == (2, 1, 1, 1)
    assert incidence.items == 4


def test_an_incidence_has_the_days_of_its_takes() -> None:
    """Beside the place of each item stands the day on which its account took it first."""
    day = 86_400
    members = [account("m0", [0, day], [1, 20]), account("m1", [2 * day, 5 * day, 0], [1, 0, 30])]
    incidence = profile_of(["m0", "m1"], *CROWD, *members).incidence
    first = min(one for days in incidence.days for one in days)
    taken = [
        dict(zip(places, (one - first for one in days), strict=True))
        for places, days in zip(incidence.lines, incidence.days, strict=True)
    ]
    assert [sorted(one.values()) for one in taken] == [[0, 2, 5], [0, 1]]
    # Place 0 is item 1, the most held one.
    assert [one[0] for one in taken] == [2, 0]


def test_incidence_are_few_however_large_the_ring() -> None:
    """Sixty members with twelve items each show forty lines and no more items than fit."""
    members = [account(f"m{n}", np.arange(12) * 60 + n, n * 12 + np.arange(12)) for n in range(60)]
    profile = profile_of([f"m{n}" for n in range(60)], *CROWD, *members)
    assert len(profile.members) == 60
    assert len(profile.incidence.lines) == INCIDENCE_ACCOUNTS
    assert len(profile.incidence.holders) == INCIDENCE_ITEMS
    assert set(profile.incidence.times) == {1}
    assert profile.incidence.items == 40 * 12
    assert profile.others.accounts == 12


def test_small_holdings_are_seen_next_to_large_ones() -> None:
    """A member with six items shows them next to one with two thousand, and all room is used."""
    members = [account("m0", np.arange(2_000), np.arange(2_000))]
    members += [account(f"m{n}", np.arange(6), 2_000 + 6 * n + np.arange(6)) for n in range(1, 30)]
    incidence = profile_of([f"m{n}" for n in range(30)], *CROWD, *members).incidence
    assert [len(line) for line in incidence.lines[1:]] == [6] * 29
    assert len(incidence.holders) == INCIDENCE_ITEMS
    assert list(incidence.holders) == sorted(incidence.holders, reverse=True)


def test_links_are_those_of_the_ring() -> None:
    """Attributes that members share come from the search and are passed on."""
    link = Link("device", 3.0, 0.1, 0.004, (("d1", 3, 3),))
    shown = SharedAttribute("device", 3.0, 0.1, 0.004, (SharedValue("d1", 3, 3),))
    assert profile_of(NAMES, *CROWD, *three(), links=(link,)).links == (shown,)


def test_a_member_says_what_it_shares() -> None:
    """Of ties that chance hardly makes, each member's own values, and nobody else's."""
    with scored(*CROWD, *three()) as engine:
        keys = dict(engine.rows("SELECT account, account_key FROM accounts"))
        first, second, third = (keys[name] for name in NAMES)
        shared = {first: ("d1",), second: ("d1", "d2"), third: ("d2",)}
        device = Link("device", 2.0, 0.1, 0.004, (("d1", 2, 2), ("d2", 2, 9)), shared)
        client = Link("client", 1.0, 0.8, 0.4, (("c", 2, 90),), {first: ("c",), second: ("c",)})
        ring = ring_of(keys_of(engine, NAMES), links=(device, client))
        save_table(engine, [ring])
        (profile,) = ring_profiles(engine, [ring])
    one, two = MemberAttribute("device", "d1"), MemberAttribute("device", "d2")
    assert [member.shares for member in profile.members] == [(one,), (one, two), (two,)]


def test_no_ring_needs_nothing() -> None:
    """Without a ring no table is asked for."""
    with open_engine() as engine:
        assert ring_profiles(engine, ()) == ()


@pytest.mark.parametrize(
    ("items", "members", "places"),
    [
        ([1, 2, 3, 4, 5], [2, 4], [1, 3]),
        ([1, 2, 2, 2, 9], [2, 2], [1, 2]),
        ([1, 2, 3], [50, 60], [1, 2]),
        ([1, 2, 3], [0, 0], [0, 1]),
        ([4, 5], [1, 4, 5], [0, 1]),
        ([], [3, 3], []),
    ],
)
def test_others_are_chosen_by_size_alone(
    items: list[int], members: list[int], places: list[int]
) -> None:
    """Each candidate once, the next in size, as many as there are."""
    assert similar_in_size(items, members).tolist() == places


@pytest.mark.parametrize("items", [0, 1, 5, INCIDENCE_ITEMS, INCIDENCE_ITEMS + 1, 1_000, 10**6])
def test_places_are_spread_and_none_twice(items: int) -> None:
    """All items where they are few; else denser towards the most popular, from the first on."""
    places = spread(items)
    assert len(places) == min(items, INCIDENCE_ITEMS)
    assert places == sorted(set(places))
    assert not places or (places[0] == 0 and places[-1] < items)
    if items >= 1_000:
        assert places[INCIDENCE_ITEMS // 2] == pytest.approx(items / 4, rel=0.01)
