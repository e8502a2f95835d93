"""A scan of the service reads the catalogue and the accounts table that the settings name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.service.judge.logs import add_segment, fold, service
from tests.service.judge.test_running import batches

from ringfence.service.files import ServiceFolder
from ringfence.service.judge.scanning import ScanOutcome, scan_ledger
from ringfence.service.judge.snapshot import take_snapshot
from ringfence.testing import extractor, together, users
from ringfence.testing.small_ledger import ONE_THREAD

ITEMS = 50_000


def scanned(folder: ServiceFolder, **tables: Path) -> ScanOutcome:
    """Scan a copy of the ledger with the operator's tables."""
    names = {name: str(path) for name, path in tables.items()}
    own = ONE_THREAD.service.model_copy(update=names)
    take_snapshot(folder)
    return scan_ledger(folder, ONE_THREAD.model_copy(update={"service": own}))


@pytest.mark.slow
def test_the_tables_of_the_settings_are_read(tmp_path: Path) -> None:
    """Coverage is a share of the whole catalogue, and a finding has plan and titles."""
    folder = service(tmp_path / "service")
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    for records in batches(together(users(60), bold), 1):
        add_segment(folder, ("http", records))
    fold(folder)
    catalogue, accounts = tmp_path / "items.csv", tmp_path / "accounts.csv"
    listed = "".join(f"item-{item:07d},Title {item}\n" for item in range(ITEMS))
    catalogue.write_text(f"item,title\n{listed}")
    accounts.write_text("account,plan\nbold,campus\nuser-0,family\n")
    assert scanned(folder, catalogue=catalogue, accounts=accounts).findings == 1
    (line,) = (folder.report / "findings.jsonl").read_text().splitlines()
    told = json.loads(line)
    assert told["coverage"]["catalogue"] == pytest.approx(told["items"] / ITEMS, rel=0.01)
    assert told["details"]["plan"] == "campus"
    assert told["sample"][0]["title"].startswith("Title ")
    accounts.unlink()
    assert "accounts.csv" in scanned(folder, catalogue=catalogue, accounts=accounts).error
