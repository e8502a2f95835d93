"""Measure how honest users of unusual kinds are judged, kind by kind.

    python -m benchmarks.fairness [--kind KIND ...] [--share 0.01 0.1 0.3]
        [--accounts 60 1000 20000] [--without COLUMN ...] [--seeds 3] [--keep FILE]
        [--write docs/honest-users.md]

Every run is the permanent scenario ``honest-KIND``, with another number of accounts if one is
given, and another share of the kind and seed. It is scanned through the public path, as an operator
would scan its events. Nobody extracts in any of them. A run takes 5 to 60 seconds. The services
``music``, ``library`` and ``listeners`` have 20,000 users of many kinds; one scan gives a row per
kind. ``--without`` leaves columns out of the log. With ``--keep``, the rows of earlier calls are in
a file, and the table has those too.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.page import publish, table

import ringfence
from ringfence.lab.evaluate.population import BULK
from ringfence.lab.evaluate.summary import estimate_share
from ringfence.lab.simulate import (
    Scenario,
    Truth,
    load_scenario,
    read_truth,
    scenario_names,
    write_scenario,
)
from ringfence.stats.arrays import Columns
from ringfence.verdicts.error_control import MIN_SCAN_SIZE_FOR_SUSPECTS

PREFIX: Final = "honest-"

KINDS: Final = tuple(
    kind
    for name in scenario_names()
    if name.startswith(PREFIX)
    for kind in load_scenario(name).users.kinds
    if name == PREFIX + kind
)
"""Kinds of users with a scenario of their own."""

CROWDS: Final = ("reader", "visitor", "browser", "news")
"""Scenarios that are measured as they are, at their own shares."""

SERVICES: Final = ("music", "library", "listeners")
"""Scenarios with users of many kinds. The first two have shares that a service could have."""

ITEMS_PER_ACCOUNT: Final = 200
FEWEST_ITEMS: Final = 20_000
"""Size of the catalogue: it grows with the accounts, as in the scenarios, and is never tiny."""

MOST_UNUSUAL: Final = 5
"""Accounts whose lowest evidence is named: those of the kind with the smallest p-values."""


@dataclass(frozen=True)
class Outcome:
    """The verdicts on the users of one kind, and on all others beside them, in one scan.

    Attributes:
        accounts: accounts that were judged, all of them honest.
        of_kind: those of the kind.
        apart: accounts of the kind that were set apart as declared robots.
        accused: accounts of the kind with the verdict extracting, alone or as members of a ring.
        suspects: suspects of the kind.
        others_accused: accused accounts of other kinds.
        others_suspects: suspects of other kinds.
        least: the smallest p-value of the kind, 1 without accounts.
        rings: rings that were found; every one of them consists of honest accounts.
        certain: rings with the verdict extracting.
        in_rings: accounts in rings, of any kind.
        least_ring: the smallest p-value of a ring, 1 without rings.
        lowest: for each of the kind's :data:`MOST_UNUSUAL` accounts, the tests with its smallest
            p-values.
    """

    accounts: int
    of_kind: int
    apart: int
    accused: int
    suspects: int
    others_accused: int
    others_suspects: int
    least: float
    rings: int
    certain: int
    in_rings: int
    least_ring: float
    lowest: tuple[str, ...]


def scenario_of(kind: str, *, share: float | None, accounts: int | None, seed: int) -> Scenario:
    """Return the scenario of a kind with another size, share and seed.

    Args:
        kind: a kind of users with a scenario of its own, or one of :data:`CROWDS` or
            :data:`SERVICES`.
        share: share of the kind in the population; None leaves the scenario's own.
        accounts: number of accounts; None leaves the scenario's own.
        seed: added to the scenario's own seed.
    """
    scenario = load_scenario(PREFIX + kind)
    kinds = dict(scenario.users.kinds)
    accounts = accounts or scenario.users.accounts
    if share is not None:
        kinds[kind] = max(1, round(share * accounts))
    users = scenario.users.model_copy(update={"accounts": accounts, "kinds": kinds})
    items = scenario.catalogue.items
    if kind not in SERVICES:
        items = max(ITEMS_PER_ACCOUNT * accounts, FEWEST_ITEMS)
    catalogue = scenario.catalogue.model_copy(update={"items": items})
    update = {"users": users, "catalogue": catalogue, "seed": scenario.seed + 1_000 * seed}
    return scenario.model_copy(update=update)


def without(scenario: Scenario, columns: Sequence[str]) -> Scenario:
    """Return a scenario whose log lacks some columns; its users do the same.

    Args:
        scenario: a scenario.
        columns: names of optional columns.
    """
    kept = tuple(name for name in scenario.columns if name not in columns)
    return scenario.model_copy(update={"columns": kept})


def judge(scenario: Scenario, kind: str, scratch: Path) -> Outcome:
    """Write a scenario, scan its events and return how a kind of users was judged.

    Args:
        scenario: a scenario without attacks.
        kind: a kind of users in it.
        scratch: an existing folder.
    """
    return judge_kinds(scenario, (kind,), scratch)[kind]


def judge_kinds(scenario: Scenario, kinds: Iterable[str], scratch: Path) -> dict[str, Outcome]:
    """Write a scenario, scan its events once and return how some kinds of users were judged.

    Args:
        scenario: a scenario without attacks.
        kinds: kinds of users in it.
        scratch: an existing folder.
    """
    write_scenario(scenario, scratch)
    result = ringfence.scan(str(scratch / "events" / "*.parquet"))
    truth = read_truth(scratch / "truth.parquet")
    return {kind: outcome_of(result, truth, kind) for kind in kinds}


def outcome_of(result: ringfence.ScanResult, truth: Truth, kind: str) -> Outcome:
    """Return how the users of a kind were judged. Accounts with permitted bulk access are left out.

    Args:
        result: the scan of a scenario without attacks.
        truth: the kinds of its accounts.
        kind: a kind of users in it.
    """
    read: Columns = {name: result.accounts.column(name) for name in result.accounts.columns}
    kinds = np.array([truth.kinds[account] for account in read["account"]], object)
    judged = ~np.isin(kinds, list(BULK - {kind}))
    own, other = kinds == kind, judged & (kinds != kind)
    verdict = read["verdict"]
    p_values = np.nan_to_num(read["p_value"].astype(np.float64), nan=1.0)
    rings = [found for found in result.findings if found.kind == "ring"]
    return Outcome(
        accounts=int(judged.sum()),
        of_kind=int(own.sum()),
        apart=sum(truth.kinds.get(robot.account) == kind for robot in result.robots),
        accused=int((verdict[own] == "extracting").sum()),
        suspects=int((verdict[own] == "suspect").sum()),
        others_accused=int((verdict[other] == "extracting").sum()),
        others_suspects=int((verdict[other] == "suspect").sum()),
        least=float(p_values[own].min(initial=1.0)),
        rings=len(rings),
        certain=sum(ring.verdict == "extracting" for ring in rings),
        in_rings=len({account for ring in rings for account in ring.accounts}),
        least_ring=min((ring.p_value for ring in rings), default=1.0),
        lowest=tuple(_lowest(read, np.flatnonzero(own)[np.argsort(p_values[own])[:MOST_UNUSUAL]])),
    )


def _lowest(read: Columns, rows: np.ndarray) -> Iterator[str]:
    """Yield the tests with the two smallest p-values of some accounts."""
    tests = [name for name in read if name.startswith("p_") and name != "p_value"]
    for row in rows:
        values = np.array([np.nan_to_num(read[name][row], nan=1.0) for name in tests], np.float64)
        yield from (tests[n].removeprefix("p_") for n in np.argsort(values)[:2] if values[n] < 0.1)


HEADER: Final = (
    "kind", "accounts", "share", "of the kind", "accused", "95 % interval", "suspects",
    "least p-value", "others accused", "others suspects", "promised suspects", "rings accused",
    "accounts in rings", "lowest evidence",
)  # fmt: skip


def row_of(kind: str, share: float | None, outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return one row of the table: the sums over several seeds.

    The interval is the exact one of the chance that an account of the kind is accused. The promise
    is at most one honest suspect per scan, and fewer in scans of fewer than 1,000 accounts.
    """

    def total(name: str) -> int:
        return sum(int(getattr(outcome, name)) for outcome in outcomes)

    of_kind, apart = total("of_kind"), total("apart")
    accused = estimate_share(total("accused"), of_kind) if of_kind else None
    promised = sum(min(1.0, one.accounts / MIN_SCAN_SIZE_FOR_SUSPECTS) for one in outcomes)
    least_ring = min(one.least_ring for one in outcomes)
    lowest = Counter(test for one in outcomes for test in one.lowest)
    return (
        kind,
        f"{total('accounts'):,}",
        "own" if share is None else f"{100 * share:g}%",
        f"{of_kind:,}" + (f" ({apart} apart)" if apart else ""),
        f"{total('accused'):,}",
        f"{accused.low:.2%} – {accused.high:.2%}" if accused else "–",
        f"{total('suspects'):,}",
        f"{min(one.least for one in outcomes):.1e}",
        f"{total('others_accused'):,}",
        f"{total('others_suspects'):,}",
        f"{promised:.2g}",
        f"{total('certain')} of {total('rings')}"
        + (f" (p {least_ring:.0e})" if total("rings") else ""),
        f"{total('in_rings'):,}",
        ", ".join(test for test, _ in lowest.most_common(3)),
    )


