"""Let a receiver hang, fail, answer nothing, redirect, or be away, while people decide.

The clock of the deliveries is simulated: a run every few minutes, up to days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Final
from unittest.mock import patch

from benchmarks.enforcement_faults.acts import HOUR, Stage
from benchmarks.enforcement_faults.checking import SINK, check
from benchmarks.enforcement_faults.outcome import Comparison, Outcome
from benchmarks.enforcement_faults.receiver import HANG, Receiver, running_receiver
from benchmarks.enforcement_faults.workplace import SECRET, NewStore
from tests.cases.findings import moment

from ringfence.cases import POLICY, Act, CaseStore, open_store
from ringfence.enforcement import deliver, deliveries, resend
from ringfence.enforcement.posting import Target
from ringfence.enforcement.sinks import webhook
from ringfence.enforcement.sinks.webhook import WebhookSink
from ringfence.model.finding import Action

_ACTIONS: Final[tuple[Action, ...]] = ("throttle", "challenge", "suspend")

_DAY: Final = 24 * HOUR
_RUN: Final = HOUR // 6
"""Ten minutes between two deliveries."""

_FAILURES: Final[Mapping[str, str]] = {
    "answers 500": "500",
    "no answer in time": "hang",
    "connection ends without an answer": "lost",
    "redirects into a private network": "redirect",
}
"""The name of each fault, and what the receiver does."""


def failing_receivers(database: str, new_store: NewStore, trials: int) -> Iterator[Outcome]:
    """Yield the outcome of receivers that fail the first one, two, three … requests.

    Args:
        database: name of the database.
        new_store: makes an empty store.
        trials: number of trials of each fault.
    """
    for fault, failure in _FAILURES.items():
        outcome = Outcome(f"the sink: {fault}", database, trials)
        with _workshop(new_store()) as (store, receiver), running_receiver() as other:
            receiver.elsewhere = f"http://localhost:{other.port}/inside"
            for trial in range(trials):
                receiver.failures = [failure] * (trial % 5 + 1)
                _decide(store, trial)
                _deliver_hourly(store, receiver, trial)
                outcome.struck += not receiver.failures
            outcome.add(_checked(store, receiver))
            outcome.found.state += ["a redirect was followed"] * other.asked
        yield outcome


def private_names(database: str, new_store: NewStore, trials: int) -> Outcome:
    """Deliver to names and addresses inside private networks without permission."""
    outcome = Outcome("the sink: its name leads into a private network", database, trials)
    hosts = ("localhost", "127.0.0.1", "[::1]", "2130706433", "[::ffff:127.0.0.1]")
    with _workshop(new_store()) as (store, receiver):
        for trial in range(trials):
            url = f"https://{hosts[trial % len(hosts)]}:{receiver.port}/hook"
            _decide(store, trial)
            refusing = WebhookSink(SINK, url, SECRET, "cloudevents", False)
            (report,) = deliver(store, [refusing], partial(moment, trial))
            outcome.struck += report.delivered == 0 and "private network" in report.error
        outcome.found.state += ["a private address was asked"] * receiver.asked
        _deliver_hourly(store, receiver, trials + 1)
        outcome.add(_checked(store, receiver))
    return outcome


def away_for_a_day(database: str, new_store: NewStore, trials: int) -> Outcome:
    """Stop the receiver for a day, decide every hour, and deliver every ten minutes."""
    outcome = Outcome("the sink: away for a day", database, trials)
    for _ in range(trials):
        with _workshop(new_store()) as (store, receiver):
            dead = _without(receiver, store, _DAY, _RUN, _decide_every_hour)
            outcome.struck += dead == 0
            with running_receiver(receiver.port) as back:
                back.told = receiver.told
                _deliver_hourly(store, back, 3)
                outcome.add(_checked(store, back))
    return outcome


def away_for_a_week(database: str, new_store: NewStore, trials: int) -> Outcome:
    """Stop the receiver until all effects are dead letters, and send them again in order."""
    outcome = Outcome("the sink: away for a week, then resent", database, trials)
    for _ in range(trials):
        with _workshop(new_store()) as (store, receiver):
            dead = _without(receiver, store, 7 * _DAY, HOUR, _decide_twice_a_day)
            outcome.struck += dead == 2
            with running_receiver(receiver.port) as back:
                back.told = receiver.told
                _resend_all(store)
                _deliver_hourly(store, back, 10)
                outcome.add(_checked(store, back))
    return outcome


@contextmanager
def _workshop(url: str) -> Iterator[tuple[CaseStore, Receiver]]:
    """Give an empty store and a receiver that it knows; a request has a second."""
    short = patch.object(webhook, "Target", partial(Target, seconds=HANG / 3))
    with running_receiver() as receiver, open_store(url) as store, short:
        deliver(store, [_hook(receiver)], lambda: moment(-1))
        yield store, receiver


def _hook(receiver: Receiver) -> WebhookSink:
    return WebhookSink(SINK, receiver.url, SECRET, "cloudevents", True)


def _decide(store: CaseStore, trial: int) -> None:
    stage = Stage(store, str(trial), moment(trial))
    stage.open()
    for action in _ACTIONS:
        stage.decide("account", action)


def _deliver_hourly(store: CaseStore, receiver: Receiver, day: int) -> None:
    """Deliver until every attempt has succeeded."""
    for hour in range(1, 16):
        deliver(store, [_hook(receiver)], partial(moment, day + hour / 24))


def _without(
    receiver: Receiver,
    store: CaseStore,
    time: int,
    every: int,
    work: Callable[[CaseStore, int], None],
) -> int:
    """Deliver to nobody for some time, work on the first day, and return the dead letters."""
    receiver.server.shutdown()
    receiver.server.server_close()
    for passed in range(0, time, every):
        if passed % HOUR == 0 and passed < _DAY:
            work(store, passed // HOUR)
        deliver(store, [_hook(receiver)], partial(moment, 1 + passed / _DAY))
    with store.reading() as connection:
        return len(deliveries(connection, "dead"))


def _decide_every_hour(store: CaseStore, hour: int) -> None:
    """Open a case every third hour, and decide about it again in the next two."""
    stage = Stage(store, str(hour // 3), moment(1) + hour * HOUR)
    if hour % 3 == 0:
        stage.open()
    stage.decide("account", _ACTIONS[hour % 3])


def _decide_twice_a_day(store: CaseStore, hour: int) -> None:
    """Decide about two accounts, once about each."""
    if hour % 12 == 0:
        _decide_every_hour(store, hour)


def _resend_all(store: CaseStore) -> None:
    with store.writing() as connection:
        for row in reversed(deliveries(connection, "dead")):
            resend(connection, row.id, SINK, Act(POLICY, moment(9)))


def _checked(store: CaseStore, receiver: Receiver) -> Comparison:
    with store.reading() as connection:
        return check(connection, receiver.told, None)
