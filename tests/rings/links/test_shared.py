"""Ties: what a ring shares is found, and what groups at random share is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import nbinom
from tests.rings.linked import crowd, links_of, with_ring

from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.attributes import Attributes
from ringfence.model.ring import Link
from ringfence.rings.links.attributes import Links
from ringfence.rings.links.shared import rarity, ties

ACCOUNTS = 4_000
RING = np.arange(2_000, 2_040)
HEAVY = ("network", "client")


@pytest.fixture(scope="module")
def users() -> Attributes:
    """Honest accounts: a campus, mobile networks of 500, a client that a third of them have."""
    return crowd(ACCOUNTS)


@pytest.fixture(scope="module")
def links(users: Attributes) -> Links:
    """Links of honest accounts alone."""
    return links_of(users)


def by_name(found: tuple[Link, ...]) -> dict[str, Link]:
    """Return ties by their attribute."""
    return {tie.attribute: tie for tie in found}


def test_groups_at_random_are_not_tied(links: Links) -> None:
    """Small p-values are as rare as they say, whatever heavy values there are."""
    rng = np.random.default_rng(2)
    heavy = replace(links, shared=tuple(s for s in links.shared if s.attribute in HEAVY))
    p: dict[str, list[float]] = {name: [] for name in HEAVY}
    for number in range(80):
        group = rng.choice(ACCOUNTS, (20, 40, 100)[number % 3], replace=False)
        for tie in ties(heavy, group, group, seed=number):
            p[tie.attribute].append(tie.p_value / len(HEAVY))
    for values in p.values():
        for level in (0.05, 0.1, 0.25):
            assert np.mean(np.array(values) <= level) <= level + 2.5 * np.sqrt(level / 80)
        # Prices are capped at 1, which shows here as a half.
        assert np.mean(np.array(values) <= 0.4) > 0.2, "and not much rarer"


@pytest.mark.parametrize("name", ["sign-up", "device", "payment"])
def test_what_users_hardly_share_ties_none_at_random(links: Links, name: str) -> None:
    """Values that are nearly everybody's own do not tie groups by a chance pair."""
    rng = np.random.default_rng(3)
    one = replace(links, shared=tuple(s for s in links.shared if s.attribute == name))
    groups = [rng.choice(ACCOUNTS, 40, replace=False) for _ in range(40)]
    p = [ties(one, group, group, seed=n)[0].p_value for n, group in enumerate(groups)]
    assert np.mean(np.array(p) <= 0.05) <= 0.1
    assert min(p) > 1e-3


@pytest.mark.parametrize(
    ("link", "attribute"),
    [("burst", "sign-up"), ("network", "network"), ("device", "device"), ("payment", "payment"),
     ("client", "client"), ("script", "client")],
)  # fmt: skip
def test_linked_rings_are_tied(link: PlantedLink, attribute: str) -> None:
    """A ring that shares one thing is tied by it, far beyond what draws can count."""
    one = with_ring(crowd(ACCOUNTS), RING, (link,))
    tie = by_name(ties(links_of(one), RING, RING))[attribute]
    assert tie.p_value < 1e-3
    assert tie.observed > 20 * tie.expected
    text, inside, accounts = tie.values[0]
    assert inside >= 15
    assert accounts >= inside
    assert text
    for value, count, _ in tie.values:
        assert sum(value in shared for shared in tie.shared.values()) == count
    assert set(tie.shared) <= set(links_of(one).accounts[RING].tolist())


def test_rings_in_a_crowd_that_shares_are_tied() -> None:
    """A network of the ring's own shows though honest accounts share mobile networks in pairs."""
    ring = np.arange(1_000, 1_200)
    one = with_ring(crowd(ACCOUNTS), ring, ("network",))
    one.mobile[:1_000] = one.mobile[0]
    tie = by_name(ties(links_of(one), ring, ring))["network"]
    assert tie.observed == 5 * 40 * 39 / 2
    assert tie.p_value < 0.02
    assert [value[1:] for value in tie.values] == [(40, 40)] * 5


def test_a_group_from_one_campus_is_tied_and_honest(users: Attributes, links: Links) -> None:
    """A tie is no evidence: forty students of one campus share its network."""
    campus = np.flatnonzero(users.home == np.bincount(users.home).argmax())[:40]
    tie = by_name(ties(links, campus, campus))["network"]
    assert tie.p_value < 0.01
    assert tie.values[0][1] == 40


