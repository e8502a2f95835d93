"""Measure which stolen logins are found by their own past, and that changed lives are not.

    python -m benchmarks.stolen_logins [--seeds 3] [--write docs/evaluation.md]

The readers are those of ``benchmarks.changing_people``. Each honest change is planted beside
people whose lives do not change. Thieves use a login from abroad at night, beside its owner. The
seeds are not those with which the comparison was built.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.changing_people import (
    AT_OTHER_HOURS,
    DAYS,
    HONEST,
    Life,
    in_one_place,
    people,
    thief,
)
from benchmarks.page import publish, table

from ringfence.lab.evaluate.summary import estimate_share
from ringfence.own_past import measure_own_past
from ringfence.pipeline.steps import find_rings
from ringfence.stats.arrays import Columns
from ringfence.testing import small_ledger
from ringfence.verdicts import combine, judge
from ringfence.verdicts.error_control import MIN_SCAN_SIZE

FIRST_SEED: Final = 101
USERS: Final = 2_500
CREW_USERS: Final = 1_200
"""Readers beside a crew. The search for rings takes most of the time."""
CHANGED: Final = 40
THIEVES: Final = 20
NIGHTS: Final = (3, 7, 14)
PER_NIGHT: Final = (10, 20, 40, 80)
CREW_PER_NIGHT: Final = (5, 10, 20)
PLACES: Final[Mapping[str, Callable[[Life, int], Life]]] = {
    "a network and client for each login": lambda life, _: life,
    "one network and client": in_one_place,
}
"""Where the logins of a crew are used."""
RATE: Final = 0.01


def kind_of(name: str) -> str:
    """Return the kind of an account."""
    return name.rsplit("-", 1)[0]


def found_by_past(events: Columns) -> tuple[Counter[str], Counter[str]]:
    """Return the accounts that are found, and those that could be measured, by kind."""
    with small_ledger(events, kind="general") as context:
        past = measure_own_past(context.engine)
        rows = context.engine.rows("SELECT account_key, account FROM accounts")
    names = {int(key): kind_of(str(name)) for key, name in rows}
    kinds = [names[int(key)] for key in past.keys]
    found = 2 * past.p_values * MIN_SCAN_SIZE <= 1
    return Counter(np.array(kinds, dtype=object)[found]), Counter(kinds)


def busier_than_all_users(events: Columns) -> Counter[str]:
    """Return the accounts whose busiest day has more items than that of any honest account.

    This is the query that an analyst would write first, with a threshold that knows the truth.
    """
    day = (events["ts"] - events["ts"].min()).astype("timedelta64[D]").astype(np.int64)
    _, account = np.unique(events["account"], return_inverse=True)
    names = np.unique(events["account"])
    per_day = Counter(zip(account.tolist(), day.tolist(), strict=True))
    most: Counter[int] = Counter()
    for (one, _), items in per_day.items():
        most[one] = max(most[one], items)
    kinds = [kind_of(str(name)) for name in names]
    limit = max(items for one, items in most.items() if not kinds[one].startswith("thief"))
    return Counter(kinds[one] for one, items in most.items() if items > limit)


def honest_rows(seeds: range) -> list[tuple[str, ...]]:
    """Return one row per kind of change: accounts, measured, and found."""
    lives: Mapping[str, tuple[int, Life]] = {
        name: (USERS if name == "no change" else CHANGED, life)
        for name, life in {**HONEST, **AT_OTHER_HOURS}.items()
    }
    found: Counter[str] = Counter()
    measured: Counter[str] = Counter()
    for seed in seeds:
        one, of = found_by_past(people(lives, seed))
        found += one
        measured += of
    return [
        (name, f"{accounts * len(seeds):,}", f"{measured[name]:,}", f"{found[name]:,}")
        for name, (accounts, _) in lives.items()
    ]


def thief_rows(seeds: range) -> list[tuple[str, ...]]:
    """Return one row per number of nights: shares of thieves that are found, by their own past."""
    users = {"no change": (USERS, HONEST["no change"])}
    rows = []
    for nights in NIGHTS:
        cells = []
        thieves = {f"thief {rate}": (THIEVES, thief(nights, rate)) for rate in PER_NIGHT}
        found: Counter[str] = Counter()
        busy: Counter[str] = Counter()
        for seed in seeds:
            events = people({**users, **thieves}, seed)
            found += found_by_past(events)[0]
            busy += busier_than_all_users(events)
        for rate in PER_NIGHT:
            name, all_of = f"thief {rate}", THIEVES * len(seeds)
            cells.append(f"{share(found[name], all_of)}; {busy[name] / all_of:.0%}")
        rows.append((str(nights), *cells, f"{found['no change']:,}"))
    return rows


def share(found: int, all_of: int) -> str:
    """Return a share with its exact 95 % interval."""
    estimate = estimate_share(found, all_of)
    return f"{estimate.mean:.0%} ({estimate.low:.0%} – {estimate.high:.0%})"


def crew_rows(seeds: range) -> list[tuple[str, ...]]:
    """Return one row per place and articles per night of a crew: found alone, and in any finding.

    The last number of a row is that of the honest accounts in any finding.
    """
    users = {
        "no change": (CREW_USERS, HONEST["no change"]),
        **{name: (CHANGED, HONEST[name]) for name in ("new work", "examination")},
    }
    rows = []
    for place, rate in product(PLACES, CREW_PER_NIGHT):
        alone = together = honest = 0
        for seed in seeds:
            life = PLACES[place](thief(14, rate, crew=True), THIEVES)
            own, either = _crew_found(people({**users, "crew": (THIEVES, life)}, seed))
            alone += own["crew"]
            together += either["crew"]
            honest += sum(either.values()) - either["crew"]
        all_of = THIEVES * len(seeds)
        shares = share(alone, all_of), share(together, all_of)
        rows.append((place, str(rate), *shares, str(honest)))
    return rows


def _crew_found(events: Columns) -> tuple[Counter[str], Counter[str]]:
    """Return the accounts that are suspects alone, and those in any finding, by kind."""
    with small_ledger(events, kind="general") as context:
        scored = judge(context, lambda _: None)
        verdicts = combine(scored, find_rings(context, scored), RATE)
    kinds = np.array([kind_of(str(name)) for name in scored.accounts["account"]], dtype=object)
    own = verdicts.labels != ""
    either = own.copy()
    for ring in verdicts.rings:
        either[ring.rows] = True
    return Counter(kinds[own]), Counter(kinds[either])


def text(seeds: range) -> str:
    """Return the tables as Markdown."""
    honest = table(["change of life", "accounts", "measured", "found"], honest_rows(seeds))
    thieves = table(
        ["nights", *(f"{rate} articles per night" for rate in PER_NIGHT), "users found"],
        thief_rows(seeds),
    )
    crew = table(
        [
            "used from", "articles per night", "found alone", "in any finding",
            "honest accounts in any finding",
        ],
        crew_rows(seeds),
    )  # fmt: skip
    return (
        f"{len(seeds)} seeds, {USERS:,} readers each, {DAYS} days.\n\n{honest}\n\n"
        f"Share of stolen logins that are found, of {THIEVES} per cell and seed, with 95 % "
        "intervals. Behind the semicolon: with a limit on items per day that no honest account "
        f"passes.\n\n{thieves}\n\n"
        f"{THIEVES} stolen logins that work through one list for 14 nights, beside {CREW_USERS:,} "
        f"readers:\n\n{crew}"
    )


def main() -> None:
    """Measure, and write or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    publish(
        "stolen_logins",
        text(range(FIRST_SEED, FIRST_SEED + arguments.seeds)),
        arguments.write,
    )


if __name__ == "__main__":
    main()
