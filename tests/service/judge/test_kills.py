"""A judge that is killed at any step neither loses an event nor counts one twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_a_kill_at_any_step_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """The next process ends with the same ledger, feed and put-aside records as without a kill."""
    command = [sys.executable, "-m", "tests.service.judge.kill_worker", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    places = [line for line in lines if line.startswith(("before", "after"))]
    outcomes = [json.loads(line) for line in lines if line.startswith("[")]
    assert len(outcomes) == len(places) + 1
    steps = {place.split()[1] for place in places}
    assert steps >= {"write_plan", "fold", "write_feed", "put_records_aside", "unlink"}
    holdings, fed, left, aside = outcomes[-1]
    assert holdings == [["ana", "a", 2], ["ana", "c", 1], ["bo", "b", 1], ["cy", "d", 1]]
    assert len(fed) == 4
    assert left == []
    assert len(aside) == 1
    for place, found in zip(places, outcomes, strict=False):
        # The moments and keyed numbers of the feed depend on each folder's own secret.
        assert found[0] == holdings, place
        assert len(found[1]) == len(fed), place
        assert [row[2] for row in sorted(found[1], key=lambda row: row[2])] == sorted(
            row[2] for row in fed
        ), place
        assert found[2:] == [left, aside], place
