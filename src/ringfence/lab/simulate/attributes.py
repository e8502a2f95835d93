"""Draw the attributes of accounts: sign-up, networks, devices, clients, payment.

Attributes are pure functions of a seed and the number of the account. Nothing here is measured: the
shares are assumed. They give honest people links, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.origins import Origin
from ringfence.lab.simulate.permutation import key_of, permuted
from ringfence.stats.arrays import Floats, Integers
from ringfence.stats.seconds import DAY, HOUR

KIOSK: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36"
)
"""The one browser of a reading room: managed computers have the same version everywhere."""
CLIENT_NAMES: Final = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) Ultrasonic/4.8.0",
    "play:Sub/5.1 CFNetwork/1494.0.7 Darwin/23.4.0",
    "Feishin/0.7.1 (Windows NT 10.0; Win64; x64) Electron/31.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
    "Sonos/80.1-55014 (ZPS38)",
    "DSub/5.5.4 (Android Automotive 13)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "DSub/5.1.2 (Android 7.0)",
    "python-requests/2.32.3",
    KIOSK,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:115.0) Gecko/20100101 Zotero/7.0.11",
    "LOCKSS cache",
    "LinkChecker/10.5.0 (+https://linkchecker.github.io/linkchecker/)",
    "W3C-checklink/5.0.0 libwww-perl/6.77",
    "doi-checker/1.4 (+https://repository.example.org/doi-checker; mailto:library@example.org)",
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/134.0.0.0 Safari/537.36"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Version/18.3 Mobile/15E148 Safari/604.1"
    ),
    (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/134.0.0.0 Mobile Safari/537.36"
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.3 Safari/605.1.15"
    ),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0",
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/134.0.0.0 Safari/537.36 Edg/134.0.0.0"
    ),
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
        "Safari/537.36"
    ),
)
"""Names of clients: those of users, those of crawlers, an old one that few still use, a script that
no user has, the browser of reading rooms, other declared programs, and browsers of a site's
visitors."""
_POPULAR: Final = (0.34, 0.62, 0.74, 0.86, 0.94, 0.98, 1.0)
"""Cumulative share of users' devices with each client."""
CRAWLERS: Final = slice(7, 9)
BROWSER_PLACES: Final = slice(17, 25)
"""Browsers of a site's visitors; the first is the most frequent."""
_BROWSED: Final = (0.45, 0.67, 0.82, 0.89, 0.94, 0.98, 0.995, 1.0)
"""Cumulative share of visitors with each browser. Assumed: one version has nearly half."""
SINGLE: Final = 24
"""The browser of an attack with a single client; one visitor in 200 has it, too."""
RARE: Final = 9
RARE_SHARE: Final = 0.002
"""Share of users with the old client."""
SCRIPT_CLIENT: Final = 10

DECLARED: Final = slice(13, 17)
"""Declared programs other than crawlers of search engines."""

CAMPUS_SHARE, CAMPUS_SIZE = 0.07, 300
"""Share of users whose home is a shared network (campus, office, dormitory), and users per such
network."""
NEIGHBOURS: Final = 200
"""Accounts with neighbouring addresses in one network of 24 bits."""
MOBILE_TIME, MOBILE_SIZE = 0.25, 500
"""Share of hours in a mobile network, and accounts behind one of its addresses."""
TWO_DEVICES: Final = 0.5
"""Share of users with two devices."""
FREE: Final = 0.4
"""Share of users who pay nothing."""
PAST: Final = 6 * 365 * DAY
"""Longest time since a sign-up, in seconds; recent sign-ups are more frequent."""

UNTRACED_SHARE: Final = 0.1
"""Share of a site's visitors whose browser, app or reader sends no referrer and fetches nothing
beside pages. On a small site, 11 % of 970 visitors with the name of a browser were so."""

BURST: Final = 3 * HOUR
"""Seconds within which 100 linked accounts sign up."""
TOGETHER: Final[dict[PlantedLink, int]] = {
    "burst": 100, "network": 40, "device": 20, "payment": 25, "client": 1 << 30,
    "script": 1 << 30, "rotation": 1,
}  # fmt: skip
"""Number of linked accounts that share one sign-up burst, network, device, payment or client.
Networks that rotate belong to one account each."""

NOT_YET: Final = 1 << 60
"""Stands for the unknown sign-up of an account that begins during the scenario."""

HOMES: Final = 0x800000
"""Number of home networks. Networks are numbers below 2**24, one address of 10.0.0.0/8 each."""
_MOBILE_NETWORKS, _SHARED_NETWORKS = 0xC00000, HOMES