def test_each_member_has_its_own_values() -> None:
    """A ring in twenty devices of four: all members have theirs, though five devices are told."""
    ring = np.arange(2_000, 2_080)
    one = crowd(ACCOUNTS)
    one.device[ring] = one.device.max() + 1 + np.arange(80) // 4
    found = links_of(one)
    tie = by_name(ties(found, ring, ring))["device"]
    assert len(tie.values) == 5
    own = [tie.shared[key] for key in found.accounts[ring].tolist()]
    assert {values[0] for values in own} == {f"dev {one.device[row]}" for row in ring}
    assert own[0] == own[3] != own[4]


def test_popular_values_tie_nobody(users: Attributes, links: Links) -> None:
    """Forty accounts with the client that a third of all have share nothing that counts."""
    group = np.flatnonzero(users.client == 0)[:40]
    tie = by_name(ties(links, group, group))["client"]
    assert (tie.observed, tie.p_value, tie.values) == (0.0, 1.0, ())


def test_accounts_that_are_about_much_are_compared_with_such() -> None:
    """Travellers meet in many networks, and are tied no more than other travellers."""
    rng = np.random.default_rng(8)
    links = links_of(crowd(ACCOUNTS))
    (network,) = (s for s in links.shared if s.attribute == "network")
    travellers = rng.choice(ACCOUNTS, 400, replace=False)
    trips = rng.integers(0, 300, (400, 24))
    places = np.zeros((ACCOUNTS, 300), np.int8)
    places[np.repeat(travellers, 24), trips.ravel()] = 1
    wide = replace(
        network,
        matrix=type(network.matrix)(places),
        carried=1 + places.sum(axis=1, dtype=np.int64),
        names=np.array([f"10.0.{n}" for n in range(300)], dtype=object),
        linking=np.ones(300, dtype=bool),
    )
    tied = [
        ties(Links(links.accounts, (wide,)), travellers[:40], travellers[:40], seed=seed)[0]
        for seed in range(3)
    ]
    assert min(tie.p_value for tie in tied) > 0.02
    assert tied[0].expected == pytest.approx(tied[0].observed, rel=0.3)


def test_the_order_of_members_does_not_matter(links: Links) -> None:
    """Members in any order, some named twice, have the same ties; the same seed, the same bytes."""
    group = np.arange(500, 560)
    mixed = np.random.default_rng(1).permutation(np.concatenate([group, group[:9]]))
    assert ties(links, group, group) == ties(links, mixed, group) == ties(links, group, mixed)


def test_names_of_accounts_and_values_do_not_matter() -> None:
    """Other keys and names leave the pairs as they are; p-values change by the luck of drawing."""
    one = with_ring(crowd(ACCOUNTS), RING, ("network", "device"))
    group = np.concatenate([RING, np.arange(100, 160)])
    plain = ties(links_of(one), group, group)
    keys = np.random.default_rng(6).permutation(np.arange(1, ACCOUNTS + 1)).astype(np.uint64)
    for name in ("home", "mobile", "device", "second", "payment", "client"):
        column = getattr(one, name)
        column += np.where(column >= 0, 17, 0)
    rows = np.argsort(np.argsort(keys))[group]
    for before, after in zip(plain, ties(links_of(one, keys), rows, rows), strict=True):
        assert before.observed == after.observed
        assert [value[1:] for value in before.values] == [value[1:] for value in after.values]
        assert after.expected == pytest.approx(before.expected, rel=0.25, abs=0.5)
        assert after.p_value == pytest.approx(before.p_value, rel=0.7, abs=0.15)


def test_without_others_there_is_no_tie(links: Links) -> None:
    """A group that leaves too few accounts to compare with is not compared."""
    everybody = np.arange(ACCOUNTS)
    assert ties(links, everybody[:40], everybody[:-90]) == ()
    assert ties(links, everybody[: ACCOUNTS // 2], everybody[: ACCOUNTS // 2]) == ()


@pytest.mark.parametrize("mean", [0.01, 0.3, 5.0, 200.0])
@pytest.mark.parametrize("shape", [0.3, 5.0])
def test_no_p_value_is_below_the_tail_of_a_law_with_clumps(mean: float, shape: float) -> None:
    """Far beyond what the draws saw, the bound stays above the true chance."""
    law = nbinom(shape, shape / (shape + mean))
    rng = np.random.default_rng(4)
    for _ in range(20):
        pairs = law.rvs(400, random_state=rng).astype(np.float64)
        for observed in np.ceil(mean + np.array([20, 30, 100]) * law.std()):
            assert law.sf(observed - 1) < rarity(observed, pairs) < 0.003
