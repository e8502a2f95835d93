"""Deliver the effects of decisions to sinks: at least once, and in order per account and sink."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from ringfence.cases import CaseStore, expire_decisions
from ringfence.cases.moments import now
from ringfence.cases.outbox import all_states, newest_effect
from ringfence.enforcement import waiting
from ringfence.enforcement.lease import Lease, LeaseLostError, PresentMoment
from ringfence.enforcement.sink import AnySink, Effect, Sink, SinkError, Standing, StateSink

FAILURES_IN_A_ROW: Final = 3
"""A sink that fails as often, one attempt after the other, is left alone until the next run."""


@dataclass(frozen=True)
class Report:
    """The outcome of a run at one sink.

    Attributes:
        sink: name of the sink.
        delivered: number of effects that it applied.
        failed: number of attempts that failed and are tried again later.
        dead: number of effects that became dead letters.
        busy: whether another process delivers to the sink now.
        error: the last error; empty if there was none.
    """

    sink: str
    delivered: int = 0
    failed: int = 0
    dead: int = 0
    busy: bool = False
    error: str = ""


def deliver(
    store: CaseStore, sinks: Iterable[AnySink], clock: PresentMoment = now
) -> tuple[Report, ...]:
    """Deliver all effects that are due, and return a report for each sink.

    Decisions whose time is over end first, so that their effects are lifted.

    Args:
        store: the case store.
        sinks: the connected systems; each has a name of its own.
        clock: returns the present moment, microseconds since 1970.

    Raises:
        CasesError: the database fails. All deliveries until then are written.
    """
    with store.writing() as connection:
        expire_decisions(connection, clock())
    return tuple(_deliver(store, sink, clock) for sink in sinks)


def _deliver(store: CaseStore, sink: AnySink, clock: PresentMoment) -> Report:
    lease = Lease(store, sink.name, clock)
    if not lease.take():
        return Report(sink.name, busy=True)
    try:
        if isinstance(sink, StateSink):
            return _deliver_state(store, sink, lease, clock)
        return _deliver_effects(store, sink, lease, clock)
    except LeaseLostError:
        return Report(sink.name, busy=True)
    finally:
        lease.release()


def _deliver_effects(store: CaseStore, sink: Sink, lease: Lease, clock: PresentMoment) -> Report:
    report, in_a_row = Report(sink.name), 0
    for effect in _all_due(store, sink.name, clock):
        lease.check()
        error = _attempt(sink, effect)
        report = _write(lease, effect, error, clock(), report)
        in_a_row = in_a_row + 1 if error is not None and error.retry else 0
        if in_a_row == FAILURES_IN_A_ROW:
            break
    return report


def _all_due(store: CaseStore, sink: str, clock: PresentMoment) -> Iterator[Effect]:
    """Yield effects until none is due. A failed one is due later."""
    moment = clock()
    while True:
        with store.reading() as connection:
            effects = waiting.due_effects(connection, sink, moment)
        if not effects:
            return
        yield from effects


def _attempt(sink: Sink, effect: Effect) -> SinkError | None:
    try:
        sink.apply(effect)
    except Exception as error:  # noqa: BLE001 - sinks of other people raise anything
        return _as_sink_error(error, sink)
    return None


def _as_sink_error(error: Exception, sink: AnySink) -> SinkError:
    if isinstance(error, SinkError):
        return error
    # Its text may contain a secret or the name of the account.
    return SinkError(f"unexpected {type(error).__name__}", retry=True, where=sink.name)


def _write(
    lease: Lease, effect: Effect, error: SinkError | None, moment: int, report: Report
) -> Report:
    """Write what became of an effect, and return the report with it."""
    with lease.writing() as connection:
        if error is None:
            waiting.write_success(connection, lease.sink, effect, moment)
            return replace(report, delivered=report.delivered + 1)
        dead = waiting.write_failure(connection, lease.sink, effect, error, moment)
    return replace(
        report, failed=report.failed + (not dead), dead=report.dead + dead, error=str(error)
    )


def _deliver_state(store: CaseStore, sink: StateSink, lease: Lease, clock: PresentMoment) -> Report:
    with store.reading() as connection:
        if not waiting.any_due(connection, sink.name, clock()):
            return Report(sink.name)
        # Read after the effects were put down, so the state contains each of them.
        newest = newest_effect(connection)
        outcome = _replace(sink, connection)
    try:
        with lease.writing() as connection:
            if isinstance(outcome, SinkError):
                waiting.write_state_failure(connection, sink.name, outcome, clock())
                return Report(sink.name, failed=1, error=str(outcome))
            done, dead = waiting.write_state_success(
                connection, sink.name, newest, outcome, clock()
            )
            error = next(iter(outcome.values()), "")
            return Report(sink.name, delivered=done, dead=dead, error=error)
    except LeaseLostError:
        # This process was stopped, and may have replaced a newer state by its own.
        with store.writing() as connection:
            waiting.forget_contact(connection, sink.name)
        raise


def _replace(sink: StateSink, connection: Connection) -> Mapping[str, str] | SinkError:
    standing = (
        Standing(account, hold.effect, hold.until, hold.ground, hold.decision)
        for account, hold in all_states(connection)
    )
    try:
        return sink.replace(standing)
    except Exception as error:  # noqa: BLE001 - sinks of other people raise anything
        return _as_sink_error(error, sink)
