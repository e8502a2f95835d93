"""Deliver decisions to connected systems while the judge folds and scans."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Self

from ringfence.cases import open_store
from ringfence.cases.store_id import store_id
from ringfence.enforcement import Report, deliver
from ringfence.enforcement.connected import make_sinks
from ringfence.errors import RingfenceError
from ringfence.service.serving import type_and_place
from ringfence.service.telemetry import tell_work
from ringfence.settings import Settings

_PATIENCE: Final = 5.0
"""Seconds that the end of the judge waits for a delivery. It is repeated by the next process."""


def deliver_once(cases: str, settings: Settings) -> tuple[Report, ...]:
    """Deliver everything that is due, as ``ringfence outbox deliver`` does.

    Args:
        cases: address of the case store. While its file is missing, there is nothing to deliver.
        settings: with the sinks.

    Raises:
        RingfenceError: the case store or a setting of a sink cannot be used.
    """
    if "://" not in cases and not Path(cases).exists():
        return ()
    with open_store(cases, create=False) as store:
        with store.reading() as connection:
            name = str(store_id(connection))
        return deliver(store, make_sinks(settings.enforcement, store=name))


class Delivery:
    """A thread that delivers on a schedule. A slow system delays no fold.

    Args:
        cases: address of the case store.
        settings: with the sinks.
        seconds: time between two deliveries.
        note: receives one line about each error that is new.

    Attributes:
        reports: of the last delivery.
        error: why the last delivery failed as a whole; empty if it did not.
    """

    def __init__(
        self, cases: str, settings: Settings, seconds: float, note: Callable[[str], None]
    ) -> None:
        self.reports: tuple[Report, ...] = ()
        self.error = ""
        self._cases = cases
        self._settings = settings
        self._seconds = seconds
        self._note = note
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread, or leave it to the end of the process if a system takes long."""
        self._end.set()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._end.wait(self._seconds):
            error, began = "", time.time()
            try:
                self.reports = deliver_once(self._cases, self._settings)
                _tell(self.reports, began)
            except RingfenceError as problem:
                error = str(problem)
            except Exception as problem:  # noqa: BLE001 - a thread has nobody else who says it
                # Its text may contain any value.
                error = f"unexpected {type_and_place(problem)}"
            if error and error != self.error:
                self._note(f"nothing was delivered: {error}")
            self.error = error


def _tell(reports: Sequence[Report], began: float) -> None:
    """Tell a delivery in which there was something to deliver."""
    counts = {
        name: sum(getattr(one, name) for one in reports) for name in ("delivered", "failed", "dead")
    }
    if any(counts.values()):
        failed = counts["delivered"] < sum(counts.values())
        tell_work("judge.delivery", began, time.time() - began, counts, failed=failed)
