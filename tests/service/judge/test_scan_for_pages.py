"""A scan of the service measures what open cases hold, and draws the charts of their pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.policy.days import write_days
from tests.service.questions.live_ledger import held_ledger, settings_of

from ringfence.cases import Act, Author, dismiss, open_store
from ringfence.cases.moments import now
from ringfence.service.files import ServiceFolder
from ringfence.service.judge.scanning import scan_ledger
from ringfence.service.judge.snapshot import take_snapshot


@pytest.mark.slow
def test_open_cases_have_coverage_and_charts(tmp_path: Path) -> None:
    """Both follow the cases: a dismissed one holds nothing, and the charts of a lost one go."""
    folder, settings = ServiceFolder(tmp_path / "live"), settings_of()
    folder.create()
    with held_ledger(folder, write_days(tmp_path, days=3, greedy_from=1)):
        take_snapshot(folder)
        folder.charts.mkdir(exist_ok=True)
        (folder.charts / "99.json").write_text("{}")
        first = scan_ledger(folder, settings)
        assert first.error == ""
        assert first.findings == 1
        # greedy holds items 1,000 to 2,999; the others hold 60 items of their own.
        assert first.at_risk["accounts"] == 1
        assert first.at_risk["items"] == 2_000
        assert first.at_risk["catalogue"] == pytest.approx(2_000 / 2_060)
        assert 0 < first.at_risk["use"] < 1
        drawn = json.loads((folder.charts / "1.json").read_text())
        assert {"over_time", "hours", "standing"} <= set(drawn)
        assert drawn["over_time"].startswith("<svg")
        assert [path.name for path in folder.charts.glob("*")] == ["1.json"]
        with open_store(folder.cases) as store, store.writing() as connection:
            dismiss(connection, 1, "a library", Act(Author("Mia"), now()))
        again = scan_ledger(folder, settings)
    assert again.error == ""
    assert again.at_risk == {"accounts": 0, "items": 0, "catalogue": 0.0, "use": 0.0}
