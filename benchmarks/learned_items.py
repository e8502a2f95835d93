"""Count the items that are read of each platform's log, and compare them with the truth.

    python benchmarks/learned_items.py [--more] [PLATFORM...]

Columns: records that were requested; items read from these requests, and the difference; requests
of a record without an item; items that stand for two records, or for a
record and a file; records with two items; items read
from searches, lists and log-ins; items read from files with ids of their own. Exit status 1 if a
platform's items are not within 3 %, or an item stands for two records.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from platforms import (
    MORE_PLATFORMS,
    PLATFORMS,
    VARIANT_PLATFORMS,
    Platform,
    Request,
    requests,
)
from ringfence.engine import open_engine
from ringfence.events import Quarantine, Source, open_source
from ringfence.settings import Settings

TOLERANCE: Final = 0.03
SEED: Final = 1
HEADINGS: Final = ("records", "items", "off", "lost", "shared", "split", "noise", "other")


def items_read(truth: Sequence[Request]) -> tuple[dict[datetime, str], str]:
    """Read a log; return the item of each take by its time, searches aside, and the rules."""
    with tempfile.TemporaryDirectory() as folder, open_engine() as engine:
        path = Path(folder, "access.log")
        path.write_text("\n".join(request.line for request in truth) + "\n", encoding="utf-8")
        quarantine = Quarantine(Path(folder))
        reading = open_source(engine, Source(path, path.name), Settings(), quarantine)
        rows = engine.rows(
            "SELECT ts, item FROM events "
            "WHERE outcome IS NULL AND surface IS DISTINCT FROM 'search'"
        )
        rules = reading.choice.preset.name if reading.choice else ""
    return dict(rows), rules


def compare(truth: Sequence[Request], items: dict[datetime, str]) -> tuple[int | float, ...]:
    """Return the figures under :data:`HEADINGS`."""
    records_of: dict[str, set[str]] = defaultdict(set)
    items_of: dict[str, set[str]] = defaultdict(set)
    others: dict[str, set[str]] = {"noise": set(), "other": set()}
    lost = 0
    for request in truth:
        item = items.get(request.moment)
        if request.kind != "record":
            others[request.kind] |= {item} if item else set()
        elif item is None:
            lost += 1
        else:
            records_of[item].add(request.record)
            items_of[request.record].add(item)
    wanted = len({request.record for request in truth if request.kind == "record"})
    return (
        wanted,
        len(records_of),
        len(records_of) / wanted - 1,
        lost,
        sum(len(records) > 1 or item in others["other"] for item, records in records_of.items()),
        sum(len(found) > 1 for found in items_of.values()),
        len(others["noise"]),
        len(others["other"]),
    )


def main(arguments: Sequence[str]) -> int:
    """Print a table, one row per platform."""
    more = (*MORE_PLATFORMS, *VARIANT_PLATFORMS)
    every: tuple[Platform, ...] = more if "--more" in arguments else PLATFORMS
    named = [one for one in arguments if not one.startswith("-")]
    wrong = 0
    print("platform     rules     " + " ".join(f"{one:>7}" for one in HEADINGS))
    for platform in every:
        if named and platform.name not in named:
            continue
        truth = list(requests(platform, SEED))
        items, rules = items_read(truth)
        wanted, found, off, *rest = compare(truth, items)
        wrong += abs(off) > TOLERANCE or rest[1] > 0
        figures = " ".join(f"{one:7,}" for one in rest)
        print(
            f"{platform.name:12} {rules:9} {wanted:7,} {found:7,} {off:+7.1%} {figures}", flush=True
        )
    print(f"{wrong} platforms are read wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
