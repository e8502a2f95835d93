"""A scan reads a copy of the ledger, and its rings come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.service.judge.logs import (
    SETTINGS,
    add_segment,
    fold,
    holdings,
    lines,
    opened,
    service,
    take,
)
from tests.service.judge.test_running import Judge, started

from ringfence.errors import LedgerError
from ringfence.ledger import Ledger, open_writable
from ringfence.service.files import ServiceFolder
from ringfence.service.judge.snapshot import bring_rings_back, take_snapshot
from ringfence.service.judge.upkeep import age_if_due

__all__ = ["started"]

RINGS = "SELECT ring, account_key FROM rings ORDER BY ALL"


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return the folder of a service with one fold."""
    found = service(tmp_path / "service")
    add_segment(found, ("http", lines([take("ana", "a", 10)])))
    fold(found)
    return found


@pytest.fixture
def ledger(folder: ServiceFolder) -> Iterator[Ledger]:
    """Return the open ledger of the service."""
    book = opened(folder)
    yield book
    book.engine.close()


def test_the_copy_has_everything_and_changes_alone(folder: ServiceFolder, ledger: Ledger) -> None:
    """It has changes that are in the log only, and the ledger stays open meanwhile."""
    ledger.engine.run("INSERT INTO rings VALUES ('ring-1', 7)")
    take_snapshot(folder)
    copy = open_writable(folder.scan_ledger, SETTINGS)
    assert copy.engine.rows(RINGS) == [("ring-1", 7)]
    copy.compact()
    assert copy.engine.rows("SELECT count(*) FROM holdings") == [(1,)]
    copy.engine.run("DELETE FROM rings")
    copy.engine.run("INSERT INTO rings VALUES ('ring-1', 8), ('ring-2', 18446744073709551615)")
    copy.engine.close()
    assert ledger.engine.rows(RINGS) == [("ring-1", 7)]
    assert bring_rings_back(folder, ledger, SETTINGS)
    assert ledger.engine.rows(RINGS) == [("ring-1", 8), ("ring-2", 18446744073709551615)]
    assert not list(folder.root.glob("scan.duckdb*"))
    assert not bring_rings_back(folder, ledger, SETTINGS)


def test_a_copy_in_use_is_left_alone(folder: ServiceFolder, ledger: Ledger) -> None:
    """As long as a scan has it open, the rings wait."""
    take_snapshot(folder)
    copy = open_writable(folder.scan_ledger, SETTINGS)
    with pytest.raises(LedgerError, match="in use"):
        bring_rings_back(folder, ledger, SETTINGS)
    copy.engine.close()
    assert bring_rings_back(folder, ledger, SETTINGS)


@pytest.mark.slow
def test_a_damaged_copy_stops_no_judge(
    folder: ServiceFolder, started: Callable[..., Judge]
) -> None:
    """A line says that rings may get new names, and folds go on."""
    folder.scan_ledger.write_bytes(b"no ledger")
    add_segment(folder, ("http", lines([take("bo", "b", 10)])))
    judge = started(scan_seconds=1e9)
    judge.until(lambda told: told.get("folds") == 1)
    assert "may get new names" in judge.stop()
    assert holdings(folder) == [("ana", "a", 1), ("bo", "b", 1)]


def test_rows_are_merged_when_many_were_appended(folder: ServiceFolder, ledger: Ledger) -> None:
    """A small number of sources is left alone, and merging changes no holding."""
    assert not age_if_due(ledger)
    assert age_if_due(ledger, least_sources=1)
    assert ledger.appended_rows() == (0, 0, 1)
    assert not age_if_due(ledger, least_sources=1)
    ledger.engine.close()
    assert holdings(folder) == [("ana", "a", 1)]
