"""Attributes of accounts: innocent people share some, linked extractors share more."""

from __future__ import annotations

import numpy as np
import pytest
from tests.population.declaring import declare

from ringfence.lab.simulate.attributes import (
    CAMPUS_SHARE,
    CLIENT_NAMES,
    CRAWLERS,
    DECLARED,
    RARE,
    SCRIPT_CLIENT,
    Attributes,
    elsewhere,
    rotated,
)
from ringfence.stats.arrays import Integers

ACCOUNTS = 20_000
RING = np.arange(15_000, 15_200)
HOUR = 3_600


def _most(values: Integers) -> int:
    return int(np.unique(values, return_counts=True)[1].max())


@pytest.fixture
def crowd() -> Attributes:
    """20,000 ordinary users."""
    return Attributes.of_crowd(5, ACCOUNTS)


def test_users_share_some_networks(crowd: Attributes) -> None:
    """Most homes are one account's, some are hundreds of people's, mobile networks always are."""
    _, users = np.unique(crowd.home, return_counts=True)
    assert np.sum(users[users > 50]) / ACCOUNTS == pytest.approx(CAMPUS_SHARE, abs=0.01)
    assert 200 < users.max() < 500
    assert 300 < _most(crowd.mobile) < 700


def test_users_have_one_or_two_devices_of_their_own(crowd: Attributes) -> None:
    """No device is two users', and about half of them have a second one."""
    two = crowd.device != crowd.second
    assert two.mean() == pytest.approx(0.5, abs=0.02)
    assert len(np.unique(np.append(crowd.device, crowd.second[two]))) == ACCOUNTS + two.sum()


def test_users_signed_up_before(crowd: Attributes) -> None:
    """Over years, all before the scenario, and in no burst."""
    assert crowd.signed_up.max() < 0
    assert crowd.signed_up.min() < -5 * 365 * 86_400
    assert _most(crowd.signed_up // HOUR) < 100


def test_users_clients_are_no_crawlers(crowd: Attributes) -> None:
    """Crawlers alone have a crawler's client; few users have the old one."""
    share = np.bincount(crowd.client, minlength=len(CLIENT_NAMES)) / ACCOUNTS
    assert share[CRAWLERS].sum() == 0
    assert 0 < share[RARE] < 0.01
    assert share[SCRIPT_CLIENT] == 0
    crowd.set_crawlers(np.arange(3))
    assert ["bot" in CLIENT_NAMES[client] for client in crowd.client[:4]] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("link", "column", "together"),
    [
        ("network", "home", 40), ("network", "mobile", 40), ("device", "device", 20),
        ("payment", "payment", 25), ("client", "client", 200),
    ],
)  # fmt: skip
def test_linked_accounts_share(crowd: Attributes, link: str, column: str, together: int) -> None:
    """A link makes accounts share one thing, and nothing else."""
    before = _most(getattr(crowd, column)[RING])
    unlinked = Attributes.of_crowd(5, ACCOUNTS)
    unlinked.set_linked(RING, (), 3, 9)
    crowd.set_linked(RING, (link,), 3, 9)  # type: ignore[arg-type]
    assert _most(getattr(crowd, column)[RING]) == together > before
    same = {
        name
        for name in ("signed_up", "home", "device", "payment", "client")
        if np.array_equal(getattr(crowd, name), getattr(unlinked, name))
    }
    assert same == {"signed_up", "home", "device", "payment", "client"} - {column, link} - (
        {"home"} if link == "network" else set()
    )


def test_a_script_says_so(crowd: Attributes) -> None:
    """The link's client is a script by its own name; no other client is."""
    crowd.set_linked(RING, ("script",), 3, 9)
    assert set(crowd.client[RING]) == {SCRIPT_CLIENT}
    assert [
        n for n, what in enumerate(declare(*CLIENT_NAMES[: DECLARED.start])) if what == "script"
    ] == [SCRIPT_CLIENT]


def test_networks_rotate_by_the_hour(crowd: Attributes) -> None:
    """Only linked accounts rotate; a network depends on account and hour, and is in the range."""
    crowd.set_linked(RING, ("rotation",), 3, 9)
    assert np.array_equal(np.flatnonzero(crowd.rotating), RING)
    account, hour = np.repeat([4, 5], 200), np.tile(np.arange(-100, 100), 2)
    network = rotated(9, account, hour, 1 << 14)
    assert np.array_equal(network[::-1], rotated(9, account[::-1], hour[::-1], 1 << 14))
    assert 0 <= network.min() < network.max() < 1 << 14
    assert len(np.unique(network)) > 380


def test_bursts_of_sign_ups(crowd: Attributes) -> None:
    """Linked accounts sign up a hundred at a time within three hours, before the attack."""
    crowd.set_linked(RING, ("burst",), 3, 9)
    for hundred in (RING[:100], RING[100:]):
        made = crowd.signed_up[hundred]
        assert np.ptp(made) <= 3 * HOUR
        assert made.max() < 3 * 86_400
    crowd.set_linked(RING, (), 3, 9)
    assert np.ptp(crowd.signed_up[RING]) > 30 * 86_400


def test_extractors_pay_with_means_of_their_own(crowd: Attributes) -> None:
    """Each has a means of payment nobody else has, of numbers as users have them."""
    free = crowd.payment[RING] < 0
    crowd.set_linked(RING, (), 3, 9)
    paid = crowd.payment[crowd.payment >= 0]
    assert free.any()
    assert (crowd.payment[RING] >= 0).all()
    assert len(np.unique(paid)) == len(paid)
    assert paid.max() < ACCOUNTS


def test_hours_elsewhere_are_the_accounts_own() -> None:
    """Where an hour is spent depends on account and hour alone."""
    account = np.array([1, 1, 2, 1])
    away, device = elsewhere(5, account, np.array([7, 8, 7, 7]))
    assert away[0] == away[3]
    assert len({*away.tolist(), *device.tolist()}) == 6