def measured(options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    """Yield the rows of all kinds, sizes and shares, and print each as it is ready."""
    print("|", " | ".join((*HEADER, "seconds")), "|", flush=True)
    for accounts in options.accounts:
        for kind in options.kind:
            for share in [None] if kind in (*CROWDS, *SERVICES) else options.share:
                began = time.monotonic()
                scenarios = [
                    without(
                        scenario_of(kind, share=share, accounts=accounts, seed=seed),
                        options.without,
                    )
                    for seed in range(options.seeds)
                ]
                for row in rows_of(kind, share, scenarios):
                    print("|", " | ".join(row), f"| {time.monotonic() - began:.0f} |", flush=True)
                    yield row


def rows_of(
    kind: str, share: float | None, scenarios: Sequence[Scenario]
) -> Iterator[tuple[str, ...]]:
    """Measure one kind, or all kinds of one service, and yield a row for each of them.

    Args:
        kind: a kind, or a service.
        share: share of the kind in the population; None for a service.
        scenarios: scenarios of the kind that differ in their seed.
    """
    shares: dict[str, float | None] = {"feed" if kind == "news" else kind: share}
    if kind in SERVICES:
        users = scenarios[0].users
        shares = {**users.kinds, users.rest: 1.0 - sum(users.kinds.values())}
    outcomes = []
    for scenario in scenarios:
        with tempfile.TemporaryDirectory() as scratch:
            outcomes.append(judge_kinds(scenario, shares, Path(scratch)))
    for one, own in shares.items():
        name = f"{kind}: {one}" if kind in SERVICES else kind
        yield row_of(name, own, [outcome[one] for outcome in outcomes])


def section(accounts: Sequence[int | None], columns: Sequence[str] = ()) -> str:
    """Return the name of the section of a page: other sizes and logs have sections of their own."""
    sizes = [f"{one:,}" for one in accounts if one is not None]
    place = f" in {' and '.join(sizes)} accounts" if sizes else ""
    return f"fairness{place}" + (f" without {' and '.join(columns)}" if columns else "")


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_Raw)
    known = (*KINDS, *CROWDS, *SERVICES)
    parser.add_argument("--kind", nargs="*", choices=known, default=[*KINDS, *CROWDS])
    parser.add_argument("--share", nargs="+", type=float, default=[0.01, 0.1, 0.3])
    parser.add_argument("--accounts", nargs="+", type=int, default=[None])
    parser.add_argument("--without", nargs="+", default=[], metavar="COLUMN")
    parser.add_argument("--seeds", type=int, default=1, help="number of seeds")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="rows, one JSON list per line")
    options = parser.parse_args()
    rows = earlier_rows(options.keep)
    for row in measured(options):
        rows.append(row)
        if options.keep is not None:
            with options.keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
    publish(section(options.accounts, options.without), table(HEADER, rows), options.write)


def earlier_rows(path: Path | None) -> list[tuple[str, ...]]:
    """Return the rows that earlier calls wrote into a file; none if there is no file."""
    if path is None or not path.exists():
        return []
    return [tuple(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


_Raw = argparse.RawDescriptionHelpFormatter

if __name__ == "__main__":
    main()
