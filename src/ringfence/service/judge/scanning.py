"""Scan the ledger of the service as ``ringfence scan --ledger --cases`` does."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Final

from ringfence.cases import open_store
from ringfence.cases.listing import waiting_accounts
from ringfence.engine import Engine
from ringfence.errors import RingfenceError
from ringfence.pipeline.coverage_at_risk import coverage_at_risk
from ringfence.pipeline.population_sample import save_sample
from ringfence.pipeline.result import ScanResult
from ringfence.pipeline.scan import scan
from ringfence.pipeline.steps import Measurement
from ringfence.service.files import ServiceFolder
from ringfence.service.files.heartbeat import beat
from ringfence.service.files.parent_watch import end_with_parent
from ringfence.service.judge.case_files import write_case_charts
from ringfence.service.judge.options import cases_address
from ringfence.service.judge.scan_outcome import ScanOutcome
from ringfence.service.judge.scan_process import read_task
from ringfence.settings import Settings
from ringfence.verdicts import ScoredAccounts

_ALL_SOURCES: Final = 1_000_000
_NICENESS: Final = 5
"""Folds and answers to gateways go before scans."""


def scan_ledger(folder: ServiceFolder, settings: Settings) -> ScanOutcome:
    """Scan the copy of the ledger. Cases are opened and the policy is applied as in any scan.

    Args:
        folder: of the service, with a copy of its ledger that nobody has open.
        settings: of the scan, with the operator's tables.
    """
    began, clock = time.time(), time.monotonic()
    gates: dict[str, float] = {}
    at_risk: dict[str, float] = {}

    def show(engine: Engine, result: ScanResult) -> None:
        write_case_charts(folder, result.findings)
        at_risk.update(_at_risk(engine, result, cases_address(folder, settings)))

    def keep(measured: Measurement, scored: ScoredAccounts) -> None:
        gates.update(save_sample(measured, scored, folder.population).gates)

    try:
        result = scan(
            settings=_without_aging(settings),
            ledger=folder.scan_ledger,
            cases=cases_address(folder, settings),
            catalogue=settings.service.catalogue,
            accounts=settings.service.accounts,
            out=folder.report,
            when_judged=keep,
            when_recorded=show,
        )
    except RingfenceError as error:
        return ScanOutcome(began, time.monotonic() - clock, error=str(error))
    if result.withheld:
        # Accounts that a whole scan cannot judge are not judged between two scans either.
        folder.population.unlink(missing_ok=True)
    ended = _outcome(result, began, time.monotonic() - clock)
    return replace(ended, gates=gates, at_risk=at_risk)


def _at_risk(engine: Engine, result: ScanResult, cases: str) -> dict[str, float]:
    """Return what the accounts of all cases that wait hold together.

    Raises:
        CasesError: the store fails.
    """
    with open_store(cases) as store, store.reading() as connection:
        accounts = waiting_accounts(connection)
    items, coverage = coverage_at_risk(engine, result.catalogue, accounts)
    return {
        "accounts": len(accounts),
        "items": items,
        "catalogue": coverage.catalogue,
        "use": coverage.use,
    }


def _without_aging(settings: Settings) -> Settings:
    """Return settings with which a scan does not rewrite the copy, which is removed anyway."""
    kept = settings.ledger.model_copy(update={"recent_sources": _ALL_SOURCES})
    return settings.model_copy(update={"ledger": kept})


def _outcome(result: ScanResult, began: float, seconds: float) -> ScanOutcome:
    new = sum(one.case is not None and one.case.status != "known" for one in result.findings)
    worthless = [one.text for one in result.warnings if one.worthless]
    withheld = (worthless or ["the input is not plausible"])[0] if result.withheld else ""
    return ScanOutcome(began, seconds, len(result.findings), new, withheld)


def run_scan(heart: int) -> None:
    """Do the task in the standard input, and print the outcome: the program of the process.

    Args:
        heart: the pipe for signs of life.
    """
    beat(heart)
    with suppress(OSError):
        os.nice(_NICENESS)
    folder, settings = read_task(sys.stdin.buffer.readline())
    end_with_parent()
    outcome = scan_ledger(folder, settings)
    sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
