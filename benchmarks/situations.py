"""Measure the crawls and thefts that operators report: what is found, and what two queries name.

    python -m benchmarks.situations [--situation NAME ...] [--seeds 3] [--keep FILE]
        [--write docs/evaluation.md]

Every run is a permanent scenario with an attack of the same name among honest users. Its events
are scanned through the public path, as an operator would scan them. Two queries that an analyst
would write first name as many accounts as the scan has in findings. A run takes 5 to 20
CPU-seconds. With ``--keep``, the outcomes of earlier calls are in a file, and the tables have those
too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

import duckdb
from benchmarks.page import publish, table
from benchmarks.situation_runs import cell, measure_missing, options_of

from ringfence.events.formats.source_columns import path_sql
from ringfence.lab.evaluate import (
    SITUATIONS,
    SituationOutcome,
    SituationSummary,
    measure_situation,
    summarize_situations,
)
from ringfence.lab.evaluate.summary import estimate_mean
from ringfence.lab.simulate import load_scenario, read_truth
from ringfence.settings import Settings

MOST_ITEMS_PER_DAY: Final = """
SELECT account, max(items) AS score
FROM (
  SELECT account, date_trunc('day', ts) AS day, count(DISTINCT item) AS items
  FROM events
  GROUP BY account, day
)
GROUP BY account
"""
"""The first query: distinct items on the busiest day of each account."""

NETWORK: Final = r"regexp_extract(ip, '^(\d+\.\d+\.\d+)\.|^([0-9a-f]*:[0-9a-f]*:[0-9a-f]*):', 0)"
"""The /24 of an IPv4 address, and the /48 of an IPv6 address."""

MOST_ACCOUNTS_WITH: Final = """
WITH pairs AS (SELECT DISTINCT account, {shared} AS shared FROM events),
sizes AS (SELECT shared, count(*) AS accounts FROM pairs GROUP BY shared)
SELECT account, max(accounts) AS score
FROM pairs
JOIN sizes USING (shared)
GROUP BY account
"""
"""The second query: accounts that share the client or the network of each account."""

QUERIES: Final = {
    "items per day": MOST_ITEMS_PER_DAY,
    "accounts per client": MOST_ACCOUNTS_WITH.format(shared="client"),
    "accounts per network": MOST_ACCOUNTS_WITH.format(shared=NETWORK),
}


LEAST: Final = 0.8
"""Least share of an attack's accounts that one finding must hold."""

HARDER: Final = {
    "crawl-600-forged": 0.5,
    "stolen-nights-40": 0.5,
    "stolen-nights-80": 0.5,
    "stolen-crew-20": 0.5,
    "stolen-network-20": 0.5,
    "stolen-lockstep-20": 0.5,
}
"""The least share where honest people are most alike: random pages, and logins beside owners."""

MOST_HONEST: Final = 0.02
"""Largest share of honest accounts in that finding."""


@dataclass(frozen=True)
class Outcome:
    """One situation with one seed.

    Attributes:
        scan: what the scan found.
        named: accounts of the attack that each of :data:`QUERIES` names, if it names as many
            accounts as are in findings.
    """

    scan: SituationOutcome
    named: dict[str, float]


def judge(situation: str, seed: int, scratch: Path) -> Outcome:
    """Measure a situation as ``ringfence evaluate`` does, and ask the queries of its events.

    Args:
        situation: one of :data:`SITUATIONS`.
        seed: number of the run; 0 is the permanent scenario.
        scratch: an existing folder.
    """
    scan = measure_situation(load_scenario(situation), seed, Settings(), scratch)
    extractors = read_truth(scratch / "truth.parquet").extractors
    with duckdb.connect() as connection:
        files = path_sql(scratch / "events", "*.parquet")
        connection.execute(f"CREATE VIEW events AS FROM read_parquet({files})")
        named = {
            name: named_by(connection, query, scan.found + scan.honest_found, extractors)
            for name, query in QUERIES.items()
        }
    return Outcome(scan, named)


def named_by(
    connection: duckdb.DuckDBPyConnection, query: str, number: int, extractors: frozenset[str]
) -> float:
    """Return how many accounts of the attack are among the first of a query.

    Args:
        connection: it has the view ``events``.
        query: a SELECT of accounts with scores.
        number: accounts that are named.
        extractors: the accounts of the attack.
    """
    ranks = connection.execute(
        "SELECT count(*), count(*) FILTER (list_contains($extractors, account)) "
        f"FROM ({query}) GROUP BY score ORDER BY score DESC",
        {"extractors": sorted(extractors)},
    ).fetchall()
    return among_first(ranks, number)


def meets_target(scan: SituationOutcome) -> bool:
    """Return whether one finding holds enough of the attack's accounts and few honest ones."""
    least = HARDER.get(scan.situation, LEAST)
    return scan.together >= least * scan.accounts and scan.honest_share <= MOST_HONEST


def among_first(ranks: Iterable[tuple[int, int]], number: int) -> float:
    """Return how many accounts of the attack are among the first ones of a ranking.

    Args:
        ranks: for each score, highest first: accounts that have it, and those of the attack.
        number: accounts that are named. Among equal scores they are chosen by chance, and the
            result is the expected number.
    """
    left, named = number, 0.0
    for accounts, of_attack in ranks:
        share = min(1.0, left / accounts)
        named += share * of_attack
        left -= min(left, accounts)
    return named


def text(outcomes: Sequence[Outcome]) -> str:
    """Return the tables as Markdown."""
    known = [one for name in SITUATIONS for one in outcomes if one.scan.situation == name]
    summaries = list(summarize_situations([one.scan for one in known]))
    return "\n\n".join((_findings_table(summaries), _queries_table(summaries, known)))


def _findings_table(summaries: Sequence[SituationSummary]) -> str:
    header = (
        "situation", "accounts", "in findings", "in one finding", "honest members of it",
        "its verdict", "items held", "honest in findings", "honest extracting", "CPU-seconds",
    )  # fmt: skip
    rows = [
        (
            one.situation,
            f"{one.accounts:,}",
            cell(one.found, ".1%"),
            cell(one.together, ".1%"),
            cell(one.honest_together, ".1%"),
            ", ".join(one.verdicts),
            cell(one.held, ",.0f"),
            f"{one.honest_found:,} of {one.users:,}",
            f"{one.honest_accused:,}",
            cell(one.cpu, ".1f"),
        )
        for one in summaries
    ]
    return table(header, rows)


def _queries_table(summaries: Sequence[SituationSummary], outcomes: Sequence[Outcome]) -> str:
    rows = []
    for summary in summaries:
        seeds = [one for one in outcomes if one.scan.situation == summary.situation]
        shares = [
            estimate_mean([one.named[query] / one.scan.accounts for one in seeds])
            for query in QUERIES
        ]
        named = estimate_mean([one.scan.found + one.scan.honest_found for one in seeds])
        cells = [cell(share, ".1%") for share in (summary.found, *shares)]
        rows.append((summary.situation, cell(named, ",.0f"), *cells))
    return table(("situation", "accounts named", "Ringfence", *QUERIES), rows)


def main() -> None:
    """Run the situations with all seeds and publish the tables."""
    options = options_of(__doc__, SITUATIONS)
    outcomes = measure_missing(
        product(options.situation, range(options.seeds)),
        lambda run, scratch: judge(*run, scratch),
        run_of=lambda one: (one.scan.situation, one.scan.seed),
        read=lambda row: Outcome(SituationOutcome(**row["scan"]), row["named"]),
        keep=options.keep,
    )
    publish("situations", text(outcomes), options.write)


if __name__ == "__main__":
    main()
