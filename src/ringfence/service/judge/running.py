"""The process of the judge: folds, scans and deliveries until it is asked to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from ringfence.enforcement.connected import make_sinks
from ringfence.errors import LedgerError, RingfenceError, SettingsError
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger.forgetting import forget_before
from ringfence.private_files import owner_only
from ringfence.service.files import ServiceFolder, fold_turn
from ringfence.service.files.stop_request import StopRequest
from ringfence.service.judge.delivering import Delivery
from ringfence.service.judge.faults import is_fault_of_machine
from ringfence.service.judge.folding import SegmentFolder
from ringfence.service.judge.input_watch import InputWatch
from ringfence.service.judge.judge_status import JudgeState, StatusThread, last_scan
from ringfence.service.judge.latest_event import LatestEvent
from ringfence.service.judge.options import JudgeOptions, cases_address, record_settings
from ringfence.service.judge.scan_outcome import ScanOutcome
from ringfence.service.judge.scan_process import ScanProcess
from ringfence.service.judge.screening import AccountScreening
from ringfence.service.judge.segments import last_waiting, next_log, waits_until
from ringfence.service.judge.snapshot import bring_rings_back, remove_snapshot, take_snapshot
from ringfence.service.judge.upkeep import age_if_due, day_to_forget
from ringfence.service.telemetry import tell_work
from ringfence.settings import Settings

_SHORTEST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
_TURN_PAUSE: Final = 0.1
_LOOK: Final = 0.05
"""Seconds between two looks for something to do."""

_FOLDS_PER_LOOK: Final = 100
"""Folds after which the judge sees whether it should merge rows, and releases memory."""


def run_judge(
    folder: ServiceFolder,
    settings: Settings,
    options: JudgeOptions | None = None,
    note: Callable[[str], None] = print,
) -> None:
    """Fold, scan and deliver until SIGTERM or SIGINT. Call it in the main thread.

    A fold is finished first. A scan or a delivery ends at once, and leaves nothing half done.
    Scans run beside the judge, in processes of their own, on a copy of the ledger.

    Args:
        folder: of the service.
        settings: of scans, with the policy and the sinks.
        options: the pace.
        note: receives one line about each event that an operator should know.

    Raises:
        SettingsError: a setting cannot be used.
    """
    options = options or JudgeOptions()
    stop = StopRequest()
    with stop.heard(), owner_only():
        folder.create()
        make_sinks(settings.enforcement)
        state = JudgeState(last_scan=last_scan(folder))
        cases = cases_address(folder, settings)
        delivery = Delivery(cases, settings, options.deliver_seconds, note)
        with StatusThread(folder, state, delivery), delivery:
            _Judge(folder, settings, options, state, stop, note).run()


class _Judge:
    """The loop of the judge.

    Args:
        folder: of the service.
        settings: of scans.
        options: the pace.
        state: what the status says.
        stop: ends the loop.
        note: receives lines for an operator.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of the loop
        self,
        folder: ServiceFolder,
        settings: Settings,
        options: JudgeOptions,
        state: JudgeState,
        stop: StopRequest,
        note: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._logs = (folder.log, folder.tail_log)
        self._settings = settings
        self._options = options
        self._state = state
        self._stop = stop
        self._note = note
        self._ledger: Ledger | None = None
        self._scan: ScanProcess | None = None
        self._watch = InputWatch(state.input, note)
        self._screening = AccountScreening(folder, settings, options, state.screening, note)
        self._screening.learn(state.last_scan)
        self._pause = _SHORTEST_PAUSE
        self._next_fold = 0.0
        # Events of an earlier process may have been folded after its last scan.
        self._unscanned = folder.ledger.exists()
        self._look_for_old = True
        self._latest = LatestEvent()

    def run(self) -> None:
        """Fold and scan until a signal arrives."""
        try:
            while not self._stop.made:
                self._step()
        finally:
            if self._scan:
                self._scan.stop()
            self._screening.stop()
            self._close()

    def _step(self) -> None:
        try:
            with fold_turn(self._folder) as mine:
                if mine:
                    self._fold()
                    self._screening.go_on(self._opened)
                    self._end_scan()
                    self._forget()
                    self._begin_scan()
        except (RingfenceError, OSError, MemoryError) as error:
            self._failed(error)
            return
        self._state.error, self._pause = "", _SHORTEST_PAUSE
        self._state.doing = "waiting" if mine else "waiting for a backup"
        if mine:
            self._rest()
        else:
            self._stop.wait(_TURN_PAUSE)

    def _rest(self) -> None:
        """Wait until there is something to do, at most the time between two folds."""
        end = time.monotonic() + self._options.fold_seconds
        while not self._stop.wait(_LOOK) and time.monotonic() < end and not self._has_work():
            pass

    def _has_work(self) -> bool:
        """Return whether a program beside the judge has ended, or events wait and may be folded."""
        if self._screening.has_ended or (self._scan and self._scan.has_ended):
            return True
        # If a log cannot be read, the next step says why.
        with suppress(OSError):
            return time.monotonic() >= self._next_fold and next_log(self._logs) is not None
        return False

    def _fold(self) -> None:
        if time.monotonic() < self._next_fold:
            return
        self._state.doing = "folding"
        start = time.monotonic()
        # More may wait than is folded at once. But scans have their turn, too: segments that come
        # meanwhile wait for the next step, and so does what takes longer than scans are apart.
        ends = {log: last_waiting(log) for log in self._logs}
        while not self._stop.made:
            began = time.monotonic()
            ledger = self._opened()
            folder = SegmentFolder(
                self._folder,
                ledger,
                self._note,
                self._options.fold_bytes,
                self._watch,
            )
            outcome = folder.fold_waiting(self._latest.known(ledger))
            if outcome is None:
                return
            self._next_fold = began + self._options.fold_seconds
            self._latest.saw(outcome.last)
            self._state.folded(outcome, seconds := time.monotonic() - began)
            tell_work("judge.fold", time.time() - seconds, seconds, outcome.counts)
            self._unscanned = True
            self._screening.look(self._opened(), outcome)
            self._screening.go_on(self._opened)
            if self._state.folds % _FOLDS_PER_LOOK == 0:
                age_if_due(self._opened())
                # It would keep all parts of the ledger that it has read, up to its memory limit.
                self._opened().engine.release_memory()
                self._look_for_old = True
            done = not any(waits_until(log, end) for log, end in ends.items())
            if done or time.monotonic() - start >= self._options.scan_seconds:
                return

    def _forget(self) -> None:
        """Forget old rows, but not while a scan has a copy from which rings are brought back."""
        if not self._look_for_old or self._scan or self._folder.scan_ledger.exists():
            return
        self._look_for_old = False
        day = day_to_forget(self._opened(), self._options.keep_days, time.time())
        if day is None:
            return
        self._close()
        done = forget_before(self._folder.ledger, day, record_settings(self._settings))
        self._unscanned = True
        self._note(
            f"forgot everything before {day}: {done.accounts:,} accounts, "
            f"{done.holdings:,} holdings"
        )

    def _opened(self) -> Ledger:
        if self._ledger is None:
            settings = record_settings(self._settings)
            self._ledger = open_writable(self._folder.ledger, settings)
        return self._ledger

    def _close(self) -> None:
        ledger, self._ledger = self._ledger, None
        if ledger is not None:
            ledger.engine.close()

    def _begin_scan(self) -> None:
        """Start a scan of what was folded until now, if one is due and none runs."""
        before = self._state.last_scan
        # The clock may have been ahead at the last scan.
        age = abs(time.time() - before.began - before.seconds) if before else float("inf")
        due = self._unscanned and age >= self._options.scan_seconds
        if self._scan or not due or self._stop.made:
            return
        try:
            take_snapshot(self._folder)
            self._scan = ScanProcess(self._folder, self._settings)
        except OSError as error:
            # Folds go on, and the next scan is tried when it would be due.
            self._scan_ended(ScanOutcome(time.time(), error=f"no copy of the ledger: {error}"))
            return
        self._unscanned, self._state.scanning = False, True

    def _end_scan(self) -> None:
        """Take over what a scan has found, if it has ended, or what a killed judge has left."""
        outcome = self._scan.outcome() if self._scan else None
        if self._scan and outcome is None:
            return
        if outcome:
            self._scan_ended(outcome)
        if self._folder.scan_ledger.exists():
            self._bring_rings_back()

    def _scan_ended(self, outcome: ScanOutcome) -> None:
        self._scan, self._state.scanning = None, False
        self._state.last_scan = outcome
        counts, failed = {"findings": outcome.findings, "new": outcome.new}, bool(outcome.error)
        tell_work("judge.scan", outcome.began, outcome.seconds, counts, failed=failed)
        self._screening.learn(outcome)
        self._unscanned = self._unscanned or bool(outcome.error)
        self._note(outcome.line)

    def _bring_rings_back(self) -> None:
        try:
            bring_rings_back(self._folder, self._opened(), self._settings)
        except LedgerError as error:
            if is_fault_of_machine(error):
                raise
            remove_snapshot(self._folder)
            self._note(f"the rings that a scan found may get new names: {error}")

    def _failed(self, error: Exception) -> None:
        """Say what failed, once, and wait before the next attempt."""
        if isinstance(error, SettingsError):
            raise error
        said = str(error) or type(error).__name__
        if said != self._state.error:
            self._note(f"{said}; it is tried again")
        self._state.error, self._state.doing = said, "waiting"
        with suppress(RingfenceError):
            self._close()
        self._stop.wait(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)
