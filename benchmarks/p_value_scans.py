"""Scan the scenarios of honest kinds once per seed, and keep the p-values of each scan in a file.

A table of ten seeds takes hours. Each scan is written as one JSON line as soon as it is ready, so a
run that was stopped goes on where it ended. A file is of one version of the detection.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from benchmarks.fairness import SERVICES, scenario_of

import ringfence
from ringfence.lab.simulate import read_truth, write_scenario
from ringfence.stats.arrays import Flags


@dataclass(frozen=True)
class ScanPValues:
    """The p-values of the accounts of a kind in one scan.

    Attributes:
        kind: the kind; in a service, its name and the kind, such as ``library: pages``.
        share: share of the kind that was asked for; None for the scenario's own.
        seed: number that was added to the scenario's seed.
        judged: accounts of all kinds that were judged.
        by_test: p-values by the name of their column without ``p_``; ``value`` is the verdict's.
            An account that a test says nothing about has 1.
    """

    kind: str
    share: float | None
    seed: int
    judged: int
    by_test: dict[str, list[float]]

    @property
    def scenario(self) -> str:
        """The kind or the service that was scanned."""
        return self.kind.partition(": ")[0]


def scan_kinds(name: str, share: float | None, seed: int) -> list[ScanPValues]:
    """Write a scenario, scan it once, and return the p-values of its kinds.

    Args:
        name: a kind of users with a scenario of its own, or a service with users of many kinds.
        share: share of the kind in the population; None leaves the scenario's own.
        seed: added to the scenario's own seed.
    """
    scenario = scenario_of(name, share=share, accounts=None, seed=seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_scenario(scenario, folder)
        result = ringfence.scan(str(folder / "events" / "*.parquet"))
        kinds = read_truth(folder / "truth.parquet").kinds
    of_account = np.array([kinds[one] for one in result.accounts.column("account")], object)
    wanted = {name: "feed" if name == "news" else name}
    if name in SERVICES:
        users = scenario.users
        wanted = {f"{name}: {kind}": kind for kind in (*users.kinds, users.rest)}
    return [
        ScanPValues(label, share, seed, of_account.size, by_test(result, of_account == kind))
        for label, kind in wanted.items()
    ]


def by_test(result: ringfence.ScanResult, chosen: Flags) -> dict[str, list[float]]:
    """Return the p-values of some accounts, by test. An account without a p-value has 1."""
    columns = [name for name in result.accounts.columns if name.startswith("p_")]
    return {
        name.removeprefix("p_"): np.nan_to_num(
            np.asarray(result.accounts.column(name), np.float64)[chosen], nan=1.0
        ).tolist()
        for name in columns
    }


def kept_scans(path: Path | None) -> list[ScanPValues]:
    """Return the scans that earlier runs wrote into a file; none if there is no file."""
    if path is None or not path.exists():
        return []
    return [ScanPValues(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def scans_of(
    name: str, share: float | None, seeds: int, keep: Path | None
) -> Iterator[ScanPValues]:
    """Yield the kinds of one scan per seed: those of the file, or of a new scan, which is added.

    Args:
        name: a kind of users with a scenario of its own, or a service.
        share: share of the kind in the population; None leaves the scenario's own.
        seeds: number of scans.
        keep: the file, or None.
    """
    kept = [one for one in kept_scans(keep) if (one.scenario, one.share) == (name, share)]
    for seed in range(seeds):
        known = [one for one in kept if one.seed == seed]
        scans = known or scan_kinds(name, share, seed)
        yield from scans
        if keep is not None and not known:
            with keep.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(asdict(scan)) + "\n" for scan in scans)
