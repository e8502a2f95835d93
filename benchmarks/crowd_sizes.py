"""Measure at which size a crawl through many visitors is found: addresses by pages.

    python -m benchmarks.crowd_sizes [--situation NAME ...] [--seeds 3] [--keep FILE]
        [--write docs/evaluation.md]

Every cell is a situation with other numbers of addresses and of pages, scanned as a whole among the
situation's 8,000 honest visitors. A run takes 6 to 15 CPU-seconds. With ``--keep``, the cells of
earlier calls are in a file, and the tables have those too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

from benchmarks.page import publish, table
from benchmarks.situation_runs import cell, measure_missing, options_of

from ringfence.lab.evaluate import SituationOutcome, measure_situation
from ringfence.lab.evaluate.summary import estimate_mean
from ringfence.lab.simulate import load_scenario
from ringfence.settings import Settings

CRAWLS: Final = {
    "crawl-4000x3": "random pages, usual clients",
    "crawl-600-forged": "random pages, forged browsers of 371 networks",
    "crawl-6000-ipv6": "random pages, one server with IPv6 addresses",
    "crawl-500-false-robot": "random pages, the name of a search engine",
    "crawl-800x15": "in the order of the site map, usual clients",
}
"""Order and common attributes of the visitors of each situation."""

ADDRESSES: Final = (200, 400, 800, 1_600)
PAGES: Final = (3, 8, 15)


@dataclass(frozen=True)
class Cell:
    """One size of a crawl with one seed.

    Attributes:
        addresses: visitors of the crawl.
        pages: pages of each visitor.
        scan: what the scan found.
    """

    addresses: int
    pages: int
    scan: SituationOutcome


def measure(situation: str, addresses: int, pages: int, seed: int, scratch: Path) -> Cell:
    """Scan one situation of another size.

    Args:
        situation: one of :data:`CRAWLS`.
        addresses: visitors of the crawl.
        pages: pages of each visitor.
        seed: number of the run; 0 has the seed of the permanent scenario.
        scratch: an existing folder.
    """
    scenario = load_scenario(situation)
    (attack,) = scenario.attack
    size = {"parameters": {"accounts": addresses, "pages": pages}}
    scenario = scenario.model_copy(update={"attack": (attack.model_copy(update=size),)})
    return Cell(addresses, pages, measure_situation(scenario, seed, Settings(), scratch))


def text(cells: Sequence[Cell]) -> str:
    """Return the tables as Markdown."""
    honest = sum(one.scan.honest_found for one in cells)
    accused = sum(one.scan.honest_accused for one in cells)
    most = max(one.scan.honest_found for one in cells)
    users = sum(one.scan.users for one in cells)
    return (
        "Mean share of the visitors that are in one finding. Means have 95 % intervals where three "
        "seeds differ. With a dash, no seed gives a finding.\n\n"
        f"{_shares(cells)}\n\n"
        f"Of the {users:,} honest visitors of these {len(cells)} scans, {honest} are in findings, "
        f"at most {most} in one scan, and {accused} are extracting."
    )


def _shares(cells: Sequence[Cell]) -> str:
    header = ("situation", "pages", *(f"{number:,} addresses" for number in ADDRESSES))
    rows = []
    for name, pages in product(CRAWLS, PAGES):
        of_row = [one for one in cells if (one.scan.situation, one.pages) == (name, pages)]
        if of_row:
            shares = (_share([c for c in of_row if c.addresses == number]) for number in ADDRESSES)
            rows.append((f"`{name}`: {CRAWLS[name]}", f"{pages}", *shares))
    return table(header, rows)


def _share(seeds: Sequence[Cell]) -> str:
    """Return the mean share in one finding, and the number of seeds."""
    found = sum(one.scan.together > 0 for one in seeds)
    number = "1 seed" if len(seeds) == 1 else f"{len(seeds)} seeds"
    if not found:
        return f"–; {number}"
    share = cell(estimate_mean([one.scan.together / one.scan.accounts for one in seeds]), ".0%")
    return f"{share}; {number}" if found == len(seeds) else f"{share}; {found} of {number}"


def main() -> None:
    """Run all sizes with all seeds and publish the tables."""
    options = options_of(__doc__, list(CRAWLS))
    cells = measure_missing(
        product(options.situation, ADDRESSES, PAGES, range(options.seeds)),
        lambda run, scratch: measure(*run, scratch),
        run_of=lambda one: (one.scan.situation, one.addresses, one.pages, one.scan.seed),
        read=lambda row: Cell(row["addresses"], row["pages"], SituationOutcome(**row["scan"])),
        keep=options.keep,
    )
    publish("crowd_sizes", text(cells), options.write)


if __name__ == "__main__":
    main()
