"""Measure the incident live: what 480 extractors take before the last of them is stopped.

    python -m benchmarks.live_incident [--users 2000] [--extractors 48] [--items 25600000]
        [--series docs/images/live-incident.json] [--write docs/benchmarks.md]
    python -m benchmarks.live_incident --join ONE.json OTHER.json [--write docs/benchmarks.md]

The second command makes the table from the series of earlier runs, such as ``--only`` makes them.

Users and extractors are simulated at accelerated time. Each request asks the gate first, with the
budget and the standings of the service. An allowed request goes through the log, the fold, the
feed, scans on a schedule, cases and the policy, with the code of the service. Only the hop over
HTTP is left out.

The rows are: no protection, the budget alone, verdicts on accounts, and rings as well.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.page import publish, table

from ringfence.cases import open_store
from ringfence.lab.live import AccessReplay
from ringfence.lab.simulate import CatalogueLaw, Scenario, load_scenario
from ringfence.lab.simulate.catalogue import share_of_top
from ringfence.lab.simulate.plan import ScenarioPlan
from ringfence.lab.simulate.users import KINDS
from ringfence.ledger import open_writable
from ringfence.policy_settings import PolicyRule
from ringfence.service.authorize.gate import Gate
from ringfence.service.authorize.standings import StandingReader
from ringfence.service.event_log import Batch, LogWriter
from ringfence.service.exposure.budget import BudgetRule
from ringfence.service.exposure.feed import read_feed, remove_feed
from ringfence.service.exposure.keys import load_secret, name_hash
from ringfence.service.exposure.state import ExposureSize, ExposureState
from ringfence.service.files import ServiceFolder
from ringfence.service.judge import SegmentFolder
from ringfence.service.judge.options import record_settings
from ringfence.service.judge.scanning import scan_ledger
from ringfence.service.judge.snapshot import bring_rings_back, take_snapshot
from ringfence.settings import Settings
from ringfence.stats.seconds import DAY, HOUR

HALF_YEAR: Final = 180
PER_DAY: Final = 1_000
STEP: Final = HOUR
"""Seconds of simulated time between two folds."""

ACCOUNTS_ONLY: Final = (
    PolicyRule(kind="account", verdict="extracting", action="suspend", automatic=True, days=0),
)
WITH_RINGS: Final = (
    PolicyRule(kind="ring", action="challenge", automatic=True, days=0),
    *ACCOUNTS_ONLY,
)
ALONE: Final = ("no protection", "budget alone")
"""The runs without users."""

PROTECTIONS: Final = {
    "budget and verdicts": ACCOUNTS_ONLY,
    "budget, verdicts and rings": WITH_RINGS,
}
"""The rules of the policy in each run with users."""

START: Final = 1_700_000_000

SIZES: Final = ("users", "extractors", "items", "scan_hours")

HEADER: Final = (
    *("protection", "extractors stopped", "days until the last", "items taken"),
    *("of the catalogue", "of all use", "users refused", "of users"),
)


@dataclass
class Outcome:
    """The course of one run.

    Attributes:
        name: of the protection.
        stopped: number of extractors that were stopped.
        days: from the first request of the extractors until the last was stopped.
        taken: number of items that they got.
        share: of the catalogue.
        use: share of all use that these items have; NaN if it was not computed.
        denied: users who were refused something, by kind.
        users: number of users; 0 if none took part.
        series: day, share of the catalogue, and number of stopped extractors.
        cpu: processor seconds by part.
        scans: one line about each scan.
    """

    name: str
    stopped: int
    days: float
    taken: int
    share: float
    use: float
    denied: dict[str, int] = field(default_factory=dict)
    users: int = 0
    series: list[tuple[float, float, int]] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    scans: list[str] = field(default_factory=list)


class Live:
    """The service, in this process, at the time of the events.

    Args:
        folder: of the service.
        settings: with the policy.
    """

    def __init__(self, folder: ServiceFolder, settings: Settings) -> None:
        folder.create()
        self.folder, self.settings = folder, settings
        self.cases = str(folder.cases)
        open_store(self.cases).close()
        secret = load_secret(folder)
        self._number = name_hash(secret)
        self._known: dict[str, int] = {}
        self.state = ExposureState(folder, secret, BudgetRule(), ExposureSize(30_000_000, 100_000))
        self.gate = Gate(self.state, shadow=False)
        self._standings = StandingReader(self.cases, self._number)
        self._ledger = open_writable(folder.ledger, record_settings(settings))
        self._writer = LogWriter(folder.log)
        self.cpu: dict[str, float] = dict.fromkeys(("gate", "fold", "scan"), 0.0)

    def ask(self, questions: Sequence[tuple[str, str, float]]) -> list[tuple[str, str]]:
        """Ask the gate, as the process that answers gateways does."""
        return [self._answer(*one) for one in questions]

    def _answer(self, account: str, item: str, moment: float) -> tuple[str, str]:
        number = self._known.get(account)
        if number is None:
            number = self._known[account] = self._number(account)
        answer = self.gate.answer(number, self._number(item), item, moment)
        return answer.action, answer.why

    def fold(self, records: Sequence[str], moment: int) -> None:
        """Store records, fold them, and count the feed."""
        began = time.process_time()
        if records:
            self._writer.append([Batch("events", "", "".join(records).encode())])
        self._writer.close()
        folder = SegmentFolder(self.folder, self._ledger, print)
        while folder.fold_waiting():
            pass
        for number, rows in read_feed(self.folder, self.state.position):
            self.state.count(rows, moment)
            self.state.passed(number)
        remove_feed(self.folder, self.state.position)
        self._writer = LogWriter(self.folder.log)
        self.cpu["fold"] += time.process_time() - began

    def scan(self) -> str:
        """Scan a copy of the ledger, decide, and read the standings."""
        began = time.process_time()
        self._ledger.engine.run("CHECKPOINT")
        take_snapshot(self.folder)
        outcome = scan_ledger(self.folder, self.settings)
        bring_rings_back(self.folder, self._ledger, self.settings)
        self.gate.standings = self._standings.changed() or self.gate.standings
        self.cpu["scan"] += time.process_time() - began
        return outcome.line

    def close(self) -> None:
        """Close all files."""
        self._writer.close()
        self._standings.close()
        self._ledger.engine.close()
        self.state.close()


def enforcing(rules: Sequence[PolicyRule]) -> Settings:
    """Return settings whose policy takes effect without limits per day."""
    settings = Settings()
    policy = settings.policy.model_copy(
        update={
            "mode": "enforce",
            "rules": tuple(rules),
            "most_suspensions_per_day": 1_000_000,
            "most_share_per_day": 1.0,
        }
    )
    return settings.model_copy(update={"policy": policy})


def live(name: str, scenario: Scenario, scan_hours: int, first_scan: float) -> Outcome:
    """Run the incident until all extractors are stopped, or to the end of the scenario."""
    plan = ScenarioPlan(scenario)
    first_day = scenario.attack[0].start_day
    with tempfile.TemporaryDirectory() as scratch:
        service = Live(ServiceFolder(Path(scratch) / "live"), enforcing(PROTECTIONS[name]))
        replay = AccessReplay(plan, service.ask)
        tally = replay.tally
        series: list[tuple[float, float, int]] = []
        scans: list[str] = []
        began = time.monotonic()
        for end, batch in replay.steps(STEP):
            cpu = time.process_time()
            records = replay.play(batch)
            service.cpu["gate"] += time.process_time() - cpu
            service.fold(records, replay.start + int(end))
            day = end / DAY - first_day
            series.append((round(day, 3), float(f"{tally.share:.6g}"), len(tally.stopped)))
            if tally.is_over:
                break
            if end % (scan_hours * HOUR) == 0 and day >= first_scan:
                scans.append(f"day {day:.2f}: {service.scan()}")
                print(
                    f"{name}, {scans[-1]}; stopped {len(tally.stopped)}, "
                    f"taken {tally.share:.3%}, users refused {len(tally.denied)}, "
                    f"{tally.requests:,} requests, {time.monotonic() - began:.0f} s",
                    flush=True,
                )
        service.close()
        last = max(tally.stopped.values(), default=float("nan"))
        denied = Counter(KINDS[plan.kind[account]] for account in tally.denied)
        return Outcome(
            name, len(tally.stopped),
            (last - replay.start) / DAY - first_day if tally.is_over else float("nan"),
            len(tally.taken), tally.share, _use(plan, tally.taken), dict(denied),
            plan.users.accounts, series, service.cpu, scans,
        )  # fmt: skip


def _use(plan: ScenarioPlan, items: Collection[int]) -> float:
    return float(plan.law.popularity(np.fromiter(items, np.int64, len(items))).sum() / 1e9)


def most_used(law: CatalogueLaw, items: int) -> float:
    """Return the share of all use of the most used items."""
    return share_of_top(law.level, law.shift, law.exponent, items)


def alone(name: str, scenario: Scenario, rule: BudgetRule | None, sample: int) -> Outcome:
    """Run extractors without users for 180 days: the budget treats each account for itself.

    Args:
        name: of the protection.
        scenario: with the number of extractors, and of items.
        rule: the budget; None for no protection.
        sample: extractors that are run. All have the same pace, so the rest is a multiple.
    """
    law = CatalogueLaw.of(scenario.catalogue.items)
    extractors = scenario.attack[0].load().strategy.accounts
    series: list[tuple[float, float, int]] = []
    sample = min(sample, extractors)
    with tempfile.TemporaryDirectory() as scratch:
        folder = ServiceFolder(Path(scratch))
        size = ExposureSize(sample * HALF_YEAR * PER_DAY, 1_000)
        state = ExposureState(folder, bytes(range(32)), rule or BudgetRule(), size, START)
        gate = Gate(state, shadow=False)
        got = [0] * sample
        for number in range(HALF_YEAR * PER_DAY):
            for account in range(sample if rule else 0):
                item = got[account] + account * HALF_YEAR * PER_DAY + 1
                moment = START + (number * DAY + account) // PER_DAY
                got[account] += gate.answer(account + 1, item, "", moment).action == "allow"
            if (number + 1) % (PER_DAY // 4) == 0:
                each = sum(got) / sample if rule else number + 1
                share = each * extractors / scenario.catalogue.items
                series.append(((number + 1) / PER_DAY, float(f"{share:.6g}"), 0))
        state.close()
    taken = round(each * extractors)
    use = most_used(law, min(taken, law.items))
    return Outcome(name, 0, float("nan"), taken, share, use, series=series)


def row(outcome: Outcome, extractors: int) -> tuple[str, ...]:
    """Return the row of a run."""
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(outcome.denied.items()))
    users = outcome.users
    return (
        outcome.name,
        f"{outcome.stopped:,} of {extractors:,}",
        "never in 180 days" if not users else f"{outcome.days:.2f}",
        f"{outcome.taken:,}",
        f"{outcome.share:.2%}",
        f"{outcome.use:.1%}",
        (f"{sum(outcome.denied.values()):,}" + (f" ({kinds})" if kinds else "")) if users else "-",
        f"{users:,}" if users else "-",
    )


def scaled(users: int, extractors: int, items: int, days: int, seed: int | None) -> Scenario:
    """Return the scenario of the incident at another size, cut after some days."""
    scenario = load_scenario("incident").with_seed(seed)
    attack = scenario.attack[0]
    own = attack.model_copy(update={"parameters": {"accounts": extractors, "days": days}})
    return scenario.with_columns(("client", "surface", "seconds")).model_copy(
        update={
            "days": days,
            "catalogue": scenario.catalogue.model_copy(update={"items": items}),
            "users": scenario.users.model_copy(update={"accounts": users}),
            "attack": (own,),
        }
    )


def main() -> None:
    """Run the incident under each protection, and publish the table and the series."""
    options = _options()
    if options.join:
        parts = [json.loads(path.read_text(encoding="utf-8")) for path in options.join]
        sizes, outcomes = (
            parts[0]["sizes"],
            [Outcome(**one) for part in parts for one in part["runs"]],
        )
        found = {one.name: one for one in outcomes}
        outcomes = [found[name] for name in (*ALONE, *PROTECTIONS) if name in found]
    else:
        sizes = {name: getattr(options, name) for name in SIZES}
        outcomes = list(_runs(options))
    for one in outcomes:
        print(one.name, {part: round(spent) for part, spent in one.cpu.items()}, *one.scans)
    if options.series:
        runs = [asdict(one) for one in outcomes]
        text = json.dumps({"sizes": sizes, "runs": runs}, separators=(",", ":"))
        options.series.write_text(f"{text}\n", encoding="utf-8")
    rows = table(HEADER, [row(one, sizes["extractors"]) for one in outcomes])
    publish(options.section, f"{_conditions(sizes)}\n\n{rows}", options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--extractors", type=int, default=480)
    parser.add_argument("--items", type=int, default=256_000_000)
    parser.add_argument("--days", type=int, default=8, help="days of the runs with users")
    parser.add_argument("--scan-hours", type=int, default=6, help="simulated hours between scans")
    parser.add_argument(
        "--first-scan", type=float, default=-1, help="days from the first request of extractors"
    )
    parser.add_argument("--sample", type=int, default=8, help="extractors run for 180 days")
    parser.add_argument("--only", nargs="*", choices=tuple(PROTECTIONS), default=[*PROTECTIONS])
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--join", type=Path, nargs="+", metavar="FILE", help="series to put together"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    parser.add_argument("--section", default="live_incident", help="name of the table's place")
    parser.add_argument("--series", type=Path, metavar="FILE", help="JSON for the chart")
    return parser.parse_args()


def _runs(options: argparse.Namespace) -> Iterator[Outcome]:
    scenario = scaled(options.users, options.extractors, options.items, options.days, options.seed)
    for name, rule in zip(ALONE, (None, BudgetRule()), strict=True):
        yield alone(name, scenario, rule, options.sample)
    for name in options.only:
        yield live(name, scenario, options.scan_hours, options.first_scan)


def _conditions(sizes: Mapping[str, int]) -> str:
    return (
        f"{sizes['extractors']:,} extractors at {PER_DAY:,} items per day among "
        f"{sizes['users']:,} users, in a catalogue of {sizes['items']:,} items. A scan begins "
        f"every {sizes['scan_hours']} simulated hours."
    )


if __name__ == "__main__":
    main()
