"""The benchmarks of honest users and of attacks keep earlier figures beside new ones."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.evaluation_again import earlier
from benchmarks.fairness import SERVICES, earlier_rows, scenario_of, section, without

PAGE = """
## First

| attack | found | work factor |
| --- | --: | --: |
| greedy | 1 / 1 | 9.9 |

## Second

Text.

| attack | found | work factor |
| --- | --: | --: |
| greedy | 1 / 1 | 120.6 (107.1 – 140.9) |
| stolen | 5 / 6 | 8.7 |

| attack | found |
| --- | --: |
| mimic | 0 |
"""


def test_the_figures_before_are_those_of_the_table_that_follows_a_line() -> None:
    """One table is read, and neither the table before it nor the one after."""
    found = earlier(PAGE, "## Second")
    assert found["greedy"] == ("greedy", "1 / 1", "120.6 (107.1 – 140.9)")
    assert found["stolen"][-1] == "8.7"
    assert "mimic" not in found


def test_rows_of_earlier_calls_are_read_back(tmp_path: Path) -> None:
    """Each line of the file is one row; without a file there is none."""
    path = tmp_path / "rows.jsonl"
    assert earlier_rows(path) == earlier_rows(None) == []
    path.write_text(json.dumps(["sync", "20,000"]) + "\n" + json.dumps(["room", "19,788"]) + "\n")
    assert earlier_rows(path) == [("sync", "20,000"), ("room", "19,788")]


def test_other_sizes_have_a_section_of_their_own() -> None:
    """A run with other numbers of accounts does not replace the table of the scenarios."""
    assert section([None]) == "fairness"
    assert section([20_000]) == "fairness in 20,000 accounts"
    assert section([None], ["surface", "group"]) == "fairness without surface and group"


def test_a_log_lacks_the_columns_that_are_left_out() -> None:
    """Only the named columns are missing, and the users are the same."""
    scenario = scenario_of("sync", share=0.01, accounts=None, seed=0)
    bare = without(scenario, ["surface", "group"])
    assert set(scenario.columns) - set(bare.columns) == {"surface", "group"}
    assert (bare.users, bare.seed) == (scenario.users, scenario.seed)


def test_a_service_keeps_its_catalogue() -> None:
    """The scenarios with users of all kinds have the size of catalogue that they name."""
    for name in SERVICES:
        scenario = scenario_of(name, share=None, accounts=None, seed=1)
        assert scenario.users.accounts == 20_000
        assert scenario.catalogue.items in {200_000, 4_000_000}
