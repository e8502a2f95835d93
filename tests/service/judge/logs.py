"""Make the log of a service, and look at what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from ringfence.ledger import Ledger, open_writable
from ringfence.service.event_log import Batch, LogWriter
from ringfence.service.exposure.feed import read_feed
from ringfence.service.files import ServiceFolder
from ringfence.service.judge import SegmentFolder
from ringfence.service.judge.options import record_settings
from ringfence.testing.small_ledger import ONE_THREAD

Record = Mapping[str, object]

SETTINGS = record_settings(ONE_THREAD)


def take(account: str, item: str, second: int) -> Record:
    """Return the record of one access."""
    ts = f"2026-11-0{1 + second // 86_400}T{second % 86_400 // 3600:02}:{second % 3600 // 60:02}:"
    return {"ts": f"{ts}{second % 60:02}Z", "account": account, "item": item, "ip": "203.0.113.9"}


def lines(records: Iterable[Record]) -> bytes:
    """Return records as lines of a batch."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def service(root: Path) -> ServiceFolder:
    """Return the folder of a new service."""
    folder = ServiceFolder(root)
    folder.create()
    return folder


def add_segment(folder: ServiceFolder, *batches: tuple[str, bytes]) -> int:
    """Append batches (stream, records) as one closed segment, and return its number."""
    with LogWriter(folder.log, seconds=3600) as writer:
        writer.append([Batch(stream, "", records) for stream, records in batches])
    return max(int(path.stem) for path in folder.log.glob("*.segment"))


def opened(folder: ServiceFolder) -> Ledger:
    """Open the ledger of a service."""
    return open_writable(folder.ledger, SETTINGS)


def fold(folder: ServiceFolder, notes: list[str] | None = None) -> int:
    """Fold everything that waits, and return the number of folds."""
    ledger = opened(folder)
    said = notes if notes is not None else []
    folds = 0
    try:
        while SegmentFolder(folder, ledger, said.append).fold_waiting():
            folds += 1
    finally:
        ledger.engine.close()
    return folds


def holdings(folder: ServiceFolder) -> list[tuple[str, str, int]]:
    """Return account, item and uses of all holdings, in order."""
    ledger = opened(folder)
    try:
        ledger.compact()
        return ledger.engine.rows(
            "SELECT account, item, uses FROM holdings JOIN accounts USING (account_key) "
            "JOIN items USING (item_key) ORDER BY ALL"
        )
    finally:
        ledger.engine.close()


def fed(folder: ServiceFolder) -> list[tuple[int, int, int]]:
    """Return all rows of the feed, in order."""
    return sorted(tuple(row) for _, rows in read_feed(folder, -1) for row in rows.tolist())


def left(folder: ServiceFolder) -> list[str]:
    """Return the names of what a finished fold leaves nothing of."""
    plan = [folder.fold_plan.name] if folder.fold_plan.exists() else []
    return plan + [path.name for path in folder.log.glob("*.segment")]