@dataclass(frozen=True)
class Attributes:
    """Attributes of accounts, one row per account.

    Attributes:
        signed_up: seconds since the midnight of the first day; negative before it.
        home: network at home, a number below 2**24.
        mobile: network elsewhere; the home network for an account that never leaves it.
        device: number of the first device.
        second: number of the second device; the first one if there is only one.
        client: position in :data:`CLIENT_NAMES`.
        payment: number of the means of payment; negative for an account that pays nothing.
        rotating: whether the account comes from another network every hour.
        traces: whether it is a browser that sends referrers and fetches styles and pictures.
    """

    signed_up: Integers
    home: Integers
    mobile: Integers
    device: Integers
    second: Integers
    client: Integers
    payment: Integers
    rotating: npt.NDArray[np.bool_]
    traces: npt.NDArray[np.bool_]

    def at(self, rows: Integers) -> Attributes:
        """Return the rows of some accounts."""
        return Attributes(*(getattr(self, column.name)[rows] for column in fields(self)))

    @classmethod
    def of_crowd(cls, seed: int, accounts: int) -> Self:
        """Return the attributes of accounts 0 .. accounts - 1, as ordinary users have them."""
        account = np.arange(accounts)
        draw = _Draw(key_of(seed, 1), account)
        device = permuted(2 * account, 2 * accounts, key_of(seed, 2))
        other = permuted(2 * account + 1, 2 * accounts, key_of(seed, 2))
        return cls(
            signed_up=-(draw(0) ** 2 * PAST).astype(np.int64) - 1,
            home=np.where(
                draw(1) < CAMPUS_SHARE,
                _SHARED_NETWORKS + _pooled(draw(2), accounts * CAMPUS_SHARE, CAMPUS_SIZE),
                permuted(account, max(accounts, _SHARED_NETWORKS), key_of(seed, 3))
                % _SHARED_NETWORKS,
            ),
            mobile=_MOBILE_NETWORKS + _pooled(draw(3), accounts, MOBILE_SIZE),
            device=device,
            second=np.where(draw(4) < TWO_DEVICES, other, device),
            client=np.where(draw(5) < RARE_SHARE, RARE, np.searchsorted(_POPULAR, draw(6))),
            payment=_paid(permuted(account, accounts, key_of(seed, 4)), draw(7) < FREE),
            rotating=np.zeros(accounts, np.bool_),
            traces=np.ones(accounts, np.bool_),
        )

    def set_crawlers(self, account: Integers) -> None:
        """Give accounts what search engines have: a declared client, no phone, no payment."""
        count = len(CLIENT_NAMES[CRAWLERS])
        self.client[account] = CRAWLERS.start + account % count
        self.mobile[account] = self.home[account]
        self.second[account] = self.device[account]
        self.payment[account] = _paid(self.payment[account], np.ones(len(account), np.bool_))
        self.traces[account] = False

    def set_clients(self, account: Integers, names: Sequence[str]) -> None:
        """Give accounts the clients with these names, in turn."""
        positions = np.array([CLIENT_NAMES.index(name) for name in names])
        self.client[account] = positions[account % len(positions)]

    def set_visitors(self, seed: int, users: int) -> None:
        """Make accounts visitors of a site: an address that they never leave, and a browser.

        Args:
            seed: seed of the attributes.
            users: number of users; their addresses differ.
        """
        account = np.arange(len(self.home))
        self.home[:] = permuted(account, max(users, HOMES), key_of(seed, 3)) % HOMES
        self.mobile[:] = self.home
        self.client[:] = self._browsers(seed, account)
        self.traces[:] = _Draw(key_of(seed, 11), account)(0) >= UNTRACED_SHARE

    @staticmethod
    def _browsers(seed: int, account: Integers) -> Integers:
        draw = _Draw(key_of(seed, 10), account)
        browser: Integers = BROWSER_PLACES.start + np.searchsorted(_BROWSED, draw(0), side="right")
        return browser

    def set_neighbours(self, account: Integers, kind: int) -> None:
        """Give accounts addresses of their own in few networks, as in a dormitory.

        Args:
            account: rows of the accounts.
            kind: number of the kind of user, so that two kinds have different networks.
        """
        place = np.arange(len(account))
        network = (kind << 8) + place // NEIGHBOURS
        self.home[account] = _SHARED_NETWORKS + (1 << 20) + network * 256 + 1 + place % NEIGHBOURS
        self.mobile[account] = self.home[account]

    def set_origin(self, account: Integers, origin: Origin, seed: int) -> None:
        """Give accounts the addresses and clients of an attack that comes from elsewhere."""
        self.home[account] = origin.addresses(len(account), seed)
        self.mobile[account] = self.home[account]
        self.traces[account] = False
        if origin.clients == "forged":
            self.client[account] = origin.forged(len(account), seed)
        elif origin.clients == "robot":
            self.client[account] = CRAWLERS.start
        elif origin.clients == "single":
            self.client[account] = SINGLE
        else:
            self.client[account] = self._browsers(seed, account)

    def set_networks(self, account: Integers, group: Integers, kind: int) -> None:
        """Put the accounts of each group behind one address, which they never leave.

        Args:
            account: rows of the accounts.
            group: number of the group of each account.
            kind: number of the kind of user, so that groups of two kinds have different addresses.
        """
        self.home[account] = _SHARED_NETWORKS + (1 << 21) + ((kind << 16) + group) % (1 << 21)
        self.mobile[account] = self.home[account]

    def set_signed_up(self, account: Integers, day: Integers, seed: int) -> None:
        """Set the sign-up of accounts to the day before their first day."""
        draw = _Draw(key_of(seed, 5), account)
        self.signed_up[account] = day * DAY - (draw(0) * DAY).astype(np.int64) - 1

    def set_linked(
        self, account: Integers, links: Sequence[PlantedLink], day: int, seed: int
    ) -> None:
        """Give accounts the attributes of an attack: recent sign-ups, and what its links say.

        Args:
            account: rows of the attack's accounts.
            links: attributes that they share.
            day: day on which the attack starts.
            seed: seed of the attack.
        """
        draw = _Draw(key_of(seed, 6), account)
        made = _before(draw(0), day)
        if "burst" in links:
            first = _shared("burst", made)
            made = first + (draw(1) * BURST).astype(np.int64) - BURST
        self.signed_up[account] = made
        self.mobile[account] = self.home[account]
        self.second[account] = self.device[account]
        # Free accounts are limited, so extractors pay.
        self.payment[account] = _paid(self.payment[account], np.zeros(len(account), np.bool_))
        for link, columns in _SHARED.items():
            for name in columns if link in links else ():
                column: Integers = getattr(self, name)
                column[account] = _shared(link, column[account])
        for link, client in _CLIENT_OF.items():
            if link in links:
                self.client[account] = client
        self.rotating[account] = "rotation" in links


