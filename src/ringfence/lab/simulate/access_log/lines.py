"""From uses to text: the combined log format of nginx and Apache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from ringfence.lab.simulate.access_log.uses import Uses
from ringfence.stats.arrays import Integers

START = datetime(2025, 6, 2, tzinfo=UTC)
"""A Monday."""

REPLIES = (
    ("/rest/stream?id=tr-", 200),
    ("/rest/stream?id=tr-", 206),
    ("/rest/stream?id=tr-", 404),
    ("/rest/stream?id=tr-", 302),
    ("/rest/stream?id=tr-", 304),
    ("/rest/stream?id=tr-", 500),
    ("/app.css", 200),
    ("/favicon.ico", 200),
    ("/rest/ping", 200),
)
"""What a line asks for and how the server answers."""
PARTIAL = 1
FAILURES = np.array([2, 3, 4, 5], np.int8)
ASSETS = np.array([6, 7, 8], np.int8)

CLIENTS = (
    ("android", "-", "Mozilla/5.0 (Linux; Android 14; Pixel 8) Ultrasonic/4.8.0"),
    ("ios", "-", "play:Sub/5.1 CFNetwork/1494.0.7 Darwin/23.4.0"),
    ("desktop", "-", "Feishin/0.7.1 (Windows NT 10.0; Win64; x64) Electron/31.1"),
    ("web", "https://music.example.org/app/",
     "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
    ("web", "https://music.example.org/app/",
     "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15"),
    ("speaker", "-", "Sonos/80.1-55014 (ZPS38)"),
    ("car", "-", "DSub/5.5.4 (Android Automotive 13)"),
)  # fmt: skip

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Letterhead:
    """The parts of a line that depend on the account alone.

    Attributes:
        head: (2 × accounts,) from the address to the bracket of the time; account × 2 + address.
        query: (accounts,) what follows the track number, up to the protocol.
        tail: (accounts,) referrer and agent.
    """

    head: Texts
    query: Texts
    tail: Texts


def letterhead(logins: Sequence[str], addresses: Integers, client: Integers) -> Letterhead:
    """Prepare the parts that depend on the account.

    Args:
        logins: (accounts,) names.
        addresses: (accounts, 2) addresses, as numbers.
        client: (accounts,) indices into :data:`CLIENTS`.
    """
    pairs = zip(logins, addresses.tolist(), strict=True)
    head = [f"{dotted(number)} - {login} [" for login, both in pairs for number in both]
    with_client = [(login, *CLIENTS[n]) for login, n in zip(logins, client.tolist(), strict=True)]
    return Letterhead(
        head=_texts(head),
        query=_texts([f"&u={login}&c={player}" for login, player, _, _ in with_client]),
        tail=_texts([f' "{referrer}" "{agent}"\n' for _, _, referrer, agent in with_client]),
    )


def dotted(number: int) -> str:
    """Write an address of network 10, which is nobody's: its last three bytes from a number."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def render(uses: Uses, letters: Letterhead) -> str:
    """Write uses as log lines, in their order."""
    minute, second = np.divmod(uses.second, 60)
    streams = uses.track > 0
    size = 1_500_000 + uses.track.astype(np.int64) * 7919 % 9_000_000
    size = np.where(streams, np.where(uses.reply <= PARTIAL, size, 0), 512)
    pieces = np.empty((len(uses), 9), object)
    pieces[:, 0] = letters.head[uses.account * 2 + uses.address]
    pieces[:, 1] = _MINUTES[minute]
    pieces[:, 2] = _SECONDS[second]
    pieces[:, 3] = _PATHS[uses.reply]
    pieces[:, 4] = list(map(str, uses.track.tolist()))
    pieces[:, 5] = letters.query[uses.account]
    pieces[~streams, 4:6] = ""
    pieces[:, 6] = _STATUSES[uses.reply]
    pieces[:, 7] = list(map(str, size.tolist()))
    pieces[:, 8] = letters.tail[uses.account]
    return "".join(pieces.ravel().tolist())


def _texts(values: Sequence[str]) -> Texts:
    texts = np.empty(len(values), object)
    texts[:] = values
    return texts


_MINUTES = _texts(
    [(START + timedelta(minutes=n)).strftime("%d/%b/%Y:%H:%M") for n in range(10_080)]
)
_SECONDS = _texts([f':{n:02d} +0000] "GET ' for n in range(60)])
_PATHS = _texts([path for path, _ in REPLIES])
_STATUSES = _texts([f' HTTP/1.1" {status} ' for _, status in REPLIES])
