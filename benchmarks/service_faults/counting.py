"""Count what the ledger of a service has, and compare it with what its clients were told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.service_faults.running import RunningService, wait_until
from tests.service.judge.logs import opened

from ringfence.service.event_log import closed_segments

_PATIENCE: Final = 180.0


@dataclass(frozen=True)
class Count:
    """The events of a service in the end. Each event is about an item of its own.

    Attributes:
        sent: events that were acknowledged, and lines that were written.
        found: different events in the ledger.
        uses: events that the ledger counts.
        aside: files with records that were put aside.
    """

    sent: int
    found: int
    uses: int
    aside: int

    @property
    def lost(self) -> int:
        """Events that are missing."""
        return self.sent - self.found

    @property
    def twice(self) -> int:
        """Events that were counted too often."""
        return self.uses - self.found


def wait_for_folds(service: RunningService) -> float:
    """Wait until everything was read and folded, and return the seconds."""

    def done() -> bool:
        waiting = [
            one for log in (service.folder.log, service.folder.tail_log) for one in _files(log)
        ]
        sources = service.status("tailer").get("sources", [])
        return bool(sources) and not waiting and not any(one["behind"] for one in sources)

    return wait_until(done, _PATIENCE, service)


def count(service: RunningService, sent: int) -> Count:
    """Count the events in the ledger of a service that has stopped."""
    ledger = opened(service.folder)
    with ledger.engine as engine:
        ledger.compact()
        found, uses = engine.rows("SELECT count(*), coalesce(sum(uses), 0) FROM holdings")[0]
    aside = service.folder.aside
    return Count(
        sent, int(found), int(uses), len(list(aside.glob("*.txt"))) if aside.is_dir() else 0
    )


def _files(log: Path) -> list[Path]:
    return [*closed_segments(log), *log.glob("*.open")]
