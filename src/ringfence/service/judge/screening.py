"""Screen the accounts of each fold; those past the volume gate are examined beside the judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ringfence.errors import RingfenceError
from ringfence.ledger import Ledger
from ringfence.ledger.account_files import write_accounts
from ringfence.service.files import ServiceFolder
from ringfence.service.judge.folding import FoldOutcome
from ringfence.service.judge.options import JudgeOptions
from ringfence.service.judge.scan_outcome import ScanOutcome
from ringfence.service.judge.screen_process import ScreenOutcome, ScreenProcess
from ringfence.service.judge.volume_gate import VolumeWatch
from ringfence.settings import Settings


@dataclass
class ScreenState:
    """The part of the judge's status that is about screening.

    Attributes:
        waiting: accounts past the volume gate that wait for an examination.
        examined: examinations of an account.
        cases: cases that were opened.
        gate_seconds: how long the look at the accounts of the last fold took.
        seconds: how long the last examination took, with the copy of its accounts.
        error: why the last one failed; empty if it did not.
    """

    waiting: int = 0
    examined: int = 0
    cases: int = 0
    gate_seconds: float = 0.0
    seconds: float = 0.0
    error: str = ""


class AccountScreening:
    """Screens accounts after each fold. Nothing that it does can stop a fold or a scan.

    Args:
        folder: of the service.
        settings: of scans.
        options: the operator's tables.
        state: what the status says.
        note: receives lines for an operator.
    """

    def __init__(
        self,
        folder: ServiceFolder,
        settings: Settings,
        options: JudgeOptions,
        state: ScreenState,
        note: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._options = options
        self._state = state
        self._note = note
        self._watch = VolumeWatch()
        self._process: ScreenProcess | None = None
        self._asked = 0
        self._stale = False
        self._began = 0.0

    @property
    def has_ended(self) -> bool:
        """Whether an examination has ended, so that the next one can begin."""
        return self._process is not None and self._process.has_answered

    def learn(self, scan: ScanOutcome | None) -> None:
        """Take over what a whole scan has learned from the population."""
        if scan is None or scan.error or not self._options.screens:
            return
        self._watch.learn(scan.gates)
        self._stale = self._watch.learned

    def look(self, ledger: Ledger, fold: FoldOutcome) -> None:
        """Look at the accounts of a fold."""
        if not self._watch.learned:
            return
        began = time.monotonic()
        try:
            self._watch.look(ledger.engine, fold.numbers)
        except RingfenceError as error:
            self._failed(str(error))
        self._state.waiting = self._watch.waiting
        self._state.gate_seconds = time.monotonic() - began

    def go_on(self, opened: Callable[[], Ledger]) -> None:
        """Take over an examination that has ended, and begin the next one."""
        try:
            self._end()
            self._begin(opened)
        except (RingfenceError, OSError) as error:
            self._failed(str(error))
        self._state.waiting = self._watch.waiting

    def stop(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process:
            process.stop()

    def _end(self) -> None:
        outcome = self._process.outcome() if self._process else None
        if self._process and self._process.ended:
            self.stop()
        if outcome is None:
            return
        self._folder.screened_part.unlink(missing_ok=True)
        self._state.seconds = time.monotonic() - self._began
        self._took_over(outcome)

    def _took_over(self, outcome: ScreenOutcome) -> None:
        if outcome.error:
            self._failed(outcome.error)
            return
        self._state.error = ""
        self._state.examined += self._asked
        self._state.cases += outcome.new
        if outcome.new:
            self._note(
                f"screened in {outcome.seconds:.1f} s: {self._asked:,} accounts, "
                f"{outcome.new:,} new cases"
            )

    def _begin(self, opened: Callable[[], Ledger]) -> None:
        if not self._watch.learned or (self._process and self._process.busy):
            return
        if self._stale or self._watch.waiting:
            self._process = self._process or ScreenProcess(self._folder, self._settings)
        if self._process and self._stale:
            self._asked, self._stale, self._began = 0, False, time.monotonic()
            self._process.prepare()
        elif self._process and self._watch.waiting:
            self._began = time.monotonic()
            keys = self._watch.next()
            self._folder.screened_part.unlink(missing_ok=True)
            write_accounts(opened().engine, self._folder.screened_part, keys)
            self._asked = int(keys.size)
            self._process.examine()

    def _failed(self, why: str) -> None:
        if why != self._state.error:
            self._note(f"accounts were not screened, and wait for the next scan: {why}")
        self._state.error = why
