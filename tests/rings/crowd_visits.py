"""Visits of a site: honest visitors of many kinds, and crowds that act as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from ringfence.engine import Engine, open_engine
from ringfence.evidence.steps import run_steps
from ringfence.population import find_network_origins
from ringfence.settings import EngineSettings
from ringfence.stats.seconds import DAY, HOUR

ITEMS = 150_000
GROUP = 20
DAYS = 10
WORKS = 1_500
"""Works of an archive of long works."""

WORK_PAGES = 200
"""Pages of each of them."""


@dataclass(frozen=True)
class Visits:
    """Visits: one row per access, and one value per visitor.

    Attributes:
        account: number of the visitor of each access.
        item: number of the item.
        second: time of the access.
        client: (visitors,) the client's name.
        network: (visitors,) the network.
        traced: (visitors,) whether its browser fetches styles and images, and names referrers.
    """

    account: np.ndarray
    item: np.ndarray
    second: np.ndarray
    client: np.ndarray
    network: np.ndarray
    traced: np.ndarray

    @property
    def visitors(self) -> int:
        """The number of visitors."""
        return self.client.size


def together(*crowds: Visits) -> Visits:
    """Put populations into one; visitors are numbered in their order."""
    first = np.cumsum([0, *(one.visitors for one in crowds)])
    account = [one.account + first[n] for n, one in enumerate(crowds)]
    rest = (
        np.concatenate([getattr(one, name) for one in crowds])
        for name in ("item", "second", "client", "network", "traced")
    )
    return Visits(np.concatenate(account), *rest)


def surfers(
    rng: Generator, visitors: int = 2_500, steep: float = 3.0, pages: float = 4.0
) -> Visits:
    """Draw visitors who take some pages, most of them of one group, on one or several days.

    Args:
        rng: random numbers.
        visitors: their number.
        steep: 1 for visitors to whom all items are alike; larger numbers prefer popular ones.
        pages: mean number of pages.
    """
    counts = rng.geometric(1 / pages, visitors)
    account = np.repeat(np.arange(visitors), counts)
    group = (ITEMS / GROUP * rng.random(visitors) ** steep).astype(int)
    near = group[account] * GROUP + rng.integers(0, GROUP, account.size)
    far = (ITEMS * rng.random(account.size) ** steep).astype(int)
    item = np.where(rng.random(account.size) < 0.6, near, far)
    begin = rng.uniform(0, DAYS * DAY, visitors)
    second = begin[account] + rng.uniform(0, HOUR, account.size)
    client = rng.choice(5, visitors, p=[0.5, 0.25, 0.15, 0.07, 0.03])
    return Visits(
        account,
        item,
        second.astype(int),
        np.array([f"browser {n}" for n in client], dtype=object),
        np.array([f"10.{n // 250}.{n % 250}" for n in rng.permutation(visitors)], dtype=object),
        np.ones(visitors, np.bool_),
    )


def partly_traced(rng: Generator, visits: Visits, untraced: float) -> Visits:
    """Return visits of which a share of the visitors leaves no traces of a browser."""
    return replace(visits, traced=rng.random(visits.visitors) >= untraced)


def uneven_crowd(rng: Generator, visitors: int, *, traced: bool) -> Visits:
    """Draw a crowd whose visitors take 2 to 14 pages each, and look like surfers otherwise."""
    counts = rng.integers(2, 15, visitors)
    account = np.repeat(np.arange(visitors), counts)
    begin = rng.uniform(2 * DAY, 8 * DAY, visitors)
    second = begin[account] + rng.uniform(0, HOUR, account.size)
    drawn = surfers(rng, visitors)
    return replace(
        drawn, account=account, item=rng.permutation(ITEMS)[: account.size],
        second=second.astype(int), traced=np.full(visitors, traced),
    )  # fmt: skip


def campus(rng: Generator) -> Visits:
    """Draw 300 visitors of one network and browser, half of whose pages are of a reading list."""
    drawn = surfers(rng, 300)
    listed = rng.random(drawn.item.size) < 0.5
    item = np.where(listed, 21_000 + rng.integers(0, 60, drawn.item.size), drawn.item)
    return replace(drawn, item=item, network=_all("172.16.1", drawn), client=_all("kiosk", drawn))


def dormitory(rng: Generator) -> Visits:
    """Draw 300 visitors of one network with the tastes of everybody."""
    drawn = surfers(rng, 300)
    return replace(drawn, network=_all("172.16.2", drawn))


def popular_browser(rng: Generator) -> Visits:
    """Draw 1,500 visitors that share a browser that nobody else has, on the day of a release."""
    drawn = surfers(rng, 1_500)
    return replace(drawn, client=_all("browser of the year", drawn))


def news(rng: Generator) -> Visits:
    """Draw 500 visitors who follow one link within hours; some of them look around."""
    drawn = surfers(rng, 500, pages=1.6)
    _, first = np.unique(drawn.account, return_index=True)
    item = drawn.item.copy()
    item[first] = 91_234
    begin = 3 * DAY + rng.exponential(3 * HOUR, 500)
    second = begin[drawn.account] + rng.uniform(0, 600, item.size)
    return replace(drawn, item=item, second=second.astype(int))


def carrier(rng: Generator) -> Visits:
    """Draw 400 visitors of a mobile carrier: few addresses, phones with one browser."""
    drawn = surfers(rng, 400)
    network = np.array([f"172.20.{n % 4}" for n in range(400)], dtype=object)
    return replace(drawn, network=network, client=_all("phone", drawn))


def feed(rng: Generator) -> Visits:
    """Draw 600 readers who take what has just been published, page by page, in its order."""
    begin = np.sort(rng.uniform(0, DAYS * DAY, 600))
    counts = rng.integers(2, 9, 600)
    account = np.repeat(np.arange(600), counts)
    newest = 120_000 + (begin / HOUR * 4).astype(int)
    item = newest[account] - (
        np.arange(account.size) - np.repeat(np.cumsum(counts) - counts, counts)
    )
    second = begin[account] + rng.uniform(0, HOUR, account.size)
    none = surfers(rng, 600)
    return Visits(
        account, item, second.astype(int), _all("reader", none), none.network, none.traced
    )


def own_pages(rng: Generator) -> Visits:
    """Draw 600 people who only look at pages of their own, such as a family's records."""
    drawn = surfers(rng, 600, pages=6.0)
    item = ITEMS + drawn.account * GROUP + rng.integers(0, GROUP, drawn.item.size)
    return replace(drawn, item=item, client=_all("own", drawn))


