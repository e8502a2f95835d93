"""Compare the screening of accounts between two whole scans with whole scans, on many seeds.

    python -m benchmarks.live_screening [--accounts 12000] [--sample 4000] [--seeds 5]
        [--write docs/benchmarks.md]

Each seed makes users, honest accounts that copy a library, and extractors that begin at different
times. After each period, the accounts with events are screened against the last whole scan, which
is up to four periods old. All accounts are also judged in full, which is the truth that a screening
is compared with. Rings are not searched: a screening finds none.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.page import publish, table

from ringfence.events import find_sources
from ringfence.evidence import all_tests
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger.account_files import write_accounts
from ringfence.pipeline.population_sample import SAMPLED, save_sample
from ringfence.pipeline.screening import Screening
from ringfence.pipeline.steps import measure
from ringfence.service.judge.volume_gate import VolumeWatch
from ringfence.settings import Settings
from ringfence.stats.arrays import Columns, Floats, Keys
from ringfence.testing import account, extractor, together, users, write_events
from ringfence.verdicts import ScoredAccounts, account_verdicts, judge

DAYS: Final = 28
KNOWN_DAYS: Final = 21
PERIODS: Final = 16
PERIOD: Final = np.timedelta64(3, "h")
WHOLE_EVERY: Final = 4

RATES: Final = ((24, 60), (24, 41), (10, 100), (24, 20), (16, 12), (8, 40), (24, 10), (4, 400))
"""Hours per day and items per hour of the extractors."""

HEADER: Final = (
    *("seed", "accounts", "sampled", "screened", "findings by screening", "of these honest"),
    *("not in a whole scan at once", "not in the next whole scan"),
    *("found by whole scans", "of these early"),
    *("p-value ratio, 99 %", "p-value ratio, most"),
    *("CPU s per examination", "CPU s of a whole scan"),
)


@dataclass
class Outcome:
    """The verdicts of screenings and of whole scans on one seed.

    Attributes:
        screened: examinations of an account.
        early: period in which each account was first found by screening.
        whole: period in which each account was first found by a whole scan, which are rare.
        truth: accounts that a whole scan would find, by period.
        examining: processor seconds of each examination.
        scanning: processor seconds of each whole scan.
        certainty: p-value in a whole scan at once, divided by that in the screening before the
            margin, of each examination.
    """

    screened: int = 0
    early: dict[str, int] = field(default_factory=dict)
    whole: dict[str, int] = field(default_factory=dict)
    truth: list[frozenset[str]] = field(default_factory=list)
    examining: list[float] = field(default_factory=list)
    scanning: list[float] = field(default_factory=list)
    certainty: list[float] = field(default_factory=list)

    def row(self, seed: int, accounts: int, sampled: int) -> tuple[str, ...]:
        """Return the row of the table."""
        at_once = sum(name not in self.truth[when] for name, when in self.early.items())
        later = sum(
            name not in self.truth[min((when // WHOLE_EVERY + 1) * WHOLE_EVERY, PERIODS) - 1]
            for name, when in self.early.items()
        )
        new = {name: when for name, when in self.whole.items() if when >= 0}
        soon = sum(self.early.get(name, PERIODS) <= when for name, when in new.items())
        return (
            *(f"{one:,}" for one in (seed, accounts, sampled, self.screened, len(self.early))),
            f"{sum(is_honest(name) for name in self.early)}",
            f"{at_once}",
            f"{later}",
            f"{len(new)}",
            f"{soon}",
            f"{np.quantile(self.certainty, 0.99):.2f}",
            f"{max(self.certainty):.2f}",
            f"{np.mean(self.examining) if self.examining else 0:.2f}",
            f"{np.mean(self.scanning):.2f}",
        )


def is_honest(name: str) -> bool:
    """Return whether an account is one of the simulated users."""
    return name.startswith(("user", "copier"))


def events(accounts: int, seed: int) -> Columns:
    """Return the events of all accounts; extractors begin in the periods that are screened."""
    rng = np.random.default_rng(seed)
    tables = [users(accounts, days=DAYS, seed=seed)]
    for number, (hours, per_hour) in enumerate(RATES):
        for late in range(3):
            name = f"taker-{number}-{late}"
            one = extractor(name, days=7, hours=hours, per_hour=per_hour, networks=1 + late)
            one["ts"] = one["ts"] + np.timedelta64(KNOWN_DAYS * 24 - 30 + 24 * late, "h")
            tables.append(one)
    for number in range(20):
        # A copy of a library: albums of ten items of a few dozen groups.
        albums = rng.choice(2_000, 150, replace=False) * 10
        items = (albums[:, None] + np.arange(10)).ravel()
        begins = int(rng.integers(KNOWN_DAYS * 24, (KNOWN_DAYS + 2) * 24)) * 3600
        seconds = begins + np.arange(items.size) * 4
        own = users(1, days=DAYS, seed=seed * 1_000 + number)
        own["account"] = np.full(own["ts"].size, f"copier-{number}", dtype=object)
        tables += [own, account(f"copier-{number}", seconds, items, surface="download")]
    return together(*tables)


def run(accounts: int, sampled: int, seed: int, folder: Path) -> Outcome:
    """Screen the periods of one seed."""
    out, settings, tests = Outcome(), Settings(), all_tests()
    all_events = events(accounts, seed)
    begin = all_events["ts"].min() + np.timedelta64(KNOWN_DAYS * 24, "h")
    ledger = open_writable(folder / "ledger.duckdb", settings)
    population, watch = folder / "population.duckdb", VolumeWatch()
    screening: Screening | None = None
    rate = settings.verdicts.false_accusation_rate
    _fold(ledger, all_events, all_events["ts"] < begin, folder / "known.parquet")
    for period in range(-1, PERIODS):
        numbers, examined, keys = [], None, np.empty(0, np.uint64)
        if period >= 0:
            since = begin + period * PERIOD
            chosen = (all_events["ts"] >= since) & (all_events["ts"] < since + PERIOD)
            numbers = [_fold(ledger, all_events, chosen, folder / f"period-{period}.parquet")]
        if screening:
            keys = watch.passing(ledger.engine, numbers)
            part = folder / "part.duckdb"
            if keys.size:
                write_accounts(ledger.engine, part, keys)
                began = time.process_time()
                found = screening.examine(part)
                out.examining.append(time.process_time() - began)
                part.unlink()
                out.screened += int(keys.size)
                examined = _p_values(screening.scored, keys)
                for one in found:
                    out.early.setdefault(one.id, period)
        began = time.process_time()
        ledger.compact()
        measured = measure(ledger)
        scored = judge(measured.context, lambda _: None, tests)
        out.scanning.append(time.process_time() - began)
        if examined is not None:
            out.certainty += (_p_values(scored, keys) / examined).tolist()
        names = scored.accounts["account"][account_verdicts(scored, rate) != ""]
        if period >= 0:
            out.truth.append(frozenset(map(str, names)))
        if period < 0 or (period + 1) % WHOLE_EVERY == 0:
            for name in map(str, names):
                out.whole.setdefault(name, period)
            if screening:
                screening.close()
            saved = save_sample(measured, scored, population, sampled)
            screening = Screening(population, settings, tests)
            watch.learn(saved.gates)
    ledger.engine.close()
    return out


def _p_values(scored: ScoredAccounts | None, keys: Keys) -> Floats:
    """Return the fused p-values of accounts, by ascending key."""
    assert scored is not None
    return scored.fused[np.isin(scored.accounts["account_key"], keys)]


def _fold(ledger: Ledger, table_of: Columns, chosen: np.ndarray, file: Path) -> int:
    write_events(file, {name: values[chosen] for name, values in table_of.items()})
    (source,) = find_sources([file], ledger.engine.scratch)
    return ledger.fold(source).number


def rows(accounts: int, sampled: int, seeds: int) -> Iterator[tuple[str, ...]]:
    """Yield a row for each seed."""
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as name:
            row = run(accounts, sampled, seed, Path(name)).row(seed, accounts, sampled)
        print(*row, sep="\t", flush=True)
        yield row


def main() -> None:
    """Measure, and publish the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=12_000)
    parser.add_argument("--sample", type=int, default=SAMPLED)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    print(*HEADER, sep="\t")
    text = table(HEADER, list(rows(options.accounts, options.sample, options.seeds)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB")
    publish("live_screening", text, options.write)


if __name__ == "__main__":
    main()
