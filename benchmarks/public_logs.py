"""Compare what two versions read of the public logs of a library proxy, login by login.

    python benchmarks/public_logs.py record OUT.json     count takes and items of every login
    python benchmarks/public_logs.py diff A.json B.json  say what the second reads more or less

The logs are in ``../shared/data/ezpaarse`` (see the README there). The record holds names of
logins and must not be committed. ``diff`` prints numbers only.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Final

from ringfence.engine import open_engine
from ringfence.events import Quarantine, Source, open_source
from ringfence.settings import EngineSettings, Settings

DATA: Final = Path(__file__).parents[2] / "shared" / "data"
LOGS: Final = ("ezpaarse/*.log.gz", "*.log.gz")
Counts = dict[str, dict[str, tuple[int, int]]]


def main() -> None:
    """Run the command line."""
    match sys.argv[1:]:
        case ["record", out]:
            Path(out).write_text(json.dumps(record()))
        case ["diff", before, after]:
            report(json.loads(Path(before).read_text()), json.loads(Path(after).read_text()))
        case _:
            sys.exit(__doc__)


def record() -> Counts:
    """Return takes and distinct items by log and account."""
    return {path.name: counted(path) for pattern in LOGS for path in sorted(DATA.glob(pattern))}


def counted(path: Path) -> dict[str, tuple[int, int]]:
    """Return takes and distinct items by account of one log."""
    with open_engine(EngineSettings()) as engine:
        reading = open_source(
            engine, Source(path, path.name), Settings(), Quarantine(engine.scratch)
        )
        takes: dict[str, int] = defaultdict(int)
        items: dict[str, set[str]] = defaultdict(set)
        first = (
            "CREATE OR REPLACE TEMP TABLE read_events AS SELECT account, item, outcome FROM events",
        )
        more = "INSERT INTO read_events SELECT account, item, outcome FROM events"
        reading.load(engine, first, more, "SELECT count(*) FROM read_events")
        rows = engine.rows("SELECT account, item FROM read_events WHERE outcome IS NULL")
        for account, item in rows:
            takes[account] += 1
            items[account].add(item)
    return {account: (takes[account], len(items[account])) for account in takes}


def report(before: Counts, after: Counts) -> None:
    """Print one line per log."""
    for name, old in before.items():
        new = after[name]
        pairs = [(old.get(who, (0, 0)), new.get(who, (0, 0))) for who in {*old, *new}]
        print(
            f"{name}: {len(old):,} -> {len(new):,} accounts, "
            f"{sum(a for (a, _), _ in pairs):,} -> {sum(b for _, (b, _) in pairs):,} takes, "
            f"{sum(a for (_, a), _ in pairs):,} -> {sum(b for _, (_, b) in pairs):,} items held; "
            f"accounts with fewer takes: {sum(b < a for (a, _), (b, _) in pairs)}, "
            f"with more: {sum(b > a for (a, _), (b, _) in pairs)}, "
            f"with fewer items: {sum(b < a for (_, a), (_, b) in pairs)}, "
            f"with more: {sum(b > a for (_, a), (_, b) in pairs)}"
        )


if __name__ == "__main__":
    main()
