"""Trace a complaint through kept logs and a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from ringfence.engine import Engine, open_engine
from ringfence.errors import EngineError, LedgerError, SourceError
from ringfence.events import AnySource, find_sources
from ringfence.events.items import Preset, own, preset
from ringfence.ledger import LedgerReader, open_ledger
from ringfence.model.networks import parse_networks
from ringfence.pipeline.arguments import SourceLike, chosen_settings, flat_sources
from ringfence.pipeline.folders import scratch_folder
from ringfence.pipeline.tracing.combining import Combined, combine_answers, headline
from ringfence.pipeline.tracing.criteria import Criteria, read_criteria
from ringfence.pipeline.tracing.items import traced_items
from ringfence.pipeline.tracing.ledger_search import (
    holdings_of,
    is_located,
    kept_networks,
    ledger_period,
    search_ledger,
)
from ringfence.pipeline.tracing.log_search import StagedLogs, search_logs, stage_logs
from ringfence.pipeline.tracing.result import SearchAnswer
from ringfence.pipeline.tracing.trace_result import TraceResult
from ringfence.pipeline.tracing.wording import NOT_A_PERSON, address_notes
from ringfence.pipeline.unread import UnreadSources
from ringfence.progress import Progress
from ringfence.pseudonym_key import open_key
from ringfence.settings import FormatName, Settings


def trace(  # noqa: PLR0913 - each is one thing that a caller may want to say
    *sources: SourceLike | Iterable[SourceLike],
    item: str | None = None,
    address: str | None = None,
    time: str | None = None,
    within: str | None = None,
    ledger: str | Path | None = None,
    settings: Settings | None = None,
    config: str | Path | None = None,
    format: FormatName | None = None,  # noqa: A002 - the name of the option on the command line
    progress: Progress | None = None,
) -> TraceResult:
    """Find the accounts that fit a complaint, and say how sure that is.

    Give at least one of ``item``, ``address`` and ``time``, and at least one source or a ledger.
    Logs have exact times, addresses and clients. A ledger remembers who holds an item when the logs
    are gone. Nothing is written but temporary data.

    Args:
        sources: as for :func:`ringfence.scan`: the logs that were kept.
        item: an item as the findings name it, or a URL of it.
        address: an IP address, or a network in CIDR notation.
        time: ISO 8601. Without a zone it is UTC. A date alone means that day.
        within: how far the time may be off in both directions, such as ``10m`` or ``2h``. By
            default 10 minutes, and nothing for a date.
        ledger: a ledger file of earlier scans. It is not changed.
        settings: all settings; not together with ``config``.
        config: a settings file. Without both, the defaults are used.
        format: format of the files; None for the one in the settings.
        progress: receives each step.

    Returns:
        The accounts that fit, how many fit in which respect, and the texts for those concerned.

    Raises:
        TraceError: the complaint cannot be understood, or nobody has ever taken its item.
        RingfenceError: a setting cannot be used, no source can be read, or the ledger cannot.

    Example:
        >>> import ringfence
        >>> ringfence.trace("access.log", item="101", time="2026-03-09T08:02Z")  # doctest: +SKIP
    """
    settings, _ = chosen_settings(settings, config, format)
    criteria = read_criteria(item, address, time, within)
    flat = flat_sources(sources, needed=not ledger)
    progress = progress or Progress()
    unread = UnreadSources(strict=False)
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder(settings))
        found = find_sources(flat, scratch, settings.events, unread.add)
        unread.require_other(len(found))
        reader = stack.enter_context(open_ledger(ledger, settings)) if ledger else None
        if reader:
            reader.check_names(open_key(settings.privacy.pseudonym_key))
        engine = stack.enter_context(open_engine(settings.engine))
        stack.callback(progress.end)
        progress.begin(len(found) + 1, engine.progress)
        try:
            return _trace(_Search(engine, reader, settings, criteria), found, unread, progress)
        except EngineError as error:
            raise SourceError(f"the search failed: {error.what}", hint=error.hint) from error


@dataclass(frozen=True)
class _Search:
    """Everything that a search needs: an engine for the logs, the ledger, and the criteria."""

    engine: Engine
    ledger: LedgerReader | None
    settings: Settings
    criteria: Criteria


def _trace(
    search: _Search, sources: Sequence[AnySource], unread: UnreadSources, progress: Progress
) -> TraceResult:
    ledger = search.ledger
    remembered = ledger.item_rules if ledger else None
    staged = stage_logs(search.engine, sources, search.settings, unread, progress, remembered)
    progress.step("searching")
    items = _items(search, staged, remembered)
    located = is_located(ledger) if ledger and search.criteria.address else None
    stated = search.criteria
    if stated.address and not staged.located and not located:
        search = replace(search, criteria=replace(stated, address=None))
    criteria = search.criteria
    logs = kept = None
    if sources and criteria.given and (staged.located or not criteria.address):
        logs = search_logs(search.engine, staged.period, criteria, items)
    address = criteria.address
    searchable = address is None or (located and kept_networks(address))
    if ledger and criteria.given and searchable:
        kept = _search_ledger(ledger, criteria, items)
    combined = combine_answers(criteria, logs, kept)
    if ledger:
        combined = _with_holdings(combined, ledger, items)
    searched = tuple(one.period for one in (logs, kept) if one)
    return TraceResult(
        criteria=criteria if criteria.given else stated,
        items=items,
        headline=headline(criteria, combined, searched),
        outcome=combined.outcome,
        accounts=combined.accounts,
        candidates=combined.candidates,
        fits=logs.fits if logs else (),
        windows=combined.windows,
        searched=searched,
        notes=(
            *_unlocated(stated, staged, located=located),
            *_notes(search, staged, combined, logs),
        ),
        unread=unread.found,
    )


def _items(search: _Search, staged: StagedLogs, remembered: Preset | None) -> tuple[str, ...]:
    """Return the names of the complaint's item; none if it names no item."""
    typed, settings = search.criteria.item, search.settings.items
    if typed is None:
        return ()
    rules = list(staged.rules)
    if remembered:
        rules.append(remembered)
    if settings.rules:
        rules.append(own(settings.rules))
    elif settings.preset not in {"auto", "learned"}:
        rules.append(preset(settings.preset))
    keys = search.settings.account.parameters or ()
    return traced_items(search.engine, search.ledger, typed, rules, keys)