def market(rng: Generator) -> Visits:
    """Draw 600 visitors of another language: a network, a browser and a catalogue of their own."""
    drawn = surfers(rng, 600)
    return replace(
        drawn, item=2 * ITEMS + drawn.item, client=_all("abroad", drawn),
        network=np.array([f"192.168.{n % 200}" for n in range(600)], dtype=object),
    )  # fmt: skip


def archive(rng: Generator) -> Visits:
    """Draw 400 researchers to whom all items are alike, with a browser of their own."""
    drawn = surfers(rng, 400, steep=1.0, pages=8.0)
    return replace(drawn, client=_all("reference manager", drawn))


def reading(rng: Generator, sessions: int, *, in_order: bool) -> tuple[np.ndarray, ...]:
    """Return the session, the item and the second of each page that readers of long works open."""
    pages = np.clip(rng.lognormal(4.5, 0.6, sessions), 5, 195).astype(int)
    session = np.repeat(np.arange(sessions), pages)
    turn = np.arange(session.size) - np.repeat(np.cumsum(pages) - pages, pages)
    popular = np.random.default_rng(0).permutation(WORKS)
    work = popular[(WORKS * rng.random(sessions) ** 2.5).astype(int)]
    if in_order:
        page = turn + rng.integers(0, WORK_PAGES - pages)[session]
    else:
        page = np.concatenate([rng.permutation(WORK_PAGES)[:read] for read in pages])
    second = rng.uniform(0, DAYS * DAY, sessions)[session] + 44 * turn
    return session, work[session] * WORK_PAGES + page, second.astype(int)


def readers(rng: Generator, *, in_order: bool = True) -> Visits:
    """Draw 1,200 readers of long works, each in one session, from an address of its own."""
    session, item, second = reading(rng, 1_200, in_order=in_order)
    drawn = surfers(rng, 1_200)
    return replace(drawn, account=session, item=item, second=second)


def rotating_exit(
    rng: Generator, *, in_order: bool = True, sessions: int = 42, addresses: int = 16_000
) -> Visits:
    """Draw readers of long works behind an exit that chooses an address for each request.

    Args:
        rng: random numbers.
        in_order: whether they turn the pages in order, or open pages of a work in any order.
        sessions: sessions of these readers.
        addresses: addresses of the exit.
    """
    _, item, second = reading(rng, sessions, in_order=in_order)
    used, account = np.unique(rng.integers(0, addresses, item.size), return_inverse=True)
    drawn = surfers(rng, used.size)
    network = np.array([f"141.20.{n // 250}" for n in used], dtype=object)
    return replace(drawn, account=account, item=item, second=second, network=network)


