"""The p-values of honest kinds are valid: no test gives a kind, or everybody, too many small ones.

Each scan has 540 usual accounts and 60 of one kind. ``benchmarks.honest_p_values`` measures all
kinds in larger populations, and explains the bound.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pytest
from benchmarks.fairness import scenario_of
from benchmarks.honest_p_values import exceeded, joined
from benchmarks.p_value_scans import ScanPValues, by_test

import ringfence
from ringfence.lab.simulate import read_truth, write_scenario
from ringfence.stats.arrays import Flags

KINDS: Final = ("sync", "pages", "room", "feed", "class")
ACCOUNTS: Final = 600
SHARE: Final = 0.1

CELLS: Final = 100
"""Questions at each level: about ten tests, for five kinds and for the population of each."""


def beyond(result: ringfence.ScanResult, chosen: Flags) -> dict[str, str]:
    """Return the tests whose p-values are too small for the chosen accounts, and how often."""
    one = joined([ScanPValues("", None, 0, chosen.size, by_test(result, chosen))])
    found = {test: exceeded(values, CELLS, one.share) for test, values in one.by_test.items()}
    return {test: said for test, said in found.items() if said}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_test_gives_a_kind_or_everybody_too_many_small_p_values(
    kind: str, tmp_path: Path
) -> None:
    """At each level, a kind stays within the bound of its share, and everybody within the level."""
    scenario = scenario_of(kind, share=SHARE, accounts=ACCOUNTS, seed=0)
    write_scenario(scenario, tmp_path, processes=1)
    result = ringfence.scan(str(tmp_path / "events" / "*.parquet"))
    kinds = read_truth(tmp_path / "truth.parquet").kinds
    of_account = np.array([kinds[one] for one in result.accounts.column("account")], object)
    assert (of_account == kind).sum() == SHARE * ACCOUNTS
    assert beyond(result, of_account == kind) == {}
    assert beyond(result, np.ones(of_account.size, np.bool_)) == {}
