"""Scan the ledger of the service as ``ringfence scan --ledger --cases`` does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
from ringfence.service.judge.case_files import write_case_charts
from ringfence.service.judge.options import JudgeOptions, cases_address
from ringfence.settings import Settings
from ringfence.verdicts import ScoredAccounts

_ALL_SOURCES: Final = 1_000_000


@dataclass(frozen=True)
class ScanOutcome:
    """The outcome of one scan.

    Attributes:
        began: when it began, seconds since 1970.
        seconds: how long it took.
        findings: number of findings.
        new: number of findings that are new or have changed.
        withheld: why no account was judged; empty if accounts were.
        error: why the scan failed; empty if it did not.
        gates: new items per window from which accounts are examined before the next scan.
        at_risk: what the accounts of cases that wait hold together: the number of these
            ``accounts``, of ``items``, and their shares of the ``catalogue`` and of ``use``.
    """

    began: float
    seconds: float = 0.0
    findings: int = 0
    new: int = 0
    withheld: str = ""
    error: str = ""
    gates: Mapping[str, float] = field(default_factory=dict)
    at_risk: Mapping[str, float] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """One line for an operator."""
        if self.error:
            return f"the scan failed: {self.error}"
        if self.withheld:
            return f"the scan judged no account: {self.withheld}"
        return (
            f"scanned in {self.seconds:.1f} s: {self.findings:,} findings, {self.new:,} new or "
            "changed"
        )


def scan_ledger(folder: ServiceFolder, settings: Settings, options: JudgeOptions) -> ScanOutcome:
    """Scan the copy of the ledger. Cases are opened and the policy is applied as in any scan.

    Args:
        folder: of the service, with a copy of its ledger that nobody has open.
        settings: of the scan.
        options: the operator's tables.
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
            catalogue=options.catalogue,
            accounts=options.accounts,
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