HONEST = {
    one.__name__: one
    for one in (
        campus, dormitory, popular_browser, news, carrier, feed, own_pages, market, archive
    )
}  # fmt: skip
"""Honest cohorts by name."""


def crowd(  # noqa: PLR0913 - each is what a crowd differs in
    rng: Generator,
    visitors: int,
    pages: int,
    client: str = "",
    network: str = "",
    *,
    in_order: bool = False,
    traced: bool = True,
) -> Visits:
    """Draw visitors that divide the catalogue: each takes the same number of new pages.

    Args:
        rng: random numbers.
        visitors: their number.
        pages: pages of each.
        client: the name of their client; empty for those of surfers.
        network: their network; empty for one each.
        in_order: whether each continues where the one before it stopped.
        traced: whether they fetch styles and images, and name referrers.
    """
    account = np.repeat(np.arange(visitors), pages)
    listed = np.arange(ITEMS) if in_order else rng.permutation(ITEMS)
    begin = np.sort(rng.uniform(2 * DAY, 8 * DAY, visitors))
    second = begin[account] + np.tile(np.arange(pages) * 20, visitors)
    drawn = surfers(rng, visitors)
    return Visits(
        account,
        listed[: account.size],
        second.astype(int),
        _all(client, drawn) if client else drawn.client,
        _all(network, drawn) if network else drawn.network,
        np.full(visitors, traced),
    )


def _all(text: str, visits: Visits) -> np.ndarray:
    return np.full(visits.visitors, text, dtype=object)


@contextmanager
def ledger(visits: Visits) -> Iterator[Engine]:
    """Yield an engine with the tables that the crowd test reads; keys are numbers of visitors."""
    with open_engine(EngineSettings(threads=1)) as engine:
        keys, item = visits.account.astype(np.uint64), visits.item.astype(np.uint64)
        traced = visits.traced[visits.account]
        engine.table(
            "takes",
            {"account_key": keys, "item_key": item, "second": visits.second, "traced": traced},
        )
        engine.run(
            "CREATE TEMP TABLE holdings AS SELECT account_key, item_key, "
            f"item_key // {GROUP} AS group_key, CAST(min(second) AS UINTEGER) AS first, "
            "CAST(max(second) AS UINTEGER) AS last, CAST(count(*) AS UINTEGER) AS uses "
            "FROM takes GROUP BY account_key, item_key"
        )
        engine.run(
            "CREATE TEMP TABLE catalogue AS SELECT item_key, min(group_key) AS group_key, "
            "count(*) AS holders, CAST(sum(uses) AS DOUBLE) AS popularity FROM holdings "
            "GROUP BY item_key"
        )
        engine.run(
            "CREATE TEMP TABLE items AS SELECT item_key, concat('i', item_key) AS item "
            "FROM catalogue"
        )
        engine.run("CREATE TEMP TABLE set_apart (account_key UBIGINT)")
        engine.run("CREATE TEMP TABLE accounts AS SELECT DISTINCT account_key FROM holdings")
        engine.run(
            "CREATE TEMP TABLE listings (account_key UBIGINT, hour INTEGER, walked INTEGER, "
            "weight DOUBLE)"
        )
        engine.run(
            "CREATE TEMP TABLE hours AS SELECT account_key, second // 3600 AS hour, "
            "CAST(count(*) AS INTEGER) AS uses, CAST(1 AS BIGINT) AS minutes, "
            "CAST(NULL AS DOUBLE) AS seconds FROM takes GROUP BY ALL"
        )
        visitor = np.arange(visits.visitors).astype(np.uint64)
        once = np.ones(visitor.size, dtype=np.int64)
        for table, column in (("clients", "client"), ("networks", "network")):
            values = getattr(visits, column)
            engine.table(table, {"account_key": visitor, column: values, "events": once})
        engine.run(
            "CREATE TEMP TABLE page_loads AS SELECT account_key, count(*) AS pages, "
            "CASE WHEN any_value(traced) THEN 3 * count(*) ELSE 0 END AS assets, "
            "CASE WHEN any_value(traced) THEN count(*) ELSE 0 END AS referred "
            "FROM takes GROUP BY account_key"
        )
        find_network_origins(engine, "")
        run_steps(engine)
        yield engine
