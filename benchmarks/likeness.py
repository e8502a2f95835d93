"""Compare statistics of simulated users with those measured on real people.

``python -m benchmarks.likeness`` makes 1,000 users over 400 days, with the special kinds in their
natural shares, and prints each statistic beside the figure measured on real people. A statistic
matches if it is within 15 %. Largest and smallest values are printed but not matched, because
those of 1,000 people are further out than those of 86.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb
import numpy as np
from benchmarks.page import publish, table

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.users import Mix, Users

ITEMS = 20_000_000
ACCOUNTS = 1_000
DAYS = 400
TOLERANCE = 0.15
WINDOWS = (1, 7, 30, 90, 180, 365)

Figures = dict[str, float]

MEASURED: Figures = {
    "plays per user-day, median": 67, "plays per user-day, p95": 264,
    "plays per user-day, p99": 407, "plays per user-day, max": 2036,
    "distinct items per day, median": 50, "distinct items per day, p95": 197,
    "distinct items per day, p99": 314, "distinct items per day, p99.9": 519,
    "distinct items per day, max": 999,
    "distinct per 30 days, median": 834, "distinct per 30 days, p99": 2802,
    "distinct per 30 days, max": 3747,
    "repeat share in 30 days, median": 0.557, "repeat share in 30 days, p5": 0.273,
    "repeat share in 30 days, p1": 0.153, "repeat share in 30 days, min": 0.053,
    "lifetime repeat share, median": 0.820,
    "active hours per day, p99": 20, "active hours per day, max": 24,
    "plays per user-day, median, ≥ 30 s": 44, "plays per user-day, p95, ≥ 30 s": 175,
    "plays per user-day, p99, ≥ 30 s": 268, "plays per user-day, max, ≥ 30 s": 554,
    "distinct items per day, median, ≥ 30 s": 35, "distinct items per day, p95, ≥ 30 s": 130,
    "distinct items per day, p99, ≥ 30 s": 214, "distinct items per day, p99.9, ≥ 30 s": 307,
    "distinct items per day, max, ≥ 30 s": 445,
    "distinct per 30 days, median, ≥ 30 s": 588, "distinct per 30 days, p99, ≥ 30 s": 2494,
    "distinct per 30 days, max, ≥ 30 s": 3154,
    "repeat share in 30 days, median, ≥ 30 s": 0.528,
    "repeat share in 30 days, p5, ≥ 30 s": 0.242, "repeat share in 30 days, p1, ≥ 30 s": 0.123,
    "repeat share in 30 days, min, ≥ 30 s": 0.037,
    "lifetime repeat share, median, ≥ 30 s": 0.797,
    "active hours per day, p99, ≥ 30 s": 20, "active hours per day, max, ≥ 30 s": 24,
    "new after 60 days, per 30 days, median": 255, "new after 60 days, per 30 days, p99": 1226,
    "new after 60 days, per 30 days, max": 2072,
    "share of plays under 30 s": 0.35,
    "new in the best 1 day, median person": 136, "new in the best 1 day, p95 person": 421,
    "new in the best 7 days, median person": 383, "new in the best 7 days, p95 person": 900,
    "new in the best 30 days, median person": 908, "new in the best 30 days, p95 person": 2138,
    "new in the best 90 days, median person": 1878, "new in the best 90 days, p95 person": 4372,
    "new in the best 180 days, median person": 2889, "new in the best 180 days, p95 person": 6942,
    "new in the best 365 days, median person": 4866, "new in the best 365 days, p95 person": 9837,
}  # fmt: skip
"""Figures of real people (DESIGN 11): streaming histories of 86 people, and for the frontier of new
items 10 scrobbling histories too."""


def main() -> None:
    """Make the users, print the table, and write it where asked."""
    options = _options()
    users = Users(
        CatalogueLaw.of(options.items), Mix.natural(options.accounts),
        days=options.days, weekday=0, seed=options.seed,
    )  # fmt: skip
    simulated = figures(plays_of(users))
    rows = [_row(name, value, simulated[name]) for name, value in MEASURED.items()]
    header = ("statistic", "real people", "simulated", "ratio")
    missed = outside(simulated)
    note = (
        f"{options.accounts:,} users over {options.days} days, seed {options.seed}; "
        f"{len(missed)} of {len(MEASURED)} outside ± {TOLERANCE:.0%}."
    )
    publish("likeness", f"{table(header, rows)}\n\n{note}", options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--items", type=int, default=ITEMS, help="size of the catalogue")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    return parser.parse_args()


def _row(name: str, measured: float, simulated: float) -> tuple[str, ...]:
    ratio = simulated / measured
    mark = " (outside)" if name in outside(MEASURED | {name: simulated}) else ""
    digits = ",.3f" if measured < 1 else ",.0f"
    return (name, f"{measured:{digits}}", f"{simulated:{digits}}", f"{ratio:.2f}{mark}")


def outside(simulated: Figures, tolerance: float = TOLERANCE) -> list[str]:
    """Return the statistics that differ by more than the tolerance; extremes are left out."""
    return [
        name
        for name, measured in MEASURED.items()
        if abs(simulated[name] / measured - 1.0) > tolerance
        and not name.removesuffix(", ≥ 30 s").endswith((", max", ", min"))
    ]


def plays_of(users: Users) -> duckdb.DuckDBPyConnection:
    """Put all plays of users into a table ``plays``: person, day and hour (UTC), item, heard."""
    con = duckdb.connect()
    con.execute("SET threads = 2")
    con.execute("CREATE TABLE plays (person INT, day INT, hour TINYINT, item BIGINT, heard BOOL)")
    for takes in users.block(0, users.accounts):
        day, rest = np.divmod(takes.second, 86_400)
        columns = {"person": takes.account.astype(np.int32), "day": day.astype(np.int32),
                   "hour": (rest // 3600).astype(np.int8), "item": takes.item,
                   "heard": takes.seconds >= 30}  # fmt: skip
        con.register("made", columns)
        con.execute("INSERT INTO plays SELECT person, day, hour, item, heard FROM made")
        con.unregister("made")
    return con


def figures(con: duckdb.DuckDBPyConnection) -> Figures:
    """Compute all statistics of a table made by :func:`plays_of`.

    Days are those of UTC. Windows of 30 days follow each other from a person's first day. Windows
    that are empty or cut off by the end of the data are left out.
    """
    found = _of_plays(con, "plays")
    con.execute("CREATE OR REPLACE TEMP VIEW heard_plays AS FROM plays WHERE heard")
    found |= {f"{name}, ≥ 30 s": value for name, value in _of_plays(con, "heard_plays").items()}
    return found | _novelty(con)


def _of_plays(con: duckdb.DuckDBPyConnection, plays: str) -> Figures:
    days = con.execute(f"""
        WITH days AS (
            SELECT count(*) AS plays, count(DISTINCT item) AS items, count(DISTINCT hour) AS hours
            FROM {plays} GROUP BY person, day)
        SELECT quantile_cont(plays, [0.5, 0.95, 0.99, 1]),
            quantile_cont(items, [0.5, 0.95, 0.99, 0.999, 1]), quantile_cont(hours, [0.99, 1])
        FROM days""").fetchall()[0]
    windows = con.execute(f"""
        WITH spans AS (SELECT person, min(day) AS first, max(day) AS last
                       FROM {plays} GROUP BY person),
        windows AS (
            SELECT count(*) AS plays, count(DISTINCT item) AS items
            FROM {plays} JOIN spans USING (person)
            WHERE (day - first) // 30 < (last - first + 1) // 30
            GROUP BY person, (day - first) // 30)
        SELECT quantile_cont(items, [0.5, 0.99, 1]),
            (SELECT quantile_cont(1 - items / plays, [0.5, 0.05, 0.01, 0])
             FROM windows WHERE plays >= 200)
        FROM windows""").fetchall()[0]
    lives = con.execute(f"""
        SELECT median(share) FROM (SELECT 1 - count(DISTINCT item) / count(*) AS share
                                   FROM {plays} GROUP BY person)""").fetchall()[0]
    return (
        _named("plays per user-day", ("median", "p95", "p99", "max"), days[0])
        | _named("distinct items per day", ("median", "p95", "p99", "p99.9", "max"), days[1])
        | _named("active hours per day", ("p99", "max"), days[2])
        | _named("distinct per 30 days", ("median", "p99", "max"), windows[0])
        | _named("repeat share in 30 days", ("median", "p5", "p1", "min"), windows[1])
        | _named("lifetime repeat share", ("median",), list(lives))
    )


def _novelty(con: duckdb.DuckDBPyConnection) -> Figures:
    con.execute("""
        CREATE OR REPLACE TEMP TABLE news AS
        WITH firsts AS (SELECT person, item, min(day) AS day FROM plays GROUP BY person, item)
        SELECT person, day, count(*) AS new, min(day) OVER (PARTITION BY person) AS first
        FROM firsts GROUP BY person, day""")
    sums = ", ".join(
        f"sum(new) OVER (PARTITION BY person ORDER BY day RANGE BETWEEN {span - 1} PRECEDING "
        f"AND CURRENT ROW) AS best_{span}"
        for span in WINDOWS
    )
    best = ", ".join(f"quantile_cont(best_{span}, [0.5, 0.95])" for span in WINDOWS)
    most = ", ".join(f"max(best_{span}) AS best_{span}" for span in WINDOWS)
    frontier = con.execute(f"""
        WITH sums AS (SELECT person, {sums} FROM news),
        most AS (SELECT {most} FROM sums GROUP BY person)
        SELECT {best} FROM most""").fetchall()[0]
    later = con.execute("""
        WITH windows AS (
            SELECT sum(new) AS new FROM news WHERE day - first >= 60
                AND (day - first) // 30 < ((SELECT max(day) FROM news) - first + 1) // 30
            GROUP BY person, (day - first) // 30)
        SELECT quantile_cont(new, [0.5, 0.99, 1]) FROM windows""").fetchall()[0]
    skips = con.execute("SELECT avg(CASE WHEN heard THEN 0 ELSE 1 END) FROM plays").fetchall()[0]
    found = _named("new after 60 days, per 30 days", ("median", "p99", "max"), later[0])
    for span, quantiles in zip(WINDOWS, frontier, strict=True):
        plural = "day" if span == 1 else "days"
        names = ("median person", "p95 person")
        found |= _named(f"new in the best {span} {plural}", names, quantiles)
    return found | {"share of plays under 30 s": skips[0]}


def _named(what: str, quantiles: tuple[str, ...], values: list[float]) -> Figures:
    return {f"{what}, {name}": float(value) for name, value in zip(quantiles, values, strict=True)}


if __name__ == "__main__":
    main()
