"""Requests to platforms, with the truth: which record each URL belongs to."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Iterator
from typing import NamedTuple

from tests.events.items.platform_urls import Platform

WORDS = (
    *("river", "stone", "winter", "garden", "letter", "harbour", "signal", "copper", "forest"),
    *("mirror", "island", "candle", "market", "summer", "bridge", "valley", "orchard", "silver"),
    *("thunder", "meadow", "lantern", "anchor", "velvet", "compass", "harvest"),
)


class Request(NamedTuple):
    """One page request and its truth.

    Attributes:
        url: with no host.
        account: who asks.
        record: the true record; empty if it belongs to none; ``search: …`` for a search.
    """

    url: str
    account: str
    record: str


def requests(
    platform: Platform, *, records: int = 300, accounts: int = 50, seed: int = 1
) -> list[Request]:
    """Return the requests of a day: people open popular records, and one account takes most."""
    draw = random.Random(f"{platform.name} {seed}")  # noqa: S311 - no secret
    visits = [
        visit
        for number in range(accounts)
        for visit in _person(platform, f"user-{number}", records, draw)
    ]
    visits.append([])
    for record in draw.sample(range(records), records * 3 // 4):
        visits[-1] += [_record(platform.records[0], record, "greedy", draw)]
    draw.shuffle(visits)
    return [request for visit in visits for request in visit]


def _person(
    platform: Platform, account: str, records: int, draw: random.Random
) -> Iterator[list[Request]]:
    for _ in range(draw.randint(1, 4)):
        visit = [_other(draw.choice(platform.lists), account, draw) for _ in range(2)]
        if platform.searches:
            visit.append(_search(draw.choice(platform.searches), account, draw))
        for _ in range(draw.randint(1, 8)):
            record = int(records * draw.random() ** 3)
            for url in platform.records[:1] + tuple(
                draw.sample(platform.records[1:], min(2, len(platform.records) - 1))
            ):
                visit.append(_record(url, record, account, draw))  # noqa: PERF401 - plain
        yield visit


def _record(template: str, record: int, account: str, draw: random.Random) -> Request:
    return Request(_filled(template, record, account, draw), account, f"record {record}")


def _other(template: str, account: str, draw: random.Random) -> Request:
    return Request(_filled(template, draw.randrange(400), account, draw), account, "")


def _search(template: str, account: str, draw: random.Random) -> Request:
    words = draw.sample(WORDS, 2)
    url = _filled(template.replace("{query}", "+".join(words)), 1, account, draw)
    return Request(url, account, f"search: {' '.join(words)}")


def _filled(template: str, record: int, account: str, draw: random.Random) -> str:
    known = hashlib.md5(f"r{record}".encode()).hexdigest()  # noqa: S324 - no secret
    group = record % 8
    return template.format(
        n=1000 + record * 3,
        n7=7000 + record,
        uuid=uuid.UUID(known),
        hex=known,
        slug="-".join(
            [
                *(WORDS[int(known[i], 16)] for i in range(3)),
                WORDS[record % 25],
                WORDS[record // 25 % 25],
                WORDS[record // 625 % 25],
            ]
        ),
        code=f"ms_{record:05d}_{known[0]}",
        g=group + 1,
        gs=f"{WORDS[group]}s",
        guuid=uuid.UUID(hashlib.md5(f"g{group}".encode()).hexdigest()),  # noqa: S324
        k4=record // 8 % 4 + 1,
        page=record // 32 * 7 + 1,
        year=2015 + record % 5,
        session=hashlib.md5(account.encode()).hexdigest()[:20],  # noqa: S324
        token=f"{draw.getrandbits(128):032x}",
        k=draw.randint(1, 9),
        ocn=f"ocn{880000 + record * 17}",
        ms=1773043200000 + draw.randrange(10**8),
    )
