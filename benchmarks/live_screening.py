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
from ringfence.ledger import open_writable
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


class Service:
    """A ledger that is folded, screened and scanned here, as the judge does it.

    Args:
        folder: of its files.
        all_events: events of all accounts.
        sampled: number of accounts of the sample.
    """

    def __init__(self, folder: Path, all_events: Columns, sampled: int) -> None:
        self.out = Outcome()
        self._folder = folder
        self._events = all_events
        self._sampled = sampled
        self._settings, self._tests = Settings(), all_tests()
        self._ledger = open_writable(folder / "ledger.duckdb", self._settings)
        self._population = folder / "population.duckdb"
        self._screening: Screening | None = None
        self._watch = VolumeWatch()
        self._examined: tuple[Keys, Floats] | None = None

    def fold(self, since: np.datetime64, until: np.datetime64) -> int:
        """Fold the events of a time, and return the number of their source."""
        chosen = (self._events["ts"] >= since) & (self._events["ts"] < until)
        file = self._folder / f"events-{since}.parquet"
        write_events(file, {name: values[chosen] for name, values in self._events.items()})
        (source,) = find_sources([file], self._ledger.engine.scratch)
        return self._ledger.fold(source).number

    def screen(self, source: int, period: int) -> None:
        """Screen the accounts of a source."""
        self._examined = None
        keys = self._watch.passing(self._ledger.engine, [source])
        if not keys.size or self._screening is None:
            return
        part = self._folder / "screened.duckdb"
        write_accounts(self._ledger.engine, part, keys)
        began = time.process_time()
        found = self._screening.examine(part)
        self.out.examining.append(time.process_time() - began)
        part.unlink()
        self.out.screened += int(keys.size)
        if self._screening.scored:
            self._examined = keys, _p_values(self._screening.scored, keys)
        for one in found:
            self.out.early.setdefault(one.id, period)

    def scan(self, period: int, *, counts: bool) -> None:
        """Judge all accounts; if it counts, the next screenings are based on it."""
        began = time.process_time()
        self._ledger.compact()
        measured = measure(self._ledger)
        scored = judge(measured.context, lambda _: None, self._tests)
        self.out.scanning.append(time.process_time() - began)
        if self._examined:
            keys, before = self._examined
            self.out.certainty += (_p_values(scored, keys) / before).tolist()
        rate = self._settings.verdicts.false_accusation_rate
        names = list(map(str, scored.accounts["account"][account_verdicts(scored, rate) != ""]))
        if period >= 0:
            self.out.truth.append(frozenset(names))
        if not counts:
            return
        for name in names:
            self.out.whole.setdefault(name, period)
        self.close()
        saved = save_sample(measured, scored, self._population, self._sampled)
        self._screening = Screening(self._population, self._settings, self._tests)
        self._watch.learn(saved.gates)

    def close(self) -> None:
        """Close the sample."""
        if self._screening:
            self._screening.close()

    def end(self) -> None:
        """Close everything."""
        self.close()
        self._ledger.engine.close()


def _p_values(scored: ScoredAccounts, keys: Keys) -> Floats:
    """Return the fused p-values of accounts, by ascending key."""
    return scored.fused[np.isin(scored.accounts["account_key"], keys)]


def run(accounts: int, sampled: int, seed: int, folder: Path) -> Outcome:
    """Screen the periods of one seed."""
    all_events = events(accounts, seed)
    start = all_events["ts"].min()
    begin = start + np.timedelta64(KNOWN_DAYS * 24, "h")
    service = Service(folder, all_events, sampled)
    service.fold(start, begin)
    service.scan(-1, counts=True)
    for period in range(PERIODS):
        since = begin + period * PERIOD
        service.screen(service.fold(since, since + PERIOD), period)
        service.scan(period, counts=(period + 1) % WHOLE_EVERY == 0)
    service.end()
    return service.out


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
