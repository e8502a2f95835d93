"""The truth of a scenario, read back from its file."""

from __future__ import annotations

from pathlib import Path

from ringfence.lab.simulate import Scenario, read_truth, write_scenario


def test_accounts_by_kind_and_by_attack(tmp_path: Path) -> None:
    """Each account is an honest user or an extractor; a stolen account is an extractor only."""
    scenario = Scenario.model_validate(
        {
            "days": 2,
            "catalogue": {"items": 5_000},
            "users": {"accounts": 50, "kinds": {"shop": 3, "casual": 10, "follower": 0,
                                                "family": 0, "newcomer": 0, "collector": 0,
                                                "binger": 0, "shuffler": 0}},
            "attack": [
                {"name": "stolen", "parameters": {"accounts": 2, "days": 1}},
                {"name": "ring-random", "parameters": {"accounts": 4, "per_day": 5}},
            ],
        }
    )  # fmt: skip
    write_scenario(scenario, tmp_path, processes=1)
    truth = read_truth(tmp_path / "truth.parquet")
    assert len(truth.kinds) == 54
    assert len(truth.of_kind("shop")) == 3
    assert len(truth.of_kind("ordinary", "casual")) == 50 - 3 - 2
    assert len(truth.of_attack("stolen")) == 2
    assert {truth.kinds[account] for account in truth.of_attack("stolen")} == {"ordinary"}
    assert truth.extractors == truth.of_attack("stolen", "ring-random")
    assert truth.users == frozenset(truth.kinds) - truth.extractors
    assert not truth.of_attack("greedy")