def _search_ledger(ledger: LedgerReader, criteria: Criteria, items: Sequence[str]) -> SearchAnswer:
    """Return what the ledger says.

    Raises:
        LedgerError: the ledger cannot be searched.
    """
    try:
        return search_ledger(ledger, ledger_period(ledger), criteria, items)
    except EngineError as error:
        raise LedgerError(f"cannot be searched: {error.what}", hint=error.hint) from error


def _with_holdings(combined: Combined, ledger: LedgerReader, items: Sequence[str]) -> Combined:
    """Add to the candidates from the logs what the ledger knows about them."""
    names = [one.account for one in combined.candidates if one.origin == "logs"]
    held = holdings_of(ledger, items, names)
    return replace(
        combined,
        candidates=tuple(
            replace(one, holding=held.get(one.account, one.holding)) for one in combined.candidates
        ),
    )


def _unlocated(stated: Criteria, staged: StagedLogs, *, located: bool | None) -> Iterable[str]:
    """Say where an address was not compared, because the records have none.

    Args:
        stated: the complaint.
        staged: the logs.
        located: whether the ledger has networks; None without a ledger or an address.
    """
    if stated.address is None:
        return
    if not staged.located and not located:
        yield "The records have no addresses, so the address was not compared."
    elif staged.sources and not staged.located:
        yield "The logs have no addresses, so only the ledger was searched."
    elif located is False:
        yield "The ledger has no networks, so only the logs were searched."


def _notes(
    search: _Search, staged: StagedLogs, combined: Combined, logs: SearchAnswer | None
) -> Iterable[str]:
    """Yield what a reviewer should know before drawing a conclusion."""
    criteria = search.criteria
    if criteria.time and criteria.time.assumed_utc:
        yield "The time has no zone, so it was read as UTC."
    if staged.unreadable:
        yield f"Unreadable lines of the logs, which were not searched: {staged.unreadable:,}."
    yield from combined.notes
    proxies = parse_networks(search.settings.events.trusted_proxies)
    yield from address_notes(criteria, logs, proxies)
    if search.ledger and criteria.address:
        kept = bool(kept_networks(criteria.address))
        yield (
            "The ledger keeps networks (/24, /48), not addresses, and without times."
            if kept
            else "The ledger was not searched: it is searched for networks up to /8 (IPv4) or /48 "
            "(IPv6), and this one is wider."
        )
    if any(one.visitor for one in combined.candidates):
        yield "A visitor is an address without a login, and may be several people."
    if combined.candidates:
        yield NOT_A_PERSON
