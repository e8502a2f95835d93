"""Search kept logs: stage their accesses once, then ask which of them fit a complaint."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final

from ringfence.engine import Engine
from ringfence.events import AnySource, Quarantine, errors_named, open_source
from ringfence.events.addresses import digits_of
from ringfence.events.caution import Caution, with_caution
from ringfence.events.items import Preset
from ringfence.pipeline.tracing.criteria import CRITERIA, Criteria
from ringfence.pipeline.tracing.log_statements import (
    ACCESSES_OF_CANDIDATES,
    ADD_SOURCE_EVENTS,
    ADDRESS_CROWD,
    ADDRESSES_OF_CANDIDATES,
    CLIENTS_OF_CANDIDATES,
    MORE_OF_SOURCE,
    OUTCOMES_OF_SOURCE,
    TRACED_ADDRESSES,
    TRACED_BEST,
    TRACED_CANDIDATES,
    TRACED_EVENTS,
    TRACED_FITS,
    TRACED_MARKS,
    TRACED_PERIOD,
    TRACED_SOURCE,
    TRACED_WINDOW,
)
from ringfence.pipeline.tracing.result import (
    Access,
    FitCount,
    SearchAnswer,
    SearchedPeriod,
    TracedAccount,
    WindowCount,
)
from ringfence.pipeline.unread import UnreadSources
from ringfence.progress import Progress
from ringfence.settings import Settings
from ringfence.stats.seconds import DAY, HOUR

ACCOUNTS_LISTED: Final = 1_000
"""Candidates in an answer."""

VALUES_LISTED: Final = 5
"""Addresses and clients listed with each candidate."""

ACCESSES_LISTED: Final = 10
"""Accesses listed with each candidate."""

WINDOW_WIDTHS: Final = (60, 600, HOUR, DAY)
"""Seconds by which the stated time may be wrong, for the growth of the number of accounts."""


@dataclass
class StagedLogs:
    """The accesses of all sources, in the engine's table ``traced_events``.

    Attributes:
        rules: the item rules of the sources, each once.
        period: number and period of the accesses.
        located: whether any access has an address.
        sources: number of sources that were read.
        unreadable: number of lines that could not be read.
    """

    rules: list[Preset] = field(default_factory=list)
    period: SearchedPeriod = field(default=SearchedPeriod("logs", 0, None, None))
    located: bool = False
    sources: int = 0
    unreadable: int = 0


def stage_logs(  # noqa: PLR0913, PLR0917 - the parts of a search
    engine: Engine,
    sources: Sequence[AnySource],
    settings: Settings,
    unread: UnreadSources,
    progress: Progress,
    remembered: Preset | None = None,
) -> StagedLogs:
    """Read the accesses of all sources into the engine.

    Args:
        engine: an engine of its own, in memory.
        sources: the logs; content that has two names is read once.
        settings: how they are read.
        unread: receives the sources that cannot be read.
        progress: receives each step.
        remembered: item rules of the ledger, so that items have its names.
    """
    staged, known = StagedLogs(), set[str]()
    engine.run(TRACED_EVENTS)
    for source in sources:
        progress.step(f"reading {source.name}")
        with unread.recorded():
            file = source.as_file(engine)
            if len(sources) > 1:
                content = file.identify().fingerprint
                if content in known:
                    continue
                known.add(content)
            rules = _stage(engine, file, settings, staged, remembered)
            remembered = rules or remembered
    unread.require_other(staged.sources)
    *period, staged.located = engine.rows(TRACED_PERIOD)[0]
    staged.period = SearchedPeriod("logs", *period)
    return staged


def _stage(
    engine: Engine,
    file: AnySource,
    settings: Settings,
    staged: StagedLogs,
    remembered: Preset | None,
) -> Preset | None:
    """Add the accesses of one source, and return its item rules."""

    def attempt(caution: Caution) -> tuple[Preset | None, int]:
        with engine.transaction():
            quarantine = Quarantine(engine.scratch, with_text=False)
            reading = open_source(engine, file, settings, quarantine, remembered)
            reading.load(engine, (TRACED_SOURCE,), MORE_OF_SOURCE, OUTCOMES_OF_SOURCE, caution)
            engine.run(ADD_SOURCE_EVENTS)
            return reading.plan.rules if reading.plan else None, quarantine.counts.total()

    with errors_named(file.as_file(engine), engine):
        rules, unreadable = with_caution(attempt)
    staged.sources += 1
    staged.unreadable += unreadable
    if rules and rules not in staged.rules:
        staged.rules.append(rules)
    return rules


def search_logs(
    engine: Engine, period: SearchedPeriod, criteria: Criteria, items: Sequence[str]
) -> SearchAnswer:
    """Return the accounts whose accesses fit, and how many fit in which respect.

    Args:
        engine: with the staged accesses.
        period: what was staged.
        criteria: of the complaint.
        items: the names of its item; empty if no item is given.
    """
    given = criteria.given
    _mark(engine, criteria, items)
    fits = _fits(engine, given)
    full = fits[-1]
    needed = len(CRITERIA) if full.accounts else len(CRITERIA) - 1
    candidates: tuple[TracedAccount, ...] = ()
    if full.accounts or len(given) > 1:
        engine.run(TRACED_BEST, {"needed": needed, **_flags(given, "item", "address")})
        candidates = _candidates(engine, given, complete=full.accounts > 0)
    return SearchAnswer(
        period,
        candidates,
        full.accounts,
        fits,
        _windows(engine, criteria) if criteria.time else (),
        engine.rows(ADDRESS_CROWD)[0][0] if criteria.address else None,
    )


def _mark(engine: Engine, criteria: Criteria, items: Sequence[str]) -> None:
    network, given = criteria.address, criteria.given
    ends = (digits_of(network[0]), digits_of(network[-1])) if network else ("", "-")
    engine.run(TRACED_ADDRESSES, {"low": ends[0], "high": ends[1]})
    first, last = criteria.window(0)
    engine.run(
        TRACED_MARKS,
        {
            "items": list(items),
            **_flags(given, *CRITERIA),
            "first": first,
            "last": last,
            "within": criteria.within,
            "widest": max(criteria.within, *WINDOW_WIDTHS),
        },
    )


def _flags(given: Sequence[str], *names: str) -> dict[str, bool]:
    return {f"has_{name}": name in given for name in names}


def _fits(engine: Engine, given: Sequence[str]) -> tuple[FitCount, ...]:
    """Return the numbers for each set of the given criteria; the last one is for all."""
    found = engine.records(TRACED_FITS)[0]
    sets = [names for size in range(1, len(given) + 1) for names in combinations(given, size)]
    return tuple(
        FitCount(names, found[f"accounts_{'_'.join(names)}"], found[f"accesses_{'_'.join(names)}"])
        for names in sets
    )


def _windows(engine: Engine, criteria: Criteria) -> tuple[WindowCount, ...]:
    found = []
    for width in sorted({*WINDOW_WIDTHS, criteria.within}):
        accesses, accounts = engine.rows(TRACED_WINDOW, {"width": width})[0]
        found.append(WindowCount(width, accounts, accesses, "logs"))
    return tuple(found)


def _candidates(
    engine: Engine, given: tuple[str, ...], *, complete: bool
) -> tuple[TracedAccount, ...]:
    rows = engine.records(TRACED_CANDIDATES, {"most": ACCOUNTS_LISTED})
    accounts = [row["account"] for row in rows]
    if not accounts:
        return ()
    few = {"accounts": accounts, "most": VALUES_LISTED}
    addresses = _by_account(engine.rows(ADDRESSES_OF_CANDIDATES, few))
    clients = _by_account(engine.rows(CLIENTS_OF_CANDIDATES, few))
    accesses = _by_account(engine.rows(ACCESSES_OF_CANDIDATES, few | {"most": ACCESSES_LISTED}))
    return tuple(
        TracedAccount(
            account=row["account"],
            visitor=row["visitor"],
            origin="logs",
            certainty="seen",
            matches=given if complete else _partial(row, given),
            accesses=row["accesses"],
            first=row["first"],
            last=row["last"],
            addresses=tuple(one for (one,) in addresses[row["account"]]),
            of_addresses=row["of_addresses"],
            clients=tuple(one for (one,) in clients[row["account"]]),
            of_clients=row["of_clients"],
            sample=tuple(Access(*one) for one in accesses[row["account"]]),
        )
        for row in rows
    )


def _partial(row: dict[str, Any], given: tuple[str, ...]) -> tuple[str, ...]:
    """Return the criteria that an access fulfils which does not fulfil all of them."""
    if row["item_address"]:
        matched = {"item", "address"}
    else:
        matched = {"item", "time"} if row["item_time"] else {"address", "time"}
    return tuple(name for name in given if name in matched)


def _by_account(rows: Sequence[tuple[Any, ...]]) -> defaultdict[str, list[tuple[Any, ...]]]:
    """Return the values behind the first column, by that column."""
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for account, *values in rows:
        found[account].append(tuple(values))
    return found
