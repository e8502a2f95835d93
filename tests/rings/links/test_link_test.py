"""Links: values that a ring shares stand out, and values that random groups share do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import nbinom
from tests.rings.linked_accounts import attributes_of, crowd, with_ring

from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.attributes import Attributes
from ringfence.model.ring import Link
from ringfence.rings.links.attributes import AccountAttributes
from ringfence.rings.links.link_test import link_p_value, measure_links

ACCOUNTS = 4_000
RING = np.arange(2_000, 2_040)
HEAVY = ("network", "client")


@pytest.fixture(scope="module")
def users() -> Attributes:
    """Return users with a campus, mobile networks of 500 and a client that a third of them have."""
    return crowd(ACCOUNTS)


@pytest.fixture(scope="module")
def links(users: Attributes) -> AccountAttributes:
    """Return the attributes of honest accounts."""
    return attributes_of(users)


def by_name(found: tuple[Link, ...]) -> dict[str, Link]:
    """Return links by their attribute."""
    return {link_.attribute: link_ for link_ in found}


def test_p_values_of_random_groups_are_valid(links: AccountAttributes) -> None:
    """Small p-values are as rare as they say, whatever popular values there are."""
    rng = np.random.default_rng(2)
    heavy = replace(links, matrices=tuple(s for s in links.matrices if s.attribute in HEAVY))
    p: dict[str, list[float]] = {name: [] for name in HEAVY}
    for number in range(80):
        group = rng.choice(ACCOUNTS, (20, 40, 100)[number % 3], replace=False)
        for link_ in measure_links(heavy, group, group, seed=number):
            p[link_.attribute].append(link_.p_value / len(HEAVY))
    for values in p.values():
        for level in (0.05, 0.1, 0.25):
            assert np.mean(np.array(values) <= level) <= level + 2.5 * np.sqrt(level / 80)
        # Corrected p-values are capped at 1, which is a half here.
        assert np.mean(np.array(values) <= 0.4) > 0.2, "and not much rarer"


@pytest.mark.parametrize("name", ["sign-up", "device", "payment"])
def test_rare_values_do_not_link_random_groups(links: AccountAttributes, name: str) -> None:
    """Values that hardly anybody shares do not link groups by a chance pair."""
    rng = np.random.default_rng(3)
    one = replace(links, matrices=tuple(s for s in links.matrices if s.attribute == name))
    groups = [rng.choice(ACCOUNTS, 40, replace=False) for _ in range(40)]
    p = [measure_links(one, group, group, seed=n)[0].p_value for n, group in enumerate(groups)]
    assert np.mean(np.array(p) <= 0.05) <= 0.1
    assert min(p) > 1e-3


@pytest.mark.parametrize(
    ("link", "attribute"),
    [("burst", "sign-up"), ("network", "network"), ("device", "device"), ("payment", "payment"),
     ("client", "client"), ("script", "client")],
)  # fmt: skip
def test_a_ring_that_shares_a_value_is_linked(link: PlantedLink, attribute: str) -> None:
    """A ring that shares one attribute is linked by it, more than any control group."""
    one = with_ring(crowd(ACCOUNTS), RING, (link,))
    link_ = by_name(measure_links(attributes_of(one), RING, RING))[attribute]
    assert link_.p_value < 1e-3
    assert link_.observed > 20 * link_.expected
    text, inside, accounts = link_.values[0]
    assert inside >= 15
    assert accounts >= inside
    assert text
    for value, count, _ in link_.values:
        assert sum(value in shared for shared in link_.shared.values()) == count
    assert set(link_.shared) <= set(attributes_of(one).accounts[RING].tolist())


def test_a_network_of_the_ring_stands_out() -> None:
    """A ring's own network stands out although honest accounts share mobile networks in pairs."""
    ring = np.arange(1_000, 1_200)
    one = with_ring(crowd(ACCOUNTS), ring, ("network",))
    one.mobile[:1_000] = one.mobile[0]
    link_ = by_name(measure_links(attributes_of(one), ring, ring))["network"]
    assert link_.observed == 5 * 40 * 39 / 2
    assert link_.p_value < 0.02
    assert [value[1:] for value in link_.values] == [(40, 40)] * 5


def test_an_honest_campus_is_linked(users: Attributes, links: AccountAttributes) -> None:
    """A link is not evidence: forty students of one campus share its network."""
    campus = np.flatnonzero(users.home == np.bincount(users.home).argmax())[:40]
    link_ = by_name(measure_links(links, campus, campus))["network"]
    assert link_.p_value < 0.01
    assert link_.values[0][1] == 40


