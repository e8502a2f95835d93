"""A store with two sinks on this machine: a webhook, and a file of nginx."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.enforcement_faults.acts import HOUR, PLANS, Stage
from benchmarks.enforcement_faults.checking import SINK, check
from benchmarks.enforcement_faults.outcome import Comparison
from benchmarks.enforcement_faults.receiver import forked_receiver, told_by
from benchmarks.enforcement_faults.steps import SteppedNginx, SteppedWebhook, Steps
from tests.cases.findings import moment

from ringfence.cases import CaseStore, open_store
from ringfence.enforcement import Report, deliver

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the example of the standard

NewStore = Callable[[], str]
"""A function that makes an empty store and returns its address."""

_DAY: Final = 24 * HOUR


@dataclass(frozen=True)
class Workplace:
    """A store and its sinks.

    Attributes:
        store: the store. No connection is open between two calls, so that the process can be
            copied.
        hook: address of the receiver.
        folder: has the file of nginx.
    """

    store: CaseStore
    hook: str
    folder: Path

    def deliver(self, now: int, steps: Steps) -> tuple[Report, ...]:
        """Deliver to both sinks."""
        file = self.folder / "ringfence.map"
        loaded = str(self.folder / "loaded")
        sinks = (
            SteppedWebhook(SINK, self.hook, SECRET, "cloudevents", True, steps),
            SteppedNginx("gate", file, ("cp", str(file), loaded), steps),
        )
        return deliver(self.store, sinks, lambda: now)

    def enrol(self) -> None:
        """Deliver to both sinks for the first time: a new sink is not told the past."""
        with self.store:
            self.deliver(moment(-1), Steps())

    def prepare(self, plan: str, trial: int) -> None:
        """Do what comes before the fault of a trial. Trials are days apart."""
        with self.store:
            PLANS[plan].before(Stage(self.store, str(trial), moment(trial)))
            if PLANS[plan].told:
                self.deliver(moment(trial), Steps())

    def act(self, plan: str, trial: int, steps: Steps) -> list[str]:
        """Decide and deliver, and return the names of the steps.

        Decisions for an hour have just ended by then.
        """
        at = moment(trial) + HOUR
        with self.store:
            PLANS[plan].act(Stage(self.store, str(trial), at))
            self.deliver(at, steps)
        return steps.names

    def deliver_rest(self, trial: int) -> None:
        """Deliver what is left, when every lease and wait is over."""
        with self.store:
            self.deliver(moment(trial) + _DAY // 2, Steps())

    def go_on(self, trial: int) -> Comparison:
        """Deliver what is left, and return what is wrong then."""
        self.deliver_rest(trial)
        with self.store, self.store.reading() as connection:
            return check(connection, told_by(self.hook), self.folder / "loaded")


@contextmanager
def workplace(url: str, folder: Path) -> Iterator[Workplace]:
    """Give an empty store with its sinks; the receiver runs in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    with forked_receiver() as hook, open_store(url) as store:
        place = Workplace(store, hook, folder)
        place.enrol()
        yield place
