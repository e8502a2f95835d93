"""Test that a joined ledger equals the ledger of all events folded together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ringfence.engine import literal
from ringfence.lab.evaluate import Population
from ringfence.lab.evaluate.growing_ledger import ACCOUNT_TABLES, GrowingLedger, joint_context
from ringfence.lab.evaluate.planting import PlantedAttack, plant
from ringfence.lab.evaluate.replay import attack_events
from ringfence.lab.evaluate.scored_ledger import score_ledger
from ringfence.lab.simulate.extractors import Even, Stolen, Strategy

TABLES = (*ACCOUNT_TABLES, "items")


def rows(ledger: GrowingLedger, table: str) -> list[tuple[object, ...]]:
    """Return a table's rows in a fixed order."""
    return ledger.engine.rows(f"FROM {table} ORDER BY ALL")


def whole(population: Population, planted: PlantedAttack) -> GrowingLedger:
    """Fold population and attack together, up to the attack's end."""
    attack = f"SELECT * FROM read_parquet({literal(str(planted.events))})"
    select = f"SELECT * FROM {population.relation} UNION ALL BY NAME {attack}"
    ledger = GrowingLedger(select, population.settings)
    ledger.advance(planted.end)
    return ledger


@pytest.mark.slow
@pytest.mark.parametrize(
    "strategy",
    [Even(accounts=2, per_day=300, days=3), Stolen(accounts=5, per_day=40, days=3)],
    ids=lambda strategy: strategy.name,
)
def test_joined_is_folded_together(linked: Population, tmp_path: Path, strategy: Strategy) -> None:
    """Joined slices of both give the same rows and p-values as one fold of all events."""
    planted = plant(linked, "x", strategy, seed=1, first_day=4, days=3, scratch=tmp_path)
    with (
        whole(linked, planted) as together,
        GrowingLedger(f"SELECT * FROM {linked.relation}", linked.settings) as users,
        GrowingLedger(attack_events(linked, planted), linked.settings) as attack,
    ):
        for moment in (planted.start, planted.start + 5_000, planted.end):
            users.advance(moment)
            attack.advance(moment)
        assert all(rows(users, table) for table in ("devices", "payments", "signups"))
        before = {table: rows(users, table) for table in TABLES}
        with joint_context(users, attack) as context, joint_context(together) as other:
            for table in TABLES:
                assert rows(users, table) == rows(together, table), table
            scored = [score_ledger(one, linked.settings, 0).scored for one in (context, other)]
        assert np.array_equal(scored[0].p_values, scored[1].p_values)
        assert {table: rows(users, table) for table in TABLES} == before
        assert "portfolio" not in users.engine.tables()


def test_a_ledger_cannot_go_back(hundred: Population) -> None:
    """A moment before the present one raises an error."""
    with GrowingLedger(f"SELECT * FROM {hundred.relation}", hundred.settings) as ledger:
        ledger.advance(hundred.start + 86400)
        with pytest.raises(ValueError, match="already at"):
            ledger.advance(hundred.start)