def test_each_member_has_its_own_values() -> None:
    """In a ring with twenty devices of four accounts, each member shows its own device."""
    ring = np.arange(2_000, 2_080)
    one = crowd(ACCOUNTS)
    one.device[ring] = one.device.max() + 1 + np.arange(80) // 4
    found = attributes_of(one)
    link_ = by_name(measure_links(found, ring, ring))["device"]
    assert len(link_.values) == 5
    own = [link_.shared[key] for key in found.accounts[ring].tolist()]
    assert {values[0] for values in own} == {f"dev {one.device[row]}" for row in ring}
    assert own[0] == own[3] != own[4]


def test_popular_values_link_nobody(users: Attributes, links: AccountAttributes) -> None:
    """A client that a third of all accounts have does not link forty accounts."""
    group = np.flatnonzero(users.client == 0)[:40]
    link_ = by_name(measure_links(links, group, group))["client"]
    assert (link_.observed, link_.p_value, link_.values) == (0.0, 1.0, ())


def test_controls_have_as_many_values() -> None:
    """Travellers share many networks, and are compared with other travellers."""
    rng = np.random.default_rng(8)
    links = attributes_of(crowd(ACCOUNTS))
    (network,) = (s for s in links.matrices if s.attribute == "network")
    travellers = rng.choice(ACCOUNTS, 400, replace=False)
    trips = rng.integers(0, 300, (400, 24))
    places = np.zeros((ACCOUNTS, 300), np.int8)
    places[np.repeat(travellers, 24), trips.ravel()] = 1
    wide = replace(
        network,
        matrix=type(network.matrix)(places),
        value_counts=1 + places.sum(axis=1, dtype=np.int64),
        names={n: f"10.0.{n}" for n in range(300)},
        is_linking=np.ones(300, dtype=bool),
    )
    found = [
        measure_links(
            AccountAttributes(links.accounts, (wide,)), travellers[:40], travellers[:40], seed=seed
        )[0]
        for seed in range(3)
    ]
    assert min(link_.p_value for link_ in found) > 0.02
    assert found[0].expected == pytest.approx(found[0].observed, rel=0.3)


def test_member_order_does_not_matter(links: AccountAttributes) -> None:
    """Members in any order, some named twice, have the same links; so has the same seed."""
    group = np.arange(500, 560)
    mixed = np.random.default_rng(1).permutation(np.concatenate([group, group[:9]]))
    assert (
        measure_links(links, group, group)
        == measure_links(links, mixed, group)
        == measure_links(links, group, mixed)
    )


def test_renaming_changes_little() -> None:
    """Other keys and names leave the pairs unchanged; p-values change with the control groups."""
    one = with_ring(crowd(ACCOUNTS), RING, ("network", "device"))
    group = np.concatenate([RING, np.arange(100, 160)])
    plain = measure_links(attributes_of(one), group, group)
    keys = np.random.default_rng(6).permutation(np.arange(1, ACCOUNTS + 1)).astype(np.uint64)
    for name in ("home", "mobile", "device", "second", "payment", "client"):
        column = getattr(one, name)
        column += np.where(column >= 0, 17, 0)
    rows = np.argsort(np.argsort(keys))[group]
    for before, after in zip(
        plain, measure_links(attributes_of(one, keys), rows, rows), strict=True
    ):
        assert before.observed == after.observed
        assert [value[1:] for value in before.values] == [value[1:] for value in after.values]
        assert after.expected == pytest.approx(before.expected, rel=0.25, abs=0.5)
        assert after.p_value == pytest.approx(before.p_value, rel=0.7, abs=0.15)


def test_without_others_there_is_no_link(links: AccountAttributes) -> None:
    """A group is not measured if too few other accounts are left."""
    everybody = np.arange(ACCOUNTS)
    assert measure_links(links, everybody[:40], everybody[:-90]) == ()
    assert measure_links(links, everybody[: ACCOUNTS // 2], everybody[: ACCOUNTS // 2]) == ()


@pytest.mark.parametrize("mean", [0.01, 0.3, 5.0, 200.0])
@pytest.mark.parametrize("shape", [0.3, 5.0])
def test_p_values_stay_above_an_overdispersed_tail(mean: float, shape: float) -> None:
    """Far beyond the control groups' values, the bound stays above the true probability."""
    law = nbinom(shape, shape / (shape + mean))
    rng = np.random.default_rng(4)
    for _ in range(20):
        pairs = law.rvs(400, random_state=rng).astype(np.float64)
        for observed in np.ceil(mean + np.array([20, 30, 100]) * law.std()):
            assert law.sf(observed - 1) < link_p_value(observed, pairs) < 0.003
