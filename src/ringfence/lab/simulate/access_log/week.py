"""A week of a music service as an access log, with extractors among the listeners."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

import numpy as np

from ringfence.errors import OutputError
from ringfence.lab.simulate.access_log.extraction import (
    RING_50_TRACKS,
    Crew,
    greedy_uses,
    make_crew,
    ring_50_uses,
    ring_200_uses,
)
from ringfence.lab.simulate.access_log.lines import CLIENTS, Letterhead, letterhead, render
from ringfence.lab.simulate.access_log.listening import listener_uses
from ringfence.lab.simulate.access_log.noise import plays_within, with_noise
from ringfence.lab.simulate.access_log.population import Population, make_population
from ringfence.lab.simulate.access_log.shops import shop_uses
from ringfence.lab.simulate.access_log.tracks import Tracks
from ringfence.lab.simulate.access_log.uses import Uses, joined
from ringfence.stats.arrays import Integers

Part = Literal["user", "shop", "shared_address", "greedy", "ring50", "ring200"]
"""What an account is. Shops and people behind a shared address are users too."""

Progress = Callable[[int, int], None]
"""Is told how many lines are written, and of how many."""

SMALLEST = 12_000
LINES_A_LISTENER = 88.25
SHOP_SHARE = 40 / 20_000
SHARED_SHARE = 1_400 / 20_000
_CHUNK = 100_000


@dataclass(frozen=True)
class Truth:
    """What the accounts of a simulated log are.

    Attributes:
        parts: the part of every account that occurs in the log.
    """

    parts: Mapping[str, Part]

    def accounts(self, *parts: Part) -> frozenset[str]:
        """Return the accounts that play one of these parts."""
        return frozenset(account for account, part in self.parts.items() if part in parts)

    @property
    def extractors(self) -> frozenset[str]:
        """The accounts that extract."""
        return self.accounts("greedy", "ring50", "ring200")

    @property
    def users(self) -> frozenset[str]:
        """The honest accounts."""
        return self.accounts("user", "shop", "shared_address")


def write_access_log(
    path: Path, *, lines: int = 2_000_000, seed: int = 7, progress: Progress | None = None
) -> Truth:
    """Write a week's log in the combined format, sorted by time.

    At two million lines there are 20,000 listeners, 40 of them shops, 1,400 of them behind shared
    addresses; one greedy account that takes 50,000 tracks in bursts; a ring of 50 that takes 2,500
    tracks each, round the clock; and a ring of 200 that takes 300 each in waking hours. Other sizes
    have more or fewer accounts of each kind that do the same. The same size and seed give the same
    bytes with the same NumPy.

    Args:
        path: the file to write; an existing one is replaced.
        lines: exact number of lines, 12,000 at least.
        seed: of all that is random.
        progress: is told now and then how far the writing is.

    Returns:
        What each account in the log is.

    Raises:
        ValueError: too few lines to hold the extractors.
        OutputError: the file cannot be written.
    """
    if lines < SMALLEST:
        raise ValueError(f"a log needs at least {SMALLEST} lines, not {lines}")
    rng = np.random.default_rng(seed)
    crew = make_crew(lines)
    listeners = round((lines - crew.lines) / LINES_A_LISTENER)
    parts = _parts(rng, listeners, crew)
    people = make_population(rng, listeners)
    logins = [f"user-{n:06d}" for n in rng.permutation(len(parts)).tolist()]
    letters = letterhead(logins, _addresses(rng, people, parts), _clients(rng, len(parts)))
    with _opened(path) as out:
        uses = _all_uses(rng, people, parts, crew, lines)
        _write(out, uses, letters, progress)
    seen = np.unique(uses.account).tolist()
    return Truth({logins[n]: parts[n] for n in seen})


def _parts(rng: np.random.Generator, listeners: int, crew: Crew) -> list[Part]:
    """Give every account number its part: listeners first, extractors after them."""
    parts: list[Part] = ["user"] * listeners
    shops = max(1, round(SHOP_SHARE * listeners))
    shared = max(19, round(SHARED_SHARE * listeners))
    special = rng.permutation(listeners)[: shops + shared].tolist()
    for n in special[:shops]:
        parts[n] = "shop"
    for n in special[shops:]:
        parts[n] = "shared_address"
    crews: list[Part] = ["greedy"] * crew.greedy
    return parts + crews + ["ring50"] * crew.ring50 + ["ring200"] * crew.ring200


def _all_uses(
    rng: np.random.Generator, people: Population, parts: list[Part], crew: Crew, lines: int
) -> Uses:
    tracks = Tracks.make(rng)
    shops = np.array([n for n, part in enumerate(parts) if part == "shop"])
    shop = shop_uses(rng, tracks, shops)
    honest = lines - crew.lines
    plays = plays_within(honest)
    listened = listener_uses(rng, people, tracks, plays - len(shop), shops)
    users = with_noise(rng, joined([shop, listened]), honest)
    return joined([users, *_extractor_uses(rng, tracks, crew, len(people))])


def _extractor_uses(
    rng: np.random.Generator, tracks: Tracks, crew: Crew, first: int
) -> Iterator[Uses]:
    fame = tracks.by_fame()
    for n in range(crew.greedy):
        yield greedy_uses(rng, fame, first + n, crew.greedy_tracks)
    first += crew.greedy
    yield ring_50_uses(rng, fame, first, crew.ring50)
    rest = fame[crew.ring50 * RING_50_TRACKS :]
    yield ring_200_uses(rng, rest, first + crew.ring50, crew.ring200)


def _addresses(rng: np.random.Generator, people: Population, parts: list[Part]) -> Integers:
    """Draw two addresses an account, the same twice for most; groups of 19 to 60 share one."""
    own = rng.permutation(2**24)[: 2 * len(parts)].reshape(-1, 2)
    single = np.ones(len(parts), bool)
    single[: len(people)] = people.addresses == 1
    own[single, 1] = own[single, 0]
    shared = np.array([n for n, part in enumerate(parts) if part == "shared_address"])
    begin = 0
    while begin < len(shared):
        size = int(rng.integers(19, 61))
        # What remains is too few for a group of its own: it joins this one.
        end = len(shared) if len(shared) - begin - size < 19 else begin + size
        own[shared[begin:end]] = own[shared[begin], 0]
        begin = end
    return own


def _clients(rng: np.random.Generator, accounts: int) -> Integers:
    return rng.integers(0, len(CLIENTS), accounts)


def _write(out: TextIO, uses: Uses, letters: Letterhead, progress: Progress | None) -> None:
    # The position breaks ties, so that the order is the same on every machine.
    order = np.sort((uses.second.astype(np.int64) << 32) | np.arange(len(uses)))
    for begin in range(0, len(order), _CHUNK):
        out.write(render(uses.take(order[begin : begin + _CHUNK] & 0xFFFFFFFF), letters))
        if progress:
            progress(min(begin + _CHUNK, len(order)), len(order))


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with path.open("w", encoding="ascii", newline="\n") as out:
            yield out
    except OSError as error:
        raise OutputError(
            f"cannot be written: {error.strerror}", where=str(path), hint="name a writable file"
        ) from error