_SHARED: Final[dict[PlantedLink, tuple[str, ...]]] = {
    "network": ("home", "mobile"), "device": ("device", "second"), "payment": ("payment",),
}  # fmt: skip
_CLIENT_OF: Final[dict[PlantedLink, int]] = {"client": RARE, "script": SCRIPT_CLIENT}


def elsewhere(seed: int, account: Integers, hour: Integers) -> tuple[Floats, Floats]:
    """Draw for each hour of an account whether it is spent elsewhere, and on which device.

    Returns:
        Two columns of numbers in [0, 1): below :data:`MOBILE_TIME` the account is in a mobile
        network; below a half it uses its first device.
    """
    one, two = np.array([key_of(seed, 7)]), np.array([key_of(seed, 8)])
    slot = (account * 8_009 + hour) % 2**32
    return hashed_uniform(one, slot), hashed_uniform(two, slot)


def rotated(seed: int, account: Integers, hour: Integers, networks: int) -> Integers:
    """Draw the network below ``networks`` for each hour of an account."""
    slot = (account * 8_009 + hour) % 2**32
    chance = hashed_uniform(np.array([key_of(seed, 9)]), slot)
    return (chance * networks).astype(np.int64)


class _Draw:
    """Numbers in [0, 1) for accounts, one per purpose."""

    def __init__(self, key: int, account: Integers) -> None:
        self._key = key
        self._account = account

    def __call__(self, purpose: int) -> Floats:
        return hashed_uniform(np.array([key_of(self._key, purpose)]), self._account)


def _pooled(draw: Floats, members: float, size: int) -> Integers:
    """Deal accounts to pools of a given size; at most 2**20 pools."""
    pool: Integers = (draw * np.clip(members // size, 1, 2**20)).astype(np.int64)
    return pool


def _before(draw: Floats, day: int) -> Integers:
    """Return moments within two months before a day."""
    return day * DAY - (draw * 60 * DAY).astype(np.int64) - 1


def _shared(link: PlantedLink, value: Integers) -> Integers:
    """Give every account of a run the value of the run's first account."""
    position = np.arange(len(value))
    shared: Integers = value[position // TOGETHER[link] * TOGETHER[link]]
    return shared


def _paid(number: Integers, free: npt.NDArray[np.bool_]) -> Integers:
    """Return means of payment; those of accounts that pay nothing are negative."""
    means = np.where(number < 0, -1 - number, number)
    return np.where(free, -1 - means, means)
