"""Search for rings among honest people; a minority takes most of one small part each.

    python -m benchmarks.honest_minorities [--hold-out] [--kind TEXT] [--accounts 1000,5000]
        [--seeds N] [--write docs/benchmarks.md]

Most accounts take a little of everything. A minority discovers one day of an archive, buys one
issue, reads one language, collects one label. Two of them share a whole part or nothing, so that
many sets of them share nothing. Nobody divides a catalogue here: every ring is false. The same
populations get a ring of 40 accounts that deal out the most held items. That ring should be found.

Half of the kinds are a hold-out (``--hold-out``): no part of the method was chosen on them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from benchmarks.page import publish, table
from numpy.random import Generator

from ringfence.model.ring import Ring
from ringfence.rings import Holdings, find_collision_rings, holdings_from_pairs
from ringfence.stats.arrays import Integers, Keys

Groups = Literal["none", "part", "section"]
"""What the group column holds: nothing; the part (day, issue, language); or a section that runs
across all parts (sports pages, a column of a magazine)."""

GROUPS: Final[tuple[Groups, ...]] = ("none", "part", "section")

SECTIONS: Final = 10
"""Sections that each part has, where groups are sections."""

SIZES: Final = (1_000, 5_000)

RING_FROM: Final = 1_000_000
"""Keys of planted accounts start here."""

PLANTED: Final = 40
"""Accounts of a planted ring."""


@dataclass(frozen=True)
class Minority:
    """A population with a minority that takes most of one small part each.

    Attributes:
        name: as in tables.
        pieces: parts of the catalogue.
        size: items of each part.
        share: the minority's share of all accounts.
        taken: the share of a part that one of them takes.
        each: parts that one of them takes.
        adjacent: whether these parts follow each other, such as days.
        in_runs: whether a share of a part is a run of pages, or else its popular items.
        part_skew: exponent of the parts' popularity with the minority.
        among: the minority chooses among the first of the parts only; all of them if 0.
        others: items that each of the minority takes from anywhere.
        median: items that one of the majority takes, half of them more.
        item_skew: exponent of the items' popularity within a part with everybody.
        liked: parts that one of the majority takes items of; any if 0.
        recent: exponent of the parts' popularity with the majority.
    """

    name: str
    pieces: int
    size: int
    share: float = 0.15
    taken: float = 1.0
    each: int = 1
    adjacent: bool = True
    in_runs: bool = False
    part_skew: float = 0.0
    among: int = 0
    others: int = 0
    median: int = 60
    item_skew: float = 0.3
    liked: int = 0
    recent: float = 0.0


DEVELOPMENT: Final = (
    Minority(
        "archive: two days of half a year of 20", 1500, 50, 0.06, each=2, among=180, median=100
    ),
    Minority("archive: two days of half a year", 180, 50, 0.06, each=2, median=100),
    Minority("magazine: one issue of 240", 240, 40, 0.1, median=50),
    Minority("magazine: most of one of 120", 120, 60, 0.1, 0.8, others=5, item_skew=0.7),
    Minority("languages: one of 20", 20, 300, 0.1, 0.3, median=90),
    Minority(
        "languages: one of 40, some large", 40, 200, 0.1, 0.4, part_skew=0.8, liked=6, median=80
    ),
    Minority("label: one of 150", 150, 80, 0.08, 0.9, others=10, liked=8, median=80),
    Minority("yearbooks: one of 80 series", 80, 60, 0.1, 0.9),
    Minority("parish: a run of pages of one of 300", 300, 120, 0.1, 0.6, in_runs=True, median=80),
    Minority("newspaper: one region of 30", 30, 150, 0.1, 0.6, recent=0.7, others=10, median=100),
    Minority("works: one of 60 of 200 pages", 60, 200, 0.06, median=180),
    Minority("course: one module of 40", 40, 60, 0.1, 0.8, liked=5),
    Minority("manuscripts: one of 60 of 300 pages", 60, 300, 0.012, median=120),
)
"""The kinds on which the method was chosen."""

HOLD_OUT: Final = (
    Minority("archive: three days of a year", 365, 40, 0.08, each=3, median=120),
    Minority("archive: a week of ten years", 520, 100, 0.06, 0.8, recent=0.5, median=100),
    Minority("magazine: two issues of 360", 360, 30, 0.1, each=2, adjacent=False, median=70),
    Minority(
        "magazine: one issue, new ones more", 150, 50, 0.1, part_skew=0.6, recent=0.6, median=50
    ),
    Minority("languages: one of 12", 12, 500, 0.12, 0.2, item_skew=0.6, liked=4, median=100),
    Minority(
        "languages: one of 25, beside English", 25, 250, 0.1, 0.3, others=15, recent=1.0, median=90
    ),
    Minority("label: two of 100", 100, 60, 0.06, 0.9, each=2, adjacent=False, liked=10, median=110),
    Minority("yearbooks: decades of a school", 50, 100, 0.08, 0.7, in_runs=True, median=70),
    Minority("newspaper: one town of 60", 60, 80, 0.12, 0.8, recent=0.4),
    Minority("course: two modules of 60", 60, 40, 0.1, each=2, adjacent=False, median=80),
    Minority(
        "parish: one register of 150", 150, 100, 0.07, 0.9, in_runs=True, others=8, median=100
    ),
    Minority("series: one of 200, 40 episodes", 200, 40, 0.12, liked=12, median=40),
    Minority("theses: one of 90 of 250 pages", 90, 250, 0.012, median=150),
)
"""Kinds that were not looked at until the method was chosen."""


def population(kind: Minority, accounts: int, seed: int) -> tuple[Integers, Integers]:
    """Return account and item of each holding; the minority has the last accounts."""
    rng = np.random.default_rng(seed)
    few = round(kind.share * accounts)
    names: list[Integers] = []
    items: list[Integers] = []
    for account in range(accounts):
        draw = _of_minority if account >= accounts - few else _of_majority
        taken = np.unique(draw(kind, rng))
        names.append(np.full(taken.size, account))
        items.append(taken)
    return np.concatenate(names), np.concatenate(items)


def plant(
    account: Integers, item: Integers, share: int, seed: int, members: int = PLANTED
) -> tuple[Integers, Integers]:
    """Deal the most held items, like cards, to the accounts of a ring; equals in random order."""
    held = np.bincount(item) + np.random.default_rng(seed).random(int(item.max()) + 1)
    dealt = np.argsort(-held)[: members * share]
    ring = RING_FROM + np.arange(dealt.size) % members
    return np.concatenate([account, ring]), np.concatenate([item, dealt])


def holdings(kind: Minority, account: Integers, item: Integers, groups: Groups) -> Holdings:
    """Return the holdings with a group column of this kind."""
    group = {
        "none": np.zeros_like(item),
        "part": 1 + item // kind.size,
        "section": 1 + item % kind.size * SECTIONS // kind.size,
    }[groups]
    return holdings_from_pairs(*(each.astype(np.uint64) for each in (account, item, group)))


def order_of(held: Holdings, seed: int) -> Keys:
    """Return accounts as by their own evidence: in odd seeds heavy holders first, else at random.

    Half of a planted ring comes early in either.
    """
    rng = np.random.default_rng(seed)
    place = rng.random(held.accounts.size)
    if seed % 2:
        place = 0.5 * place - 0.2 * np.log(np.maximum(held.item_counts, 1))
    early = (held.accounts >= RING_FROM) & (rng.random(place.size) < 0.5)
    place[early] = np.sort(place)[min(200, place.size - 1)] - 0.01 * rng.random(int(early.sum()))
    return held.accounts[np.argsort(place)]


def _of_majority(kind: Minority, rng: Generator) -> Integers:
    number = int(np.clip(kind.median * np.exp(rng.normal(0, 0.7)), 12, 2_000))
    if kind.liked:
        own = rng.choice(kind.pieces, kind.liked, replace=False, p=_zipf(kind.pieces, kind.recent))
        part = rng.choice(own, number)
    else:
        part = rng.choice(kind.pieces, number, p=_zipf(kind.pieces, kind.recent))
    place = rng.choice(kind.size, number, p=_zipf(kind.size, kind.item_skew))
    return np.asarray(part * kind.size + place)


def _of_minority(kind: Minority, rng: Generator) -> Integers:
    among = kind.among or kind.pieces
    chance = _zipf(among, kind.part_skew)
    if kind.adjacent:
        chosen = (rng.choice(among, p=chance) + np.arange(kind.each)) % among
    else:
        chosen = rng.choice(among, kind.each, replace=False, p=chance)
    number = round(kind.taken * kind.size)
    taken = [part * kind.size + _within(kind, number, rng) for part in chosen]
    return np.concatenate([*taken, rng.integers(0, kind.pieces * kind.size, kind.others)])


def _within(kind: Minority, number: int, rng: Generator) -> Integers:
    if kind.in_runs:
        return np.arange(number) + int(rng.integers(0, kind.size - number + 1))
    chance = _zipf(kind.size, kind.item_skew)
    return np.asarray(rng.choice(kind.size, number, replace=False, p=chance))


def _zipf(size: int, exponent: float) -> np.ndarray:
    weights = np.arange(1.0, size + 1) ** -exponent
    return np.asarray(weights / weights.sum())


@dataclass
class Tally:
    """Counts of what the searches of one kind found."""

    searches: int = 0
    with_rings: int = 0
    honest: int = 0
    least: float = 0.0
    planted: int = 0
    found: int = 0
    inside: int = 0
    beside: int = 0

    def add(self, rings: tuple[Ring, ...], *, planted: bool) -> None:
        """Count the rings of one search."""
        if not planted:
            self.searches += 1
            self.with_rings += bool(rings)
            self.honest += sum(ring.keys.size for ring in rings)
            self.least = min([self.least, *(ring.log_p / np.log(10) for ring in rings)])
            return
        keys = np.concatenate([np.zeros(0, np.uint64), *(ring.keys for ring in rings)])
        own = int((keys >= RING_FROM).sum())
        self.planted += 1
        self.found += own >= PLANTED // 2
        self.inside += own
        self.beside += keys.size - own

    def row(self) -> list[str]:
        """Return the cells of a table."""
        return [
            f"{self.with_rings} / {self.searches}",
            f"{self.honest:,}",
            f"{self.least:.0f}" if self.with_rings else "–",
            f"{self.found} / {self.planted}",
            f"{self.inside / max(self.planted, 1):.1f}",
            f"{self.beside / max(self.planted, 1):.1f}",
        ]


def measure(kind: Minority, accounts: int, groups: Groups, seeds: int) -> Tally:
    """Search populations of one kind, without a ring and with one."""
    tally = Tally()
    for seed in range(seeds):
        account, item = population(kind, accounts, seed)
        alone = holdings(kind, account, item, groups)
        tally.add(find_collision_rings(alone, order_of(alone, seed)), planted=False)
        both = holdings(kind, *plant(account, item, 100, seed), groups)
        tally.add(find_collision_rings(both, order_of(both, seed)), planted=True)
    return tally


HEADER: Final = [
    *("minority", "accounts", "group column", "searches with false rings", "accounts in them"),
    *("least log10 p", "planted found", "members of 40", "others with them"),
]


def rows(
    kinds: tuple[Minority, ...], sizes: tuple[int, ...], seeds: int, columns: tuple[str, ...]
) -> Iterator[list[str]]:
    """Yield the row of every kind, size and group column, and print it."""
    for kind in kinds:
        for accounts in sizes:
            for groups in (one for one in GROUPS if one in columns):
                begin = time.perf_counter()
                row = [kind.name, f"{accounts:,}", groups]
                row += measure(kind, accounts, groups, seeds).row()
                print("|", " | ".join(row), f"| {time.perf_counter() - begin:.0f} s", flush=True)
                yield row


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="page to put the table into")
    parser.add_argument("--hold-out", action="store_true", help="the kinds of the hold-out")
    parser.add_argument("--kind", default="", help="only kinds whose names contain this")
    parser.add_argument("--accounts", default=",".join(map(str, SIZES)), help="sizes")
    parser.add_argument("--seeds", type=int, default=3, help="populations of each kind")
    parser.add_argument("--groups", default=",".join(GROUPS), help="group columns")
    options = parser.parse_args()
    kinds = tuple(
        one for one in (HOLD_OUT if options.hold_out else DEVELOPMENT) if options.kind in one.name
    )
    sizes = tuple(map(int, options.accounts.split(",")))
    columns = tuple(options.groups.split(","))
    name = "honest minorities" + (", hold-out" if options.hold_out else "")
    publish(name, table(HEADER, list(rows(kinds, sizes, options.seeds, columns))), options.write)


if __name__ == "__main__":
    main()
